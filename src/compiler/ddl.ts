import type { Fragment } from '../schema/fragment.ts';
import type { ForeignKey, IndexSpec, Table, TableColumn } from '../schema/table.ts';
import { ColumnNode, expressionOf, orderOf } from '../sql/expression.ts';
import { someExpression } from '../sql/tree.ts';
import type { Dialect } from './dialect.ts';
import { constant } from './render.ts';

/**
 * CREATE TABLE and its indexes.
 *
 * @example
 * // create table if not exists "users" ("id" integer primary key, "email" text, unique ("email"))
 */
export function createTable(table: Table, dialect: Dialect): string[] {
  const parts = [
    ...table.columns.map((column) => columnDdl(column, dialect)),
    ...keyDdl(table, dialect),
    ...table.uniques.map((columns) => `unique (${names(columns, dialect)})`),
    ...table.foreignKeys.map((key) => foreignKeyDdl(key, dialect)),
    ...[...table.checks].map(([name, check]) => checkDdl(table, name, check, dialect)),
  ];
  const create = `create table if not exists ${tableName(table, dialect)} (${parts.join(', ')})`;
  return [create, ...table.indexes.map((index) => indexDdl(table, index, dialect))];
}

export function dropTable(table: Table, dialect: Dialect): string {
  return `drop table if exists ${tableName(table, dialect)}`;
}

function tableName(table: Table, dialect: Dialect): string {
  const name = dialect.quote(table.name);
  return table.schema === undefined ? name : `${dialect.quote(table.schema)}.${name}`;
}

function names(columns: readonly TableColumn[], dialect: Dialect): string {
  return columns.map((column) => dialect.quote(column.name)).join(', ');
}

function columnDdl(column: TableColumn, dialect: Dialect): string {
  const name = dialect.quote(column.name);
  if (column.table.generatedKey === column) return `${name} ${dialect.generatedKey}`;
  const { spec } = column;
  const initial = spec.defaultSql ? ` default (${constant(expressionOf(spec.defaultSql, column.path), dialect)})` : '';
  return `${name} ${dialect.codec(column.type).ddl}${column.nullable ? '' : ' not null'}${initial}`;
}

function keyDdl(table: Table, dialect: Dialect): string[] {
  const key = table.primaryKey;
  return key.length === 0 || table.generatedKey ? [] : [`primary key (${names(key, dialect)})`];
}

function foreignKeyDdl(key: ForeignKey, dialect: Dialect): string {
  const target = key.references[0]!.table;
  const action = key.onDelete ? ` on delete ${key.onDelete}` : '';
  return `foreign key (${names(key.columns, dialect)}) references ${tableName(target, dialect)} (${names(key.references, dialect)})${action}`;
}

function checkDdl(table: Table, name: string, check: Fragment, dialect: Dialect): string {
  return `constraint ${dialect.quote(`ck_${table.name}_${name}`)} check (${constant(expressionOf(check, `check '${name}' of ${table.name}`), dialect)})`;
}

/** The name that an index was given, or one after its table and columns. */
export function indexName(table: Table, index: IndexSpec): string {
  if (index.name !== undefined) return index.name;
  const parts = index.on.map(orderOf).flatMap(({ expression }) => {
    const words = /^\w+(?=\(\)$)/.exec(expression.label)?.slice() ?? [];
    someExpression(expression, (node) => {
      if (node instanceof ColumnNode) words.push(node.name);
      return false;
    });
    return words;
  });
  return [index.unique ? 'uq' : 'ix', table.name, ...parts].join('_');
}

function indexDdl(table: Table, index: IndexSpec, dialect: Dialect): string {
  const where = `index of ${table.name}`;
  const orders = index.on.map(orderOf);
  const columns = orders.map((by) => {
    const { kind } = by.expression;
    const text = constant(by.expression, dialect);
    return `${kind === 'column' ? text : `(${text})`}${by.descending ? ' desc' : ''}`;
  });
  const name = indexName(table, index);
  const partial = index.where ? ` where ${constant(expressionOf(index.where, where), dialect)}` : '';
  return `create ${index.unique ? 'unique ' : ''}index if not exists ${dialect.quote(name)} on ${tableName(table, dialect)} (${columns.join(', ')})${partial}`;
}
