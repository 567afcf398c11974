import type { Conflict, InsertNode, UpdateNode, WriteNode } from '../sql/nodes.ts';
import { sourcesOf } from '../sql/tree.ts';
import { constant } from './constant.ts';
import { type Renderer } from './render.ts';

/** INSERT, UPDATE or DELETE, with its RETURNING. */
export function renderWrite(renderer: Renderer, node: WriteNode): string {
  const table = renderer.target(node.table);
  const body =
    node.kind === 'insert'
      ? insertText(renderer, node, table)
      : node.kind === 'update'
        ? updateText(renderer, node, table)
        : `delete from ${table}${renderer.where(node.where)}`;
  const outputs = (): string => renderer.outputs(node.returning, 'wire');
  const isAmong = node.kind === 'update' && node.from && renderer.dialect.returnsAmongSources;
  const returned = isAmong ? outputs() : renderer.unqualified(outputs);
  return body + (returned && ` returning ${returned}`);
}

function updateText(renderer: Renderer, node: UpdateNode, table: string): string {
  const { from, joins = [], set, where } = node;
  if (!from) return `update ${table} set ${setText(renderer, set)}${renderer.where(where)}`;
  renderer.assertFeature('update from', 'UPDATE that reads other sources: set the columns from a select().scalar()');
  renderer.read(node.table, sourcesOf({ from, joins }));
  const start = `update ${table} set ${setText(renderer, set)} from ${renderer.source(from)}`;
  return start + renderer.joins(joins) + renderer.where(where);
}

function setText(renderer: Renderer, set: UpdateNode['set']): string {
  return set
    .map(([column, item]) => `${renderer.dialect.quote(column.name)} = ${renderer.expression(item)}`)
    .join(', ');
}

function columnNames(renderer: Renderer, columns: InsertNode['columns']): string {
  return columns.map((column) => renderer.dialect.quote(column.name)).join(', ');
}

function insertText(renderer: Renderer, node: InsertNode, table: string): string {
  const { conflict } = node;
  const columns = columnNames(renderer, node.columns);
  if (columns === '') return `insert into ${table} default values${conflictText(renderer, conflict)}`;
  return `insert into ${table} (${columns}) ${rowsText(renderer, node)}${conflictText(renderer, conflict)}`;
}

function rowsText(renderer: Renderer, { rows, select, conflict }: InsertNode): string {
  if (!select) {
    const texts = rows.map((row) => `(${row.map((item) => renderer.expression(item)).join(', ')})`);
    return `values ${texts.join(', ')}`;
  }
  const text = renderer.select(select, 'inner');
  // Before ON CONFLICT a select ends in WHERE, or its FROM would take ON for that of a join.
  return conflict ? `select * from (${text}) where true` : text;
}

function conflictText(renderer: Renderer, conflict: Conflict | undefined): string {
  if (!conflict) return '';
  const { target, index, set, where } = conflict;
  const columns = target.length > 0 ? ` (${columnNames(renderer, target)})` : '';
  // As it stands in the index: a database does not know that a parameter is the same.
  const part = index ? ` where ${constant(index, renderer.dialect)}` : '';
  const change = set ? `update set ${setText(renderer, set)}${renderer.where(where)}` : 'nothing';
  return ` on conflict${columns}${part} do ${change}`;
}
