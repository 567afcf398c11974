import { ConfigurationError } from '../../errors/errors.ts';
import { isSame, shown, tableOf } from '../names.ts';
import type {
  CheckSnapshot,
  ColumnSnapshot,
  EnumSnapshot,
  ForeignKeySnapshot,
  KeySnapshot,
  ObjectName,
  SchemaSnapshot,
  TableSnapshot,
} from '../snapshot.ts';
import { withRenamed } from '../text/tokens.ts';
import { sameConstraint } from './constraints.ts';
import type { Constraint, Operation } from './operation.ts';

/**
 * The schema after operations. Pure.
 *
 * @example
 * applyOperations(before, diff(before, after).operations) // the same as `after`
 * @throws ConfigurationError where an operation names what is not there.
 */
export function applyOperations(schema: SchemaSnapshot, operations: readonly Operation[]): SchemaSnapshot {
  return operations.reduce(applied, schema);
}

type Apply<K extends Operation['kind']> = (
  schema: SchemaSnapshot,
  operation: Extract<Operation, { kind: K }>,
) => SchemaSnapshot;

function onTable(
  schema: SchemaSnapshot,
  name: ObjectName,
  change: (table: TableSnapshot) => TableSnapshot,
): SchemaSnapshot {
  const table = tableOf(schema, name);
  return { ...schema, tables: schema.tables.map((other) => (other === table ? change(other) : other)) };
}

function onEnum(schema: SchemaSnapshot, name: ObjectName, change: (of: EnumSnapshot) => EnumSnapshot): SchemaSnapshot {
  return { ...schema, enums: schema.enums.map((other) => (isSame(other, name) ? change(other) : other)) };
}

/** The columns of a table with one changed. */
function onColumn(
  table: TableSnapshot,
  name: string,
  change: (column: ColumnSnapshot) => ColumnSnapshot,
): TableSnapshot {
  if (!table.columns.some((column) => column.name === name)) {
    const known = table.columns.map((column) => column.name).join(', ');
    throw new ConfigurationError(
      `an operation names the column '${shown(table)}.${name}', which is not there; there are ${known}`,
    );
  }
  return { ...table, columns: table.columns.map((column) => (column.name === name ? change(column) : column)) };
}

const without = <T extends ObjectName>(items: readonly T[], name: ObjectName): T[] =>
  items.filter((item) => !isSame(item, name));

const APPLY: { readonly [K in Operation['kind']]: Apply<K> } = {
  createSchema: (schema, { name }) => ({ ...schema, schemas: [...schema.schemas, name] }),
  dropSchema: (schema, { name }) => ({ ...schema, schemas: schema.schemas.filter((other) => other !== name) }),
  createTable: (schema, { table }) => ({ ...schema, tables: [...schema.tables, table] }),
  dropTable: (schema, { table }) => ({ ...schema, tables: without(schema.tables, tableOf(schema, table)) }),
  renameTable: (schema, { table, to }) => renamedTable(schema, tableOf(schema, table), to),
  alterTable: (schema, { table, to }) => onTable(schema, table, (of) => ({ ...withoutSettings(of), ...to })),
  addColumn: (schema, { table, column }) =>
    onTable(schema, table, (of) => ({ ...of, columns: [...of.columns, column] })),
  dropColumn: (schema, { table, column }) =>
    onTable(schema, table, (of) => ({
      ...of,
      columns: onColumn(of, column.name, (same) => same).columns.filter(({ name }) => name !== column.name),
    })),
  alterColumn: (schema, { table, from, to }) => onTable(schema, table, (of) => onColumn(of, from.name, () => to)),
  renameColumn: (schema, { table, column, to }) => renamedColumn(schema, tableOf(schema, table), column, to),
  addConstraint: (schema, { table, constraint }) => onTable(schema, table, (of) => withConstraint(of, constraint)),
  dropConstraint: (schema, { table, constraint }) => onTable(schema, table, (of) => withoutConstraint(of, constraint)),
  renameConstraint: (schema, { table, constraint, to }) =>
    onTable(schema, table, (of) => withConstraint(withoutConstraint(of, constraint), { ...constraint, name: to })),
  createIndex: (schema, { table, index }) =>
    onTable(schema, table, (of) => ({ ...of, indexes: [...of.indexes, index] })),
  dropIndex: (schema, { table, index }) =>
    onTable(schema, table, (of) => ({ ...of, indexes: of.indexes.filter(({ name }) => name !== index.name) })),
  createEnum: (schema, { enum: of }) => ({ ...schema, enums: [...schema.enums, of] }),
  dropEnum: (schema, { enum: of }) => ({ ...schema, enums: without(schema.enums, of) }),
  renameEnum: (schema, { enum: of, to }) => onEnum(schema, of, (item) => ({ ...item, name: to })),
  addEnumLabel: (schema, { enum: of, label, before }) =>
    onEnum(schema, of, (item) => {
      const at = before === undefined ? item.labels.length : item.labels.indexOf(before);
      return { ...item, labels: item.labels.toSpliced(at, 0, label) };
    }),
  renameEnumLabel: (schema, { enum: of, label, to }) =>
    onEnum(schema, of, (item) => ({ ...item, labels: item.labels.map((other) => (other === label ? to : other)) })),
  alterEnum: (schema, { enum: of, to }) => onEnum(schema, of, (item) => ({ ...item, labels: to })),
  createView: (schema, { view }) => ({ ...schema, views: [...schema.views, view] }),
  dropView: (schema, { view }) => ({ ...schema, views: without(schema.views, view) }),
  setComment: (schema, { table, column, to }) =>
    onTable(schema, table, (of) =>
      column === undefined ? comment(of, to) : onColumn(of, column, (it) => comment(it, to)),
    ),
  sql: (schema) => schema,
};

function applied(schema: SchemaSnapshot, operation: Operation): SchemaSnapshot {
  return (APPLY[operation.kind] as Apply<Operation['kind']>)(schema, operation);
}

function comment<T extends { readonly comment?: string }>(item: T, to: string | undefined): T {
  const { comment: _, ...rest } = item;
  return (to === undefined ? rest : { ...rest, comment: to }) as T;
}

function withoutSettings(table: TableSnapshot): TableSnapshot {
  const { strict: _, withoutRowid: __, ...rest } = table;
  return rest;
}

function withConstraint(table: TableSnapshot, constraint: Constraint): TableSnapshot {
  const { kind, ...rest } = constraint;
  switch (kind) {
    case 'primaryKey':
      return { ...table, primaryKey: rest as KeySnapshot };
    case 'unique':
      return { ...table, uniques: [...table.uniques, rest as KeySnapshot] };
    case 'foreignKey':
      return { ...table, foreignKeys: [...table.foreignKeys, rest as ForeignKeySnapshot] };
    default:
      return { ...table, checks: [...table.checks, rest as CheckSnapshot] };
  }
}

function withoutConstraint(table: TableSnapshot, constraint: Constraint): TableSnapshot {
  const { kind } = constraint;
  if (kind === 'primaryKey') {
    const { primaryKey: _, ...rest } = table;
    return rest;
  }
  const list = ({ unique: 'uniques', foreignKey: 'foreignKeys', check: 'checks' } as const)[kind];
  const found = table[list].findIndex((other) => sameConstraint({ kind, ...other } as Constraint, constraint));
  if (found < 0) {
    throw new ConfigurationError(
      `an operation drops a constraint of '${shown(table)}' that is not there: ${constraint.name ?? kind}`,
    );
  }
  return { ...table, [list]: table[list].toSpliced(found, 1) };
}

function renamedTable(schema: SchemaSnapshot, table: TableSnapshot, to: string): SchemaSnapshot {
  const tables = schema.tables.map((other) => ({
    ...other,
    ...(other === table && { name: to }),
    foreignKeys: other.foreignKeys.map((key) =>
      isSame(key.target, table) ? { ...key, target: { ...key.target, name: to } } : key,
    ),
  }));
  const views = schema.views.map((view) => ({ ...view, query: withRenamed(view.query, table.name, to) }));
  return { ...schema, tables, views };
}

function renamedColumn(schema: SchemaSnapshot, table: TableSnapshot, from: string, to: string): SchemaSnapshot {
  const name = (of: string): string => (of === from ? to : of);
  const text = (of: string): string => withRenamed(of, from, to);
  const changed = onColumn(table, from, (column) => ({ ...column, name: to }));
  const keys = (key: KeySnapshot): KeySnapshot => ({ ...key, columns: key.columns.map(name) });
  const renamed: TableSnapshot = {
    ...changed,
    columns: changed.columns.map((column) => {
      const { generated } = column;
      return generated ? { ...column, generated: { ...generated, expression: text(generated.expression) } } : column;
    }),
    ...(table.primaryKey && { primaryKey: keys(table.primaryKey) }),
    uniques: table.uniques.map(keys),
    checks: table.checks.map((check) => ({ ...check, expression: text(check.expression) })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(name) })),
    indexes: table.indexes.map((index) => ({
      ...index,
      on: index.on.map((term) => ({
        ...term,
        ...(term.column !== undefined && { column: name(term.column) }),
        ...(term.expression !== undefined && { expression: text(term.expression) }),
      })),
      ...(index.where !== undefined && { where: text(index.where) }),
    })),
  };
  const tables = schema.tables.map((other) => {
    const own = other === table ? renamed : other;
    return {
      ...own,
      foreignKeys: own.foreignKeys.map((key) =>
        isSame(key.target, table) ? { ...key, references: key.references.map(name) } : key,
      ),
    };
  });
  return { ...schema, tables };
}
