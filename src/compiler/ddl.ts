import type {
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  IndexDefinition,
  QualifiedName,
  SchemaChange,
  TableDefinition,
} from '../schema/definition.ts';
import { assertNever } from '../errors/errors.ts';
import { expressionOf, orderOf } from '../sql/expression.ts';
import type { SelectNode } from '../sql/nodes.ts';
import type { SqlType } from '../types/sql-type.ts';
import type { Dialect } from './dialect.ts';
import { constant } from './constant.ts';
import { literal } from '../util/literal.ts';
import { Renderer } from './render.ts';

/**
 * A schema change as statements of the dialect: the change, and the comments that it brings.
 *
 * @param isLenient whether what is there already is not created again, and what is not there not dropped.
 */
export function renderChange(change: SchemaChange, dialect: Dialect, isLenient: boolean): string[] {
  if ('enum' in change && !dialect.ddl.enums) return [];
  return [statementOf(change, dialect, isLenient), ...(dialect.ddl.comments ? commentsOf(change, dialect) : [])];
}

function commentsOf(change: SchemaChange, dialect: Dialect): string[] {
  if (change.kind !== 'createTable' && change.kind !== 'addColumn') return [];
  const table = qualified(change.table, dialect);
  const columns = change.kind === 'createTable' ? change.table.columns : [change.column];
  const said = [
    ...(change.kind === 'createTable' ? [[`table ${table}`, change.table.comment] as const] : []),
    ...columns.map(({ name, comment }) => [`column ${table}.${dialect.quote(name)}`, comment] as const),
  ];
  return said.flatMap(([what, comment]) =>
    comment === undefined ? [] : [`comment on ${what} is ${literal(comment)}`],
  );
}

function statementOf(change: SchemaChange, dialect: Dialect, isLenient: boolean): string {
  const fresh = isLenient ? 'if not exists ' : '';
  const there = isLenient ? 'if exists ' : '';
  const name = (of: QualifiedName): string => qualified(of, dialect);
  switch (change.kind) {
    case 'createEnum':
      return dialect.ddl.enums!.create(name(change.enum), change.enum.labels.map(literal), isLenient);
    case 'dropEnum':
      return `drop type ${there}${name(change.enum)}`;
    case 'createTable':
      return `create table ${fresh}${name(change.table)} ${tableBody(change.table, dialect)}`;
    case 'dropTable':
      return `drop table ${there}${name(change.table)}`;
    case 'renameTable':
      return `alter table ${name(change.table)} rename to ${dialect.quote(change.to)}`;
    case 'addColumn': {
      const { column, foreignKeys = [], checks = [] } = change;
      const constraints = [
        ...foreignKeys.map((key) => ` ${named(key, dialect)}${references(key, dialect)}`),
        ...checks.map((check) => ` ${checkDdl(check, dialect)}`),
      ];
      return `alter table ${name(change.table)} add column ${columnDdl(column, dialect)}${constraints.join('')}`;
    }
    case 'dropColumn':
      return `alter table ${name(change.table)} drop column ${dialect.quote(change.column)}`;
    case 'renameColumn':
      return `alter table ${name(change.table)} rename column ${dialect.quote(change.column)} to ${dialect.quote(change.to)}`;
    case 'addForeignKey': {
      const { key } = change;
      // There is no `add constraint if not exists`.
      const again = isLenient ? `drop constraint if exists ${dialect.quote(key.name)}, ` : '';
      return `alter table ${name(change.table)} ${again}add ${foreignKeyDdl(key, dialect)}`;
    }
    case 'dropForeignKey':
      return `alter table ${there}${name(change.table)} drop constraint ${there}${dialect.quote(change.key)}`;
    case 'createIndex':
      return `create ${change.index.unique ? 'unique ' : ''}index ${fresh}${indexBody(change.index, dialect)}`;
    case 'dropIndex':
      return `drop index ${there}${name(change.index)}`;
    case 'createView': {
      const { view } = change;
      const start = isLenient && dialect.ddl.replacesViews ? 'create or replace view ' : `create view ${fresh}`;
      return `${start}${name(view)} (${names(view.columns, dialect)}) as ${query(view.query as SelectNode, dialect)}`;
    }
    case 'dropView':
      return `drop view ${there}${name(change.view)}`;
    default:
      return assertNever(change, 'schema change');
  }
}

function qualified({ schema, name }: QualifiedName, dialect: Dialect): string {
  return schema === undefined ? dialect.quote(name) : `${dialect.quote(schema, true)}.${dialect.quote(name)}`;
}

function names(columns: readonly string[], dialect: Dialect): string {
  return columns.map((name) => dialect.quote(name)).join(', ');
}

function named({ name }: { readonly name: string }, dialect: Dialect): string {
  return `constraint ${dialect.quote(name)} `;
}

/** The query of a view, as text without parameters. */
export function query(select: SelectNode, dialect: Dialect): string {
  const renderer = new Renderer(dialect, { literal });
  const body = renderer.select(select, 'inner');
  return renderer.withClause() + body;
}

function tableBody(table: TableDefinition, dialect: Dialect): string {
  const { primaryKey, strict, withoutRowid } = table;
  const key = primaryKey && named(primaryKey, dialect);
  const made = table.columns.find((column) => column.identity);
  const parts = [
    ...table.columns.map((column) => columnDdl(column, dialect, column === made ? key : undefined)),
    ...(primaryKey && !made ? [`${key}primary key (${names(primaryKey.columns, dialect)})`] : []),
    ...table.uniques.map((unique) => `${named(unique, dialect)}unique (${names(unique.columns, dialect)})`),
    ...table.foreignKeys.map((foreignKey) => foreignKeyDdl(foreignKey, dialect)),
    ...table.checks.map((check) => checkDdl(check, dialect)),
  ];
  const { tableOptions } = dialect.ddl;
  const options = [strict && tableOptions.strict, withoutRowid && tableOptions.withoutRowid].filter(Boolean);
  return `(${parts.join(', ')})${options.length > 0 ? ` ${options.join(', ')}` : ''}`;
}

/** The name of a type in DDL. */
export function declaredType(type: SqlType, dialect: Dialect): string {
  return type.declared?.[dialect.name] ?? dialect.codec(type).ddl;
}

/** @param key the constraint that a key made by the database is. */
function columnDdl(column: ColumnDefinition, dialect: Dialect, key = ''): string {
  const { name, type, nullable, identity, computed, collation } = column;
  const declared = declaredType(type, dialect);
  if (identity) return `${dialect.quote(name)} ${dialect.ddl.generatedKey(key, identity, declared)}`;
  const parts = [dialect.quote(name), declared];
  if (!nullable) parts.push('not null');
  if (collation !== undefined) parts.push(`collate ${dialect.quote(collation)}`);
  if (column.default) parts.push(`default (${constant(expressionOf(column.default, name), dialect)})`);
  if (computed) {
    const value = constant(expressionOf(computed.expression, name), dialect);
    parts.push(`generated always as (${value}) ${computed.stored ? 'stored' : 'virtual'}`);
  }
  return parts.join(' ');
}

function foreignKeyDdl(key: ForeignKeyDefinition, dialect: Dialect): string {
  return `${named(key, dialect)}foreign key (${names(key.columns, dialect)}) ${references(key, dialect)}`;
}

function references(
  { target, references: columns, onDelete, onUpdate, deferrable }: ForeignKeyDefinition,
  dialect: Dialect,
): string {
  const table = dialect.ddl.crossSchema ? qualified(target, dialect) : dialect.quote(target.name);
  const actions = [
    onDelete && ` on delete ${onDelete}`,
    onUpdate && ` on update ${onUpdate}`,
    deferrable && ` deferrable initially ${deferrable}`,
  ];
  return `references ${table} (${names(columns, dialect)})${actions.filter(Boolean).join('')}`;
}

function checkDdl(check: CheckDefinition, dialect: Dialect): string {
  return `${named(check, dialect)}check (${constant(expressionOf(check.condition, check.name), dialect)})`;
}

function indexBody(index: IndexDefinition, dialect: Dialect): string {
  const terms = index.on.map((by) => {
    const { expression, suffix } = orderOf(by);
    const text = constant(expression, dialect);
    return `${expression.kind === 'column' ? text : `(${text})`}${suffix}`;
  });
  const partial = index.where ? ` where ${constant(expressionOf(index.where, index.name), dialect)}` : '';
  const { schema, name } = index;
  const table = { schema, name: index.table };
  // One of the two is named with the schema, and the other is in the same.
  const [own, on] = dialect.ddl.crossSchema
    ? [dialect.quote(name), qualified(table, dialect)]
    : [qualified(index, dialect), dialect.quote(index.table)];
  const { method, include, nullsNotDistinct } = index;
  const using = method === undefined ? '' : ` using ${dialect.quote(method)}`;
  const more =
    (include ? ` include (${names(include, dialect)})` : '') + (nullsNotDistinct ? ' nulls not distinct' : '');
  return `${own} on ${on}${using} (${terms.join(', ')})${more}${partial}`;
}
