import { LimitExceeded, assertNever } from '../errors/errors.ts';
import type { Limits, WireValue } from './statement.ts';
import type { InRows } from '../sql/expression.ts';
import type { InsertNode, Output, StatementNode, WriteNode } from '../sql/nodes.ts';
import { paddedLength, type Hole, type Shape } from './cache-key.ts';
import type { Codec, Dialect } from './dialect.ts';
import { Renderer } from './render.ts';

/** A statement's text, and how values get in and out. Serves every statement of the same shape. */
export interface Compiled {
  readonly sql: string;
  /** Values of the holes, in order, as parameters. */
  bind(holes: readonly Hole[]): WireValue[];
  /** The codec of each column of the result; undefined where the type is not known. */
  readonly columns: readonly (Codec | undefined)[];
}

/** Compiles a statement. `shape` is its own. */
export function compile(node: StatementNode, shape: Shape, dialect: Dialect, limits: Limits): Compiled {
  const renderer = new Renderer(dialect, shape.holes);
  const body = node.kind === 'select' ? renderer.select(node, 'wire') : renderWrite(renderer, node);
  const sql = renderer.withClause() + body;
  const outputs = node.kind === 'select' ? node.outputs : node.returning;
  const encoders = shape.holes.map((hole) => encoder(hole, dialect));
  const parameters = shape.holes.reduce((sum, hole) => sum + widthOf(hole, dialect), 0);
  checkLimits(sql, parameters, outputs.length, limits);
  return {
    sql,
    bind: (holes) => holes.flatMap((hole, index) => encoders[index]!(hole)),
    columns: outputs.map(({ expression }) => expression.type && dialect.codec(expression.type)),
  };
}

function checkLimits(sql: string, parameters: number, columns: number, limits: Limits): void {
  const over =
    parameters > limits.parameters
      ? `${parameters} parameters; the database takes ${limits.parameters}`
      : columns > limits.columns
        ? `${columns} columns; the database takes ${limits.columns}`
        : sql.length > limits.statementBytes
          ? `${sql.length} bytes of SQL; the database takes ${limits.statementBytes}`
          : undefined;
  if (over) throw new LimitExceeded(`a statement has ${over}. Split it into several, or pass rows as a list`);
}

function widthOf(hole: Hole, dialect: Dialect): number {
  if (hole.kind !== 'in-list' || dialect.list(dialect.codec(hole.itemType))) return 1;
  return paddedLength(hole.values.length);
}

/** How the values of a hole become parameters. */
function encoder(sample: Hole, dialect: Dialect): (hole: Hole) => WireValue[] {
  if (sample.kind === 'bind') {
    const codec = dialect.codec(sample.type);
    return (hole) => {
      const { value } = hole as { readonly value: unknown };
      return [value === null ? null : codec.encode(value)];
    };
  }
  if (sample.kind === 'in-rows') {
    const codecs = sample.itemTypes.map((type) => dialect.codec(type));
    const rows = dialect.rows(codecs);
    const encode = (row: readonly unknown[]): WireValue[] => row.map((value, at) => codecs[at]!.encode(value));
    return (hole) => [rows.encode((hole as InRows).rows.map(encode))];
  }
  const codec = dialect.codec(sample.itemType);
  const list = dialect.list(codec);
  const valuesOf = (hole: Hole): WireValue[] =>
    (hole as { readonly values: readonly unknown[] }).values.map((value) => codec.encode(value));
  if (list) return (hole) => [list.encode(valuesOf(hole))];
  return (hole) => {
    const values = valuesOf(hole);
    // NULL is in no list; repeating the last value changes nothing.
    const filler = values.length > 0 ? values[values.length - 1]! : null;
    return Array.from({ length: paddedLength(values.length) }, (_, index) => values[index] ?? filler);
  };
}

function renderWrite(renderer: Renderer, node: WriteNode): string {
  return renderBody(renderer, node) + renderReturning(renderer, node.returning);
}

function renderReturning(renderer: Renderer, returning: readonly Output[]): string {
  if (returning.length === 0) return '';
  return ` returning ${renderer.unqualified(() => renderer.outputs(returning, 'wire'))}`;
}

function renderBody(renderer: Renderer, node: WriteNode): string {
  const table = renderer.table(node.table);
  switch (node.kind) {
    case 'insert':
      return renderInsert(renderer, node, table);
    case 'update':
      return `update ${table} set ${renderSet(renderer, node.set)}${renderer.where(node.where)}`;
    case 'delete':
      return `delete from ${table}${renderer.where(node.where)}`;
    default:
      return assertNever(node, 'write');
  }
}

function renderSet(renderer: Renderer, set: Extract<WriteNode, { kind: 'update' }>['set']): string {
  return set.map(([column, item]) => `${renderer.quote(column.name)} = ${renderer.expression(item, true)}`).join(', ');
}

function renderInsert(renderer: Renderer, node: InsertNode, table: string): string {
  const columns = node.columns.map((column) => renderer.quote(column.name)).join(', ');
  const rows = node.rows.map((row) => `(${row.map((item) => renderer.expression(item, true)).join(', ')})`);
  const body = node.select ? renderer.select(node.select, 'inner') : `values ${rows.join(', ')}`;
  const start = columns === '' ? `insert into ${table} default values` : `insert into ${table} (${columns}) ${body}`;
  if (!node.conflict) return start;
  const target = node.conflict.target.map((column) => renderer.quote(column.name)).join(', ');
  const on = `on conflict${target && ` (${target})`}`;
  // Without a WHERE, `insert … select … on conflict` reads ON as that of a join.
  const guarded = node.select && node.select.where.length === 0 ? `${start} where true` : start;
  if (!node.conflict.set) return `${guarded} ${on} do nothing`;
  return `${guarded} ${on} do update set ${renderSet(renderer, node.conflict.set)}`;
}
