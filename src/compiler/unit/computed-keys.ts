import type { Table } from '../../schema/table.ts';
import { bigintType, integerType, textType } from '../../types/scalar.ts';
import type { ComputedKeysDialect, Dialect } from '../dialect.ts';
import { tableName } from '../render.ts';
import { guardTag, type InsertOperation, type WriteOperation, type WritePlan } from '../write-plan.ts';
import type { UnitKeys, UnitStatement, Write } from './unit-statement.ts';

/** Where a unit notes keys while it runs; empty outside of one. */
const LEDGER = 'cinnabar_keys';

/**
 * Keys that the database makes, as the highest key of the table plus the row's ordinal, both where the row is inserted and
 * wherever it is referred to. That is exact because a write unit is alone in the database, as long as no trigger makes a
 * key in between: a guard fails the unit where one might, and it is compiled again with its keys noted in a table.
 */
export class ComputedKeys implements UnitKeys {
  readonly #operations: readonly WriteOperation[];
  readonly #dialect: ComputedKeysDialect;
  readonly #write: Write;
  /** Keys that the unit has made so far, and the floor below which it makes none. */
  readonly #made = new Map<Table, number>();
  readonly #floors = new Map<Table, number | bigint>();
  /** Tables whose keys are noted as they are made, and those of which a note is there by now. */
  readonly #kept = new Set<Table>();
  readonly #noted = new Set<Table>();

  constructor({ operations }: WritePlan, dialect: ComputedKeysDialect, write: Write, keepKeys: boolean) {
    this.#operations = operations;
    this.#dialect = dialect;
    this.#write = write;
    for (const operation of operations)
      if (operation.kind === 'insert' && operation.keys) this.#floors.set(operation.table, operation.keys.floor);
    if (keepKeys) this.#keepExposed();
  }

  readonly overriding = '';
  readonly kept: readonly string[] = [];

  /** SQL of the key with ordinal 0: the highest of the table, less those that the unit has made. */
  base(table: Table, statement: UnitStatement, isLatest?: boolean): string {
    const made = this.#made.get(table);
    if (this.#noted.has(table)) {
      const name = statement.bind(tableName(table, statement.dialect), textType);
      return less(`(select "key" from "${LEDGER}" where "name" = ${name})`, made, statement);
    }
    if (made !== undefined) {
      // An INSERT that reads its own table puts its rows aside first. An aggregate is computed once, and not for each row.
      const last = isLatest && `(select max(${statement.dialect.unit.lastKey('')}))`;
      return less(last || highestKey(table, statement.dialect), made, statement);
    }
    const given = statement.bind(this.#floors.get(table) ?? 0, bigintType);
    const once = table.generatedKey!.spec.autoincrement;
    const floor = once ? this.#dialect.usedKey(given, table, (name) => statement.add(name)) : given;
    const key = statement.dialect.quote(table.generatedKey!.name);
    return `(select coalesce(max(${key}), ${floor}) from ${tableName(table, statement.dialect)} where ${key} > ${floor})`;
  }

  key(base: string, ordinal: string): string {
    return `${base} + ${ordinal}`;
  }

  /** Whether an insert of one row has to say its key: mostly the database makes the expected one by itself. */
  mustGive({ table, keys }: InsertOperation): boolean {
    if (!keys || this.#made.has(table)) return false;
    return BigInt(keys.floor) > 0n || keys.references?.early === true;
  }

  failure({ table, keys }: InsertOperation, lastKey: string, dialect: Dialect): string | undefined {
    return keys?.references && `${highestKey(table, dialect)} is distinct from ${lastKey}`;
  }

  /** Takes note of rows that were inserted. */
  made({ table }: InsertOperation, rows: number): void {
    this.#made.set(table, (this.#made.get(table) ?? 0) + rows);
    if (this.#kept.has(table)) this.#note(table, (statement) => highestKey(table, statement.dialect));
  }

  /** Prepares to note the keys of tables that others write while references are still to come. */
  #keepExposed(): void {
    const exposed = this.#operations.filter((operation) => isExposed(operation, this.#operations, () => true));
    if (exposed.length === 0) return;
    this.#write(() => `create table if not exists "${LEDGER}" ("name" text primary key, "key" integer)`);
    for (const { table, keys } of exposed) {
      if (keys!.references!.early) this.#note(table, (statement) => this.base(table, statement));
      this.#kept.add(table);
    }
  }

  #note(table: Table, key: (statement: UnitStatement) => string): void {
    this.#write((statement) => {
      const name = statement.bind(tableName(table, statement.dialect), textType);
      return `insert into "${LEDGER}" ("name", "key") values (${name}, ${key(statement)}) on conflict ("name") do update set "key" = excluded."key"`;
    });
    this.#noted.add(table);
  }

  /**
   * Clears what was noted; or fails the unit where a trigger of another table may have made a key unnoticed.
   *
   * @param isParted whether an operation took several statements.
   */
  finish(isParted: (operation: number) => boolean): void {
    if (this.#kept.size > 0) return this.#write(() => `delete from "${LEDGER}"`);
    const operations = this.#operations;
    const writers = new Set<Table>();
    for (const operation of operations) {
      if (!isExposed(operation, operations, isParted)) continue;
      const { between, last } = operation.keys!.references!;
      const user = operations[last]!;
      for (const table of between) writers.add(table);
      if (isParted(last) && 'table' in user && user !== operation) writers.add(user.table);
    }
    if (writers.size === 0) return;
    const isAny = operations.some(mayCascade);
    if (isAny) for (const operation of operations) if ('table' in operation) writers.add(operation.table);
    this.#write((statement) => {
      const found = this.#dialect.hasTriggers([...writers], isAny, (names) => statement.add(names));
      return statement.dialect.unit.fail(`case when ${found} then '${guardTag('triggers', 0)}' end`);
    });
  }
}

function highestKey(table: Table, dialect: Dialect): string {
  return `(select max(${dialect.quote(table.generatedKey!.name)}) from ${tableName(table, dialect)})`;
}

function less(key: string, made: number | undefined, statement: UnitStatement): string {
  return made ? `${key} - ${statement.bind(made, integerType)}` : key;
}

/** Whether others write between the rows of an insert and the last reference to their keys. */
function isExposed(
  operation: WriteOperation,
  operations: readonly WriteOperation[],
  isParted: (last: number) => boolean,
): operation is InsertOperation {
  const references = operation.kind === 'insert' && operation.keys?.references;
  if (!references) return false;
  const { between, last } = references;
  return between.length > 0 || (operations[last] !== operation && isParted(last));
}

/** Whether an update changes what rows of other tables may refer to: the database may then change those. */
function mayCascade(operation: WriteOperation): boolean {
  if (operation.kind !== 'update') return false;
  const { table, set } = operation;
  return [table.primaryKey, ...table.uniques].some((columns) => columns.some((column) => set.includes(column)));
}
