import type { Table, TableColumn } from '../../schema/table.ts';
import { operand } from '../../sql/expression.ts';
import { integerType } from '../../types/scalar.ts';
import { compile } from '../compile.ts';
import { updateText, type Dialect, type KeyRun, type PlannedStatement, type UpdateParts } from '../dialect.ts';
import { constant } from '../constant.ts';
import { tableName } from '../render.ts';
import type { Limits, Statement } from '../statement.ts';
import {
  UNCHANGED,
  type Cell,
  type Followers,
  type InsertOperation,
  type RowOperation,
  type UpdateOperation,
  type WriteOperation,
  type WritePlan,
} from '../write-plan.ts';
import { ComputedKeys } from './computed-keys.ts';
import { absenceFailure, insertFailure, updateFailure } from './guards.ts';
import { RowSource, type BoundRows, type Cells } from './row-source.ts';
import type { UnitReceipt } from './unit-receipt.ts';
import { UnitStatement, type UnitKeys, type Write } from './unit-statement.ts';

/**
 * Compiles a write plan into the statements of one atomic unit.
 *
 * @param keepKeys whether keys that the database makes must be noted, because triggers may make others meanwhile: a
 *   guard of kind `triggers` asks for it.
 * @param receipt what the unit is to write beside its rows.
 */
export function compileUnit(
  plan: WritePlan,
  dialect: Dialect,
  limits: Limits,
  keepKeys: boolean,
  receipt?: UnitReceipt,
): PlannedStatement[] {
  const unit = new UnitCompiler(plan, dialect, limits, keepKeys, receipt);
  plan.operations.forEach((operation, index) => unit.add(operation, index));
  return unit.finish();
}

/** The rows of an operation that one statement writes. */
interface Chunk extends BoundRows {
  readonly operation: RowOperation;
  readonly rows: readonly Cells[];
  /** Columns that some rows leave as they are, or to the database: of each row, behind its cells, which it does. */
  readonly open: readonly number[];
}

class UnitCompiler {
  readonly #statements: PlannedStatement[] = [];
  readonly #dialect: Dialect;
  readonly #limits: Limits;
  readonly #keys: UnitKeys;
  /** Whether the unit is one row, whose key comes back: then its not coming back says all that a guard could. */
  readonly #isAlone: boolean;
  /** Operations that took several statements. */
  readonly #parted = new Set<number>();
  readonly #receipt: UnitReceipt | undefined;
  /** The table of which a guard has just seen the last key. */
  #latest: Table | undefined;

  constructor(plan: WritePlan, dialect: Dialect, limits: Limits, keepKeys: boolean, receipt?: UnitReceipt) {
    this.#dialect = dialect;
    this.#limits = limits;
    this.#receipt = receipt;
    this.#pushAll(receipt?.begin());
    const [first, second] = plan.operations;
    this.#isAlone =
      first?.kind === 'insert' && first.keys !== undefined && first.rows.length === 1 && !second && !receipt;
    const { keys } = dialect.unit;
    const write: Write = (text) => this.#write(text);
    this.#keys = keys.drawn
      ? keys.drawn(plan, write, receipt !== undefined)
      : new ComputedKeys(plan, keys, write, keepKeys);
  }

  add(operation: WriteOperation, index: number): void {
    if (operation.kind === 'statement') this.#push(compile(operation.statement, this.#dialect, this.#limits));
    else if (operation.kind === 'defer') this.#write(() => this.#dialect.deferForeignKeys!);
    else this.#addRows(operation, index);
  }

  finish(): PlannedStatement[] {
    this.#keys.finish((operation) => this.#parted.has(operation));
    this.#pushAll(this.#receipt?.end(this.#keys.kept));
    return this.#statements;
  }

  #pushAll(statements: readonly Statement[] | undefined): void {
    for (const statement of statements ?? []) this.#push(statement);
  }

  #push({ sql, params, typed }: Statement, operation?: number, yields = 0, lastKeyOf?: KeyRun): void {
    this.#statements.push({ sql, params, typed, operation, yields, lastKeyOf });
    this.#latest = lastKeyOf?.table;
  }

  #write(text: (statement: UnitStatement) => string, operation?: number, yields?: number, lastKeyOf?: KeyRun): void {
    const statement = new UnitStatement(this.#dialect, () => this.#keys);
    const sql = text(statement);
    this.#push({ sql, params: statement.params, typed: statement.typed }, operation, yields, lastKeyOf);
  }

  /** Fails the unit; otherwise, of new rows, yields the last key. */
  #guard(failure: (statement: UnitStatement) => string, run?: KeyRun): void {
    const { unit } = this.#dialect;
    const key = run && this.#lastKey(run.table.generatedKey!);
    this.#write((statement) => unit.fail(failure(statement), key), undefined, run && 1, run);
  }

  #lastKey({ name, type }: TableColumn): string {
    const key = this.#dialect.unit.lastKey(this.#dialect.quote(name));
    return this.#dialect.codec(type).read?.(key) ?? key;
  }

  /** Writes the rows of an operation, in pieces that each fit one statement, each with its guard. */
  #addRows(operation: RowOperation, index: number): void {
    const open = openColumns(operation);
    const columns = [...operation.match, ...(operation.kind === 'read' ? [] : operation.set)];
    const masked = open.length > 0 ? operation.rows.map((row) => [...row, ...masksOf(row, open)]) : operation.rows;
    const types = [...columns.map(({ type }) => type), ...masksOf([], open).map(() => integerType)];
    const source = new RowSource(types, masked, this.#dialect, this.#limits);
    const isWide = types.length > this.#limits.columns;
    const sizes = isWide ? operation.rows.map(() => 1) : source.sizes(this.#limits);
    if (sizes.length > 1) this.#parted.add(index);
    let end = 0;
    for (const size of sizes) {
      const start = end;
      end += size;
      const rows = operation.rows.slice(start, end);
      const isChecked = isCheckedFirst(operation, size);
      if (isChecked) this.#guard((statement) => absenceFailure(operation, index, rows, start, statement));
      const bind = (statement: UnitStatement): Chunk => ({
        ...source.bind(statement, start, end, this.#latest),
        operation,
        rows,
        open,
      });
      if (operation.kind === 'update') {
        // What refers to the rows follows the last of them.
        const others = end === operation.rows.length ? (operation.followers ?? []) : [];
        const failure = (statement: UnitStatement): string => updateFailure(operation, index, rows, start, statement);
        this.#updateRows(operation, index, bind, size, isChecked ? undefined : failure, others);
      } else this.#addChunk(operation, index, bind, size);
    }
  }

  #addChunk(operation: RowOperation, index: number, bind: (statement: UnitStatement) => Chunk, size: number): void {
    if (operation.kind === 'insert') this.#insert(operation, index, bind, size);
    if (operation.kind === 'delete') this.#write((statement) => this.#deletion(bind(statement)));
    if (operation.kind === 'read') this.#write((statement) => this.#reading(bind(statement)), index, size);
  }

  #updateRows(
    { table, returning }: UpdateOperation,
    index: number,
    bind: (statement: UnitStatement) => Chunk,
    size: number,
    failure: ((statement: UnitStatement) => string) | undefined,
    followers: readonly Followers[],
  ): void {
    const returned = this.#returned(table, returning);
    const { together } = this.#dialect.unit;
    // No statement may change one row twice.
    const beside = followers.filter((rows) => together && (rows.table !== table || size === 1));
    const texts = (statement: UnitStatement): readonly string[] => {
      const update = this.#update(bind(statement));
      const others = beside.map((rows) => this.#follow(rows, statement));
      return (together?.(update, others) ?? [update]).map(updateText);
    };
    this.#writeRows(texts, returned, failure, index, size);
    for (const rows of followers)
      if (!beside.includes(rows)) this.#write((statement) => updateText(this.#follow(rows, statement)));
  }

  #insert(operation: InsertOperation, index: number, bind: (statement: UnitStatement) => Chunk, rows: number): void {
    const { table, keys, returning, ignoreExisting } = operation;
    const failure = (statement: UnitStatement): string => insertFailure(operation, index, rows, this.#keys, statement);
    const text = (statement: UnitStatement): string => this.#insertion(operation, bind(statement));
    const isSure = ignoreExisting || this.#isAlone;
    if (keys && !isSure && returning.length === 0 && !this.#dialect.unit.keys.drawn) {
      this.#write(text);
      this.#guard(failure, { table, rows });
    } else {
      const returned = this.#returned(table, returning, keys !== undefined);
      this.#writeRows((statement) => [text(statement)], returned, isSure ? undefined : failure, index, rows);
    }
    if (!keys) return;
    // First, since what notes keys of its own inserts rows too.
    this.#pushAll(this.#receipt?.made(table, rows));
    this.#keys.made(operation, rows);
  }

  /** Adds a write of rows and others beside it, what it returns, and what must not have become of it. */
  #writeRows(
    texts: (statement: UnitStatement) => readonly string[],
    returned: readonly TableColumn[],
    failure: ((statement: UnitStatement) => string) | undefined,
    index: number,
    rows: number,
  ): void {
    const { failing } = this.#dialect.unit;
    const names = returned.map(({ name }) => this.#dialect.quote(name));
    const returning = names.length > 0 ? ` returning ${returned.map((column) => this.#read(column)).join(', ')}` : '';
    this.#write(
      (statement) => {
        const [text, ...others] = texts(statement);
        const write = text! + returning;
        // Rows that were checked before have nothing to fail by, and may be followed all the same.
        if (!failing || !(failure || others.length > 0)) return write;
        return failing(returning ? write : `${write} returning 1`, names, failure?.(statement) ?? 'null', others);
      },
      ...(returning ? ([index, rows] as const) : []),
    );
    if (failure && !failing) this.#guard(failure);
  }

  #insertion(operation: InsertOperation, chunk: Chunk): string {
    const { table, set, ignoreExisting } = operation;
    const { rows, from } = chunk;
    // Of one row, what it does not say is left to the database, and mostly its key.
    const leftKey = operation.keys && !this.#keys.mustGive(operation) ? table.generatedKey : undefined;
    const isLeft = (at: number): boolean => rows[0]![at] === undefined || set[at] === leftKey;
    const written = set.flatMap((column, at) => (from === '' && isLeft(at) ? [] : [{ column, at }]));
    const names = written.map(({ column }) => this.#dialect.quote(column.name)).join(', ');
    const cells = written.map(({ column, at }) => cellOr(chunk, at, () => this.#default(column))).join(', ');
    const givesKey = written.some(({ column }) => column === table.generatedKey);
    const body =
      (givesKey ? this.#keys.overriding : '') + (from === '' ? `values (${cells})` : `select ${cells}${from}`);
    // Without a WHERE, `on conflict` after a FROM would read as that of a join.
    const conflict = ignoreExisting ? `${from && ' where true'} on conflict do nothing` : '';
    return `insert into ${tableName(table, this.#dialect)} ${names ? `(${names}) ${body}` : 'default values'}${conflict}`;
  }

  #default({ spec, type, path }: TableColumn): string {
    return constant(operand(spec.defaultSql, type, path), this.#dialect);
  }

  /** The key, and what else comes back. */
  #returned(table: Table, columns: readonly TableColumn[], isKeyAsked = false): readonly TableColumn[] {
    return columns.length > 0 || isKeyAsked ? [...table.primaryKey, ...columns] : [];
  }

  #read({ name, type }: TableColumn, prefix = ''): string {
    const quoted = this.#dialect.quote(name);
    const { read } = this.#dialect.codec(type);
    return read ? `${read(prefix + quoted)} as ${quoted}` : prefix + quoted;
  }

  #update(chunk: Chunk): UpdateParts {
    const { operation, rows, from } = chunk;
    const { table, match, set } = operation;
    const name = tableName(table, this.#dialect);
    const assignments = set.flatMap((column, index) => {
      const at = match.length + index;
      const target = this.#dialect.quote(column.name);
      if (from === '' && isOpen(rows[0]![at])) return [];
      return [[target, cellOr(chunk, at, () => `${name}.${target}`)] as const];
    });
    return { table: name, set: assignments, from, where: this.#where(chunk, from && `${name}.`) };
  }

  /** Changes whatever rows have the old values. */
  #follow({ present, ...rows }: Followers, statement: UnitStatement): UpdateParts {
    const types = [...rows.match, ...rows.set].map(({ type }) => type);
    const source = new RowSource(types, rows.rows, this.#dialect);
    const operation: RowOperation = { kind: 'update', returning: [], ...rows };
    const prefix = `${tableName(rows.table, this.#dialect)}.`;
    const others = present.map(({ name }) => ` and ${prefix}${this.#dialect.quote(name)} is not null`);
    const parts = this.#update({ ...source.bind(statement), operation, rows: rows.rows, open: [] });
    return { ...parts, where: parts.where + others.join('') };
  }

  #reading(chunk: Chunk): string {
    const { table, match, set } = chunk.operation;
    const name = tableName(table, this.#dialect);
    const columns = [...match, ...set].map((column) => this.#read(column, `${name}.`)).join(', ');
    return `select ${columns}${chunk.from ? `${chunk.from}, ` : ' from '}${name} where ${this.#where(chunk, `${name}.`)}`;
  }

  #deletion(chunk: Chunk): string {
    const { table, match } = chunk.operation;
    const name = tableName(table, this.#dialect);
    if (chunk.from === '') return `delete from ${name} where ${this.#where(chunk, '')}`;
    const columns = match.map((column) => this.#dialect.quote(column.name)).join(', ');
    const cells = match.map((_, at) => chunk.cell(at)).join(', ');
    return `delete from ${name} where ${match.length > 1 ? `(${columns})` : columns} in (select ${cells}${chunk.from})`;
  }

  /** The rows that are meant, by their cells. */
  #where(chunk: Chunk, prefix: string): string {
    const terms = chunk.operation.match.map(
      ({ name }, at) => `${prefix}${this.#dialect.quote(name)} = ${chunk.cell(at)}`,
    );
    return terms.join(' and ');
  }
}

/** The cell of a column, or in the rows that leave it open, something else. */
function cellOr(chunk: Chunk, at: number, otherwise: () => string): string {
  const { match, set } = chunk.operation;
  const place = chunk.open.indexOf(at);
  const given = chunk.cell(at);
  if (place < 0 || chunk.from === '') return given;
  const mask = chunk.cell(match.length + set.length + Math.floor(place / MASK_BITS));
  return `case when ${mask} & ${2 ** (place % MASK_BITS)} <> 0 then ${otherwise()} else ${given} end`;
}

/** Whether rows are looked for before they are written: afterwards one of another's version would look like one's own. */
function isCheckedFirst({ kind, match }: RowOperation, size: number): boolean {
  return kind === 'check' || (size > 1 && match.some(({ spec }) => spec.version));
}

/** Bits of a mask that a double, and so JSON and every driver, holds exactly. */
const MASK_BITS = 50;

/** Which of the open columns a row leaves open, as bits of whole numbers: databases take few columns more. */
function masksOf(row: Cells, open: readonly number[]): number[] {
  const masks: number[] = [];
  open.forEach((at, place) => {
    const index = Math.floor(place / MASK_BITS);
    masks[index] = (masks[index] ?? 0) + (isOpen(row[at]) ? 2 ** (place % MASK_BITS) : 0);
  });
  return masks;
}

function openColumns({ kind, match, set, rows }: RowOperation): number[] {
  if (rows.length === 1 || kind === 'read') return [];
  return set.flatMap(({ spec }, index) => {
    const at = match.length + index;
    const hasDefault = spec.defaultSql !== undefined;
    // Only what is there can be kept.
    if (kind === 'insert' && !hasDefault) return [];
    const isLeft = (cell: Cell): boolean => cell === UNCHANGED || (hasDefault && cell === undefined);
    return rows.some((row) => isLeft(row[at])) ? [at] : [];
  });
}

function isOpen(cell: Cell): boolean {
  return cell === UNCHANGED || cell === undefined;
}
