import { foreignKeysOf, type ForeignKey } from '../schema/foreign-key.ts';
import type {
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  IndexDefinition,
  KeyDefinition,
  TableDefinition,
} from '../schema/definition.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { Rule } from '../schema/column.ts';
import type { Fragment } from '../schema/fragment.ts';
import { constraintName } from '../schema/constraint-names.ts';
import type { IndexSpec, Table, TableColumn } from '../schema/table.ts';
import { ColumnNode, expressionOf, operand, orderOf, type Expression } from '../sql/expression.ts';
import { columnNode } from '../sql/source.ts';
import { someExpression } from '../sql/tree.ts';

/** A table of the program as the database is to have it. */
export function tableDefinition(table: Table): TableDefinition {
  const { name, schema, settings, primaryKey } = table;
  return {
    schema,
    name,
    columns: table.columns.map(columnDefinition),
    primaryKey: primaryKey.length === 0 ? undefined : keyDefinition('primaryKey', table, primaryKey),
    uniques: table.uniques.map((columns) => keyDefinition('unique', table, columns)),
    foreignKeys: foreignKeysOf(table).map(foreignKeyDefinition),
    checks: checksOf(table),
    strict: settings.strict === true,
    withoutRowid: settings.withoutRowid === true,
    comment: settings.comment,
  };
}

/** A column of the program as the database is to have it. */
function columnDefinition(column: TableColumn): ColumnDefinition {
  const { name, type, nullable, spec, table } = column;
  const { computed, collation, comment } = spec;
  return {
    name,
    type,
    nullable,
    identity:
      table.generatedKey === column ? (spec.always ? 'always' : spec.autoincrement ? 'once' : 'plain') : undefined,
    default: spec.defaultSql === undefined ? undefined : operand(spec.defaultSql, type, column.path),
    computed: computed && {
      expression: applied(computed.rule, table, `generatedAs() of ${column.path}`),
      stored: computed.stored,
    },
    collation,
    comment,
  };
}

/** The expression of a rule, over the columns of its table. */
function applied(rule: Rule, table: Table, where: string): Expression {
  if (typeof rule !== 'function') return expressionOf(rule, where);
  const columns: Record<string, Expression> = Object.create(null) as Record<string, Expression>;
  for (const column of table.columns) columns[column.attribute] = columnNode(column);
  return expressionOf(rule(columns), where);
}

function keyDefinition(kind: 'primaryKey' | 'unique', table: Table, columns: readonly TableColumn[]): KeyDefinition {
  const names = namesOf(columns);
  const { naming } = table.metadata;
  const name =
    kind === 'unique' ? constraintName(naming, kind, table.name, names) : constraintName(naming, kind, table.name);
  return { name, columns: names };
}

function foreignKeyDefinition({ table, columns, references, options }: ForeignKey): ForeignKeyDefinition {
  const target = references[0]!.table;
  const names = namesOf(columns);
  const { name, onDelete, onUpdate, deferrable } = options;
  return {
    name: name ?? constraintName(table.metadata.naming, 'foreignKey', table.name, names, target.name),
    columns: names,
    target: { schema: target.schema, name: target.name },
    references: namesOf(references),
    ...(onDelete && { onDelete }),
    ...(onUpdate && { onUpdate }),
    ...(deferrable && { deferrable }),
  };
}

function checksOf(table: Table): CheckDefinition[] {
  const named = (rule: string): string => constraintName(table.metadata.naming, 'check', table.name, rule);
  const ofColumns = table.columns.flatMap((column) =>
    (column.spec.checks ?? []).map(({ rule, name = column.name }) => ({
      name: named(name),
      condition: applied(rule, table, `check() of ${column.path}`),
    })),
  );
  const ofTable = [...table.checks].map(([name, check]) => ({
    name: named(name),
    condition: expressionOf(check, `check '${name}' of ${table.name}`),
  }));
  return [...ofColumns, ...ofTable];
}

function namesOf(columns: readonly TableColumn[]): string[] {
  return columns.map((column) => column.name);
}

/** An index of the program as the database is to have it. */
export function indexDefinition(table: Table, index: IndexSpec): IndexDefinition {
  const on = index.on.map(orderOf);
  const parts = on.flatMap((by) => partsOf(by.expression));
  return {
    schema: table.schema,
    name: index.name ?? constraintName(table.metadata.naming, 'index', table.name, parts, index.unique),
    table: table.name,
    on,
    unique: index.unique,
    where: index.where && expressionOf(index.where, `index of ${table.name}`),
    ...(index.method !== undefined && { method: index.method }),
    ...(index.include && { include: includedIn(table, index.include) }),
    ...(index.nullsNotDistinct && { nullsNotDistinct: true }),
  };
}

function includedIn(table: Table, columns: readonly Fragment[]): string[] {
  return columns.map((item) => {
    const column = expressionOf(item, 'index().include()');
    if (column instanceof ColumnNode) return column.name;
    throw new ConfigurationError(`an index of ${table.name} includes ${column.label}, which is no column`);
  });
}

/** What the name of an index says of an expression: its function, its columns. */
function partsOf(expression: Expression): string[] {
  const words = /^\w+(?=\(\)$)/.exec(expression.label)?.slice() ?? [];
  someExpression(expression, (node) => {
    if (node instanceof ColumnNode) words.push(node.name);
    return false;
  });
  return words;
}
