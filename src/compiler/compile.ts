import { LimitExceeded } from '../errors/errors.ts';
import type { ColumnNode } from '../sql/expression.ts';
import type { InsertNode, Output, StatementNode, WriteNode } from '../sql/nodes.ts';
import type { Dialect } from './dialect.ts';
import { Renderer } from './render.ts';
import type { Limits, Statement } from './statement.ts';

/** A statement's text and values, and how to read its answer. */
export interface Compiled extends Statement {
  /** How each column of the result is decoded; undefined where it is as it comes. */
  readonly decoders: readonly (((raw: unknown) => unknown) | undefined)[];
}

/** @throws LimitExceeded where the statement is larger than the database takes. */
export function compile(node: StatementNode, dialect: Dialect, limits: Limits): Compiled {
  const renderer = new Renderer(dialect, { terms: limits.compoundTerms });
  const body = node.kind === 'select' ? renderer.select(node, 'wire') : renderWrite(renderer, node);
  const sql = renderer.withClause() + body;
  const outputs = node.kind === 'select' ? node.outputs : node.returning;
  const { params } = renderer;
  const sizes = [
    [params.length, limits.parameters, 'parameters'],
    [outputs.length, limits.columns, 'columns'],
    [bytesOf(sql, limits.statementBytes), limits.statementBytes, 'bytes of SQL'],
  ] as const;
  for (const [size, limit, what] of sizes) {
    if (size > limit)
      throw new LimitExceeded(`a statement has ${size} ${what}; the database takes ${limit}. Split it into several`);
  }
  return { sql, params, decoders: outputs.map((output) => decoderOf(output, dialect)) };
}

/** How a column of a result is decoded; undefined where it is as it comes. */
export function decoderOf({ expression }: Output, dialect: Dialect): ((raw: unknown) => unknown) | undefined {
  const codec = expression.type && dialect.codec(expression.type);
  if (!codec) return undefined;
  if (codec.computed && !(expression as Partial<ColumnNode>).column) return codec.computed;
  return codec.plain ? undefined : (raw) => codec.decode(raw);
}

/** The length in UTF-8, counted only where it may matter. */
function bytesOf(sql: string, limit: number): number {
  return sql.length * 3 <= limit ? sql.length : new TextEncoder().encode(sql).length;
}

function renderWrite(renderer: Renderer, node: WriteNode): string {
  const table = renderer.table(node.table);
  const body =
    node.kind === 'insert'
      ? renderInsert(renderer, node, table)
      : node.kind === 'update'
        ? `update ${table} set ${renderSet(renderer, node.set)}${renderer.where(node.where)}`
        : `delete from ${table}${renderer.where(node.where)}`;
  const returned = renderer.unqualified(() => renderer.outputs(node.returning, 'wire'));
  return body + (returned && ` returning ${returned}`);
}

function renderSet(renderer: Renderer, set: Extract<WriteNode, { kind: 'update' }>['set']): string {
  return set
    .map(([column, item]) => `${renderer.dialect.quote(column.name)} = ${renderer.expression(item)}`)
    .join(', ');
}

function renderInsert(renderer: Renderer, node: InsertNode, table: string): string {
  const quoted = (columns: InsertNode['columns']): string =>
    columns.map((column) => renderer.dialect.quote(column.name)).join(', ');
  const columns = quoted(node.columns);
  const rows = node.rows.map((row) => `(${row.map((item) => renderer.expression(item)).join(', ')})`);
  const { select, conflict } = node;
  // Before ON CONFLICT a select ends in WHERE, or its FROM would take ON for that of a join.
  const endsInWhere = select && conflict && `select * from (${renderer.select(select, 'inner')}) where true`;
  const body = select ? (endsInWhere ?? renderer.select(select, 'inner')) : `values ${rows.join(', ')}`;
  const start = columns === '' ? `insert into ${table} default values` : `insert into ${table} (${columns}) ${body}`;
  if (!conflict) return start;
  const target = quoted(conflict.target);
  const on = `on conflict${target && ` (${target})`}`;
  return `${start} ${on} do ${conflict.set ? `update set ${renderSet(renderer, conflict.set)}` : 'nothing'}`;
}
