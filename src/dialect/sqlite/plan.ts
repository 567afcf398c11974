import { compile } from '../../compiler/compile.ts';
import { constant } from '../../compiler/render.ts';
import type { Dialect, PlannedStatement } from '../../compiler/dialect.ts';
import {
  KeyReference,
  UNCHANGED,
  type Cell,
  type CheckOperation,
  type DeleteOperation,
  type InsertOperation,
  type UpdateOperation,
  type WritePlan,
} from '../../compiler/write-plan.ts';
import type { Limits } from '../../compiler/statement.ts';
import { assertNever } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { expressionOf } from '../../sql/expression.ts';
import type { WriteNode } from '../../sql/nodes.ts';
import { sqliteCodec } from './codecs.ts';
import { insertGuard, presenceGuard, rowGuard, triggersGuard, updateGuard } from './guards.ts';
import { quote, quoteTable } from './quote.ts';
import { Parameters, RowSource } from './rows.ts';

/**
 * Compiles a write plan for SQLite. Keys that the database makes are computed in the statements themselves: the highest
 * key of the table plus the row's ordinal, both where the row is inserted and wherever it is referred to. That is exact
 * because a write unit is alone in the database, as long as no trigger makes a key in between: a guard fails the unit
 * where one might, and it is compiled again with `keepKeys`, which notes the keys in a table of its own.
 */
export function planWrites(plan: WritePlan, limits: Limits, dialect: Dialect, keepKeys: boolean): PlannedStatement[] {
  const writer = new UnitWriter(plan, limits, dialect, keepKeys);
  plan.operations.forEach((operation, index) => {
    switch (operation.kind) {
      case 'insert':
        return writer.insert(operation, index);
      case 'update':
        return writer.update(operation, index);
      case 'check':
        return writer.check(operation, index);
      case 'delete':
        return writer.delete(operation);
      case 'statement':
        return writer.statement(operation.statement);
      case 'defer':
        return writer.add(dialect.deferForeignKeys!, new Parameters());
      default:
        return assertNever(operation, 'operation');
    }
  });
  writer.finish(plan);
  return writer.statements;
}

class UnitWriter {
  readonly statements: PlannedStatement[] = [];
  readonly #limits: Limits;
  readonly #dialect: Dialect;
  /** Keys that the unit has made so far, and the floor below which it makes none. */
  readonly #made = new Map<Table, number>();
  readonly #floors = new Map<Table, number | bigint>();
  /** Whether the unit is one row, whose key comes back: then its not coming back says all that a guard could. */
  readonly #isAlone: boolean;
  /** Operations that took several statements. */
  readonly #parted = new Set<number>();
  /** Tables whose keys are noted as they are made, and those of which a note is there by now. */
  readonly #kept = new Set<Table>();
  readonly #noted = new Set<Table>();

  constructor(plan: WritePlan, limits: Limits, dialect: Dialect, keepKeys: boolean) {
    for (const operation of plan.operations) {
      if (operation.kind === 'insert' && operation.firstOrdinal === 1)
        this.#floors.set(operation.table, operation.floor);
    }
    const [first, second] = plan.operations;
    this.#isAlone = first?.kind === 'insert' && first.firstOrdinal === 1 && first.rows.length === 1 && !second;
    this.#limits = limits;
    this.#dialect = dialect;
    if (keepKeys) this.#keepKeys(plan);
  }

  add(sql: string, parameters: { readonly values: Parameters['values'] }, operation?: number, yields = 0): void {
    this.statements.push({ sql, params: parameters.values, operation, yields });
  }

  statement(node: WriteNode): void {
    const { sql, params } = compile(node, this.#dialect, this.#limits);
    this.add(sql, { values: [...params] });
  }

  /** SQL of the key with ordinal 0: the highest of the table, less those that the unit has made. */
  readonly #base = (table: Table, parameters: Parameters): string => {
    const made = this.#made.get(table) ?? 0;
    const isNoted = this.#noted.has(table);
    if (made === 0 && !isNoted) return this.#first(table, parameters);
    const highest = isNoted
      ? `(select "key" from ${LEDGER} where "name" = ${parameters.add(quoteTable(table))})`
      : highestKey(table);
    return made === 0 ? highest : `${highest} - ${parameters.integer(made)}`;
  };

  /** SQL of the key after which the unit makes its first. */
  #first(table: Table, parameters: Parameters): string {
    const floor = parameters.add(String(this.#floors.get(table) ?? 0));
    return `max(coalesce(${highestKey(table)}, 0), cast(${floor} as integer))`;
  }

  /** Prepares to note the keys of tables that others write while references are still to come. */
  #keepKeys({ operations }: WritePlan): void {
    const exposed = operations.filter((operation) => isExposed(operation, operations, () => true));
    if (exposed.length === 0) return;
    this.add(
      `create table if not exists ${LEDGER} ("name" text primary key, "key" integer) without rowid`,
      new Parameters(),
    );
    for (const { table, references } of exposed) {
      if (references!.early) this.#keep(table, (parameters) => this.#first(table, parameters));
      this.#kept.add(table);
    }
  }

  #keep(table: Table, key: (parameters: Parameters) => string): void {
    const parameters = new Parameters();
    const name = parameters.add(quoteTable(table));
    this.add(`insert or replace into ${LEDGER} ("name", "key") values (${name}, ${key(parameters)})`, parameters);
    this.#noted.add(table);
  }

  /** Clears what was noted; or fails the unit where a trigger of another table may have made a key unnoticed. */
  finish({ operations }: WritePlan): void {
    if (this.#kept.size > 0) return this.add(`delete from ${LEDGER}`, new Parameters());
    const writers = new Set<Table>();
    for (const operation of operations) {
      if (!isExposed(operation, operations, (last) => this.#parted.has(last))) continue;
      const { between, last } = operation.references!;
      const user = operations[last]!;
      for (const table of between) writers.add(table);
      if (this.#parted.has(last) && 'table' in user && user !== operation) writers.add(user.table);
    }
    if (writers.size === 0) return;
    const guard = triggersGuard(operations.some(mayCascade) ? undefined : writers);
    this.add(guard.sql, { values: guard.params });
  }

  // ── INSERT

  insert(operation: InsertOperation, index: number): void {
    const { table, columns, rows, firstOrdinal } = operation;
    const source = new RowSource(columns, rows, (firstOrdinal === undefined ? 0 : 1) + mixedColumns(operation).length);
    let done = 0;
    const chunks =
      rows.length === 1 || columns.length === 0
        ? rows.map((row) => [row])
        : source.chunks(rows, (row) => row, this.#limits);
    for (const chunk of chunks) {
      const ordinal = firstOrdinal === undefined ? undefined : firstOrdinal + done;
      if (chunk.length === 1) this.#insertOne(operation, index, chunk[0]!, ordinal);
      else this.#insertMany(operation, index, source, chunk, ordinal);
      done += chunk.length;
      if (ordinal !== undefined) this.#made.set(table, ordinal - 1 + chunk.length);
      this.#afterInsert(operation, index, chunk.length);
    }
    if (chunks.length > 1) this.#parted.add(index);
  }

  #afterInsert(operation: InsertOperation, index: number, rows: number): void {
    if (operation.ignoreExisting || this.#isAlone) return;
    const guard = insertGuard(operation, index, rows);
    this.add(guard.sql, { values: guard.params });
    const { table, firstOrdinal } = operation;
    if (firstOrdinal !== undefined && this.#kept.has(table)) this.#keep(table, () => highestKey(table));
  }

  #insertOne(operation: InsertOperation, index: number, row: readonly Cell[], ordinal: number | undefined): void {
    const { table } = operation;
    const parameters = new Parameters();
    // What another row of the operation gives, this one may leave to the database.
    const given = operation.columns.flatMap((column, at) => (row[at] === undefined ? [] : [{ column, cell: row[at] }]));
    const names = given.map(({ column }) => quote(column.name));
    const cells = given.map(({ column, cell }) => this.#cell(cell, column, parameters));
    // The database makes max + 1 by itself, mostly; a floor asks for more, and an early reference for certainty.
    const asks = BigInt(operation.floor) > 0n || operation.references?.early === true;
    if (ordinal !== undefined && asks && !this.#made.has(table)) {
      names.unshift(quote(table.generatedKey!.name));
      cells.unshift(`${this.#base(table, parameters)} + ${parameters.integer(ordinal)}`);
    }
    const into = `insert into ${quoteTable(table)}`;
    const body = names.length === 0 ? 'default values' : `(${names.join(', ')}) values (${cells.join(', ')})`;
    this.#yield(`${into} ${body}${ignoring(operation)}`, operation, parameters, index, 1);
  }

  #insertMany(
    operation: InsertOperation,
    index: number,
    source: RowSource,
    rows: readonly (readonly Cell[])[],
    ordinal: number | undefined,
  ): void {
    const { table, columns } = operation;
    const parameters = new Parameters();
    const flagged = mixedColumns(operation);
    const leading = (row: number): number[] => [
      ...(ordinal === undefined ? [] : [ordinal + row]),
      ...flagged.map((at) => Number(rows[row]![at] === undefined)),
    ];
    const { from, cell } = source.from(rows, leading, parameters);
    const base = cached((other: Table) => this.#base(other, parameters));
    const names = columns.map((column) => quote(column.name));
    const cells = columns.map((column, at) => {
      const given = source.read(at, cell, base);
      const { defaultSql } = column.spec;
      if (!defaultSql || !operation.rows.some((row) => row[at] === undefined)) return given;
      const made = constant(expressionOf(defaultSql, column.path), this.#dialect);
      const flag = flagged.indexOf(at);
      if (flag < 0) return `coalesce(${given}, ${made})`;
      return `case when ${cell((ordinal === undefined ? 0 : 1) + flag)} then ${made} else ${given} end`;
    });
    if (ordinal !== undefined) {
      names.unshift(quote(table.generatedKey!.name));
      cells.unshift(`${base(table)} + ${cell(0)}`);
    }
    // Without a WHERE, `on conflict` after a FROM would read as that of a join.
    const conflict = operation.ignoreExisting ? ` where true${ignoring(operation)}` : '';
    const sql = `insert into ${quoteTable(table)} (${names.join(', ')}) select ${cells.join(', ')} from ${from}${conflict}`;
    this.#yield(sql, operation, parameters, index, rows.length);
  }

  /** Adds the statement with the RETURNING that its operation asks for: the key, then the columns. */
  #yield(
    sql: string,
    operation: InsertOperation | UpdateOperation,
    parameters: Parameters,
    index: number,
    rows: number,
  ): void {
    const inserts = operation.kind === 'insert' && operation.firstOrdinal !== undefined;
    if (!inserts && operation.returning.length === 0) return this.add(sql, parameters);
    const columns = [...operation.table.primaryKey, ...operation.returning];
    this.add(`${sql} returning ${columns.map(readColumn).join(', ')}`, parameters, index, rows);
  }

  /** A cell as a parameter of its own. */
  #cell(cell: Cell, column: TableColumn, parameters: Parameters): string {
    if (cell instanceof KeyReference) {
      return `${this.#base(cell.table, parameters)} + ${parameters.integer(cell.ordinal)}`;
    }
    return parameters.add(cell === null || cell === undefined ? null : sqliteCodec(column.type).encode(cell));
  }

  // ── UPDATE

  update(operation: UpdateOperation, index: number): void {
    const { key, set, rows, version } = operation;
    const columns = [...key, ...(version ? [version] : []), ...set];
    const cellsOf = (row: UpdateOperation['rows'][number]): Cell[] => [
      ...row.key,
      ...(version ? [row.version] : []),
      ...row.values,
    ];
    const masks = rows.some((row) => row.values.includes(UNCHANGED)) ? Math.ceil(set.length / MASK_BITS) : 0;
    const source = new RowSource(columns, rows.map(cellsOf), masks);
    let first = 0;
    const chunks = rows.length === 1 ? [rows] : source.chunks(rows, cellsOf, this.#limits);
    if (chunks.length > 1) this.#parted.add(index);
    for (const chunk of chunks) {
      const before = version && chunk.length > 1 ? presenceGuard(operation, index, chunk, first) : undefined;
      if (before) this.add(before.sql, { values: before.params });
      if (chunk.length === 1) this.#updateOne(operation, index, chunk[0]!);
      else this.#updateMany(operation, index, source, chunk, cellsOf, masks);
      const after = before ? undefined : updateGuard(operation, index, chunk, first);
      if (after) this.add(after.sql, { values: after.params });
      first += chunk.length;
    }
  }

  #updateOne(operation: UpdateOperation, index: number, row: UpdateOperation['rows'][number]): void {
    const { table, key, version } = operation;
    const parameters = new Parameters();
    const set = operation.set.flatMap((column, at) =>
      row.values[at] === UNCHANGED ? [] : [`${quote(column.name)} = ${this.#cell(row.values[at], column, parameters)}`],
    );
    const where = key.map((column, at) => `${quote(column.name)} = ${this.#cell(row.key[at], column, parameters)}`);
    if (version) where.push(`${quote(version.name)} = ${this.#cell(row.version, version, parameters)}`);
    const sql = `update ${quoteTable(table)} set ${set.join(', ')} where ${where.join(' and ')}`;
    this.#yield(sql, operation, parameters, index, 1);
  }

  #updateMany(
    operation: UpdateOperation,
    index: number,
    source: RowSource,
    rows: UpdateOperation['rows'],
    cellsOf: (row: UpdateOperation['rows'][number]) => Cell[],
    masks: number,
  ): void {
    const { table, key, version, set } = operation;
    const parameters = new Parameters();
    const base = cached((other: Table) => this.#base(other, parameters));
    const { from, cell } = source.from(rows.map(cellsOf), (row) => maskOf(rows[row]!.values, masks), parameters);
    const matched = version ? [...key, version] : key;
    const names = [...matched, ...set].map((_, at) => `c${at}`);
    const columns = names.map((name, at) => `${source.read(at, cell, base)} as ${name}`);
    for (let mask = 0; mask < masks; mask++) columns.push(`${cell(mask)} as m${mask}`);
    const target = quoteTable(table);
    const assignments = set.map((column, at) => {
      const name = quote(column.name);
      const given = `r.c${matched.length + at}`;
      if (masks === 0) return `${name} = ${given}`;
      const bit = 2 ** (at % MASK_BITS);
      return `${name} = case when r.m${Math.floor(at / MASK_BITS)} & ${bit} then ${given} else ${target}.${name} end`;
    });
    const where = matched.map((column, at) => `${target}.${quote(column.name)} = r.c${at}`);
    const sql = `update ${target} set ${assignments.join(', ')} from (select ${columns.join(', ')} from ${from}) as r where ${where.join(' and ')}`;
    this.#yield(sql, operation, parameters, index, rows.length);
  }

  // ── DELETE

  check(operation: CheckOperation, index: number): void {
    const { key, rows } = operation;
    let first = 0;
    for (const chunk of this.#keyChunks(key, rows, (row) => row.key)) {
      const several = chunk.length > 1 ? presenceGuard(operation, index, chunk, first) : undefined;
      const guard = several ?? rowGuard(operation, index, chunk[0]!, first);
      this.add(guard.sql, { values: guard.params });
      first += chunk.length;
    }
  }

  delete({ table, key, rows }: DeleteOperation): void {
    const source = new RowSource(key, rows, 0);
    const names = key.map((column) => quote(column.name));
    for (const chunk of this.#keyChunks(key, rows, (row) => row)) {
      const parameters = new Parameters();
      if (chunk.length === 1) {
        const where = names.map((name, at) => `${name} = ${this.#cell(chunk[0]![at], key[at]!, parameters)}`);
        this.add(`delete from ${quoteTable(table)} where ${where.join(' and ')}`, parameters);
        continue;
      }
      const { from, cell } = source.from(chunk, () => [], parameters);
      const cells = key.map((_, at) => source.read(at, cell, () => ''));
      const left = names.length === 1 ? names[0]! : `(${names.join(', ')})`;
      const keys = `select ${cells.join(', ')} from ${from}`;
      this.add(`delete from ${quoteTable(table)} where ${left} in (${keys})`, parameters);
    }
  }

  /** Rows by key in pieces that fit one statement; one by one where JSON cannot carry the key. */
  #keyChunks<R>(key: readonly TableColumn[], rows: readonly R[], keyOf: (row: R) => readonly Cell[]): R[][] {
    const source = new RowSource(key, rows.map(keyOf), 0);
    return source.json && rows.length > 1 ? source.chunks(rows, keyOf, this.#limits) : rows.map((row) => [row]);
  }
}

/** Columns in which some rows store NULL and others what the database makes by default: each row says which. */
function mixedColumns({ columns, rows }: InsertOperation): number[] {
  return columns.flatMap((column, at) => {
    if (!column.spec.defaultSql) return [];
    const cells = rows.map((row) => row[at]);
    return cells.includes(null) && cells.includes(undefined) ? [at] : [];
  });
}

/** Where a unit notes keys while it runs; empty outside of one. */
const LEDGER = '"cinnabar_keys"';

function highestKey(table: Table): string {
  return `(select max(${quote(table.generatedKey!.name)}) from ${quoteTable(table)})`;
}

/** Whether others write between the rows of an insert and the last reference to their keys. */
function isExposed(
  operation: WritePlan['operations'][number],
  operations: WritePlan['operations'],
  isParted: (last: number) => boolean,
): operation is InsertOperation {
  if (operation.kind !== 'insert' || !operation.references) return false;
  const { between, last } = operation.references;
  return between.length > 0 || (operations[last] !== operation && isParted(last));
}

/** Whether an update changes what rows of other tables may refer to: the database may then change those. */
function mayCascade(operation: WritePlan['operations'][number]): boolean {
  if (operation.kind !== 'update') return false;
  const { table, set } = operation;
  return [table.primaryKey, ...table.uniques].some((columns) => columns.some((column) => set.includes(column)));
}

function ignoring(operation: InsertOperation): string {
  return operation.ignoreExisting ? ' on conflict do nothing' : '';
}

/** Bits of a mask that a double, and so JSON and every driver, holds exactly. */
const MASK_BITS = 50;

/** Which of `values` are set, in whole numbers of `MASK_BITS` bits. */
function maskOf(values: readonly Cell[], masks: number): number[] {
  const result = Array.from({ length: masks }, () => 0);
  values.forEach((cell, at) => {
    if (masks > 0 && cell !== UNCHANGED) result[Math.floor(at / MASK_BITS)]! += 2 ** (at % MASK_BITS);
  });
  return result;
}

function readColumn(column: TableColumn): string {
  const name = quote(column.name);
  const { read } = sqliteCodec(column.type);
  return read ? `${read(name)} as ${name}` : name;
}

function cached<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    let result = known.get(key);
    if (result === undefined) known.set(key, (result = make(key)));
    return result;
  };
}
