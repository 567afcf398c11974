import type {
  EnumDefinition,
  ForeignKeyDefinition,
  IndexDefinition,
  QualifiedName,
  SchemaChange,
  TableDefinition,
  ViewDefinition,
} from '../schema/definition.ts';
import { byteLength } from '../schema/constraint-names.ts';
import { ColumnNode, orderOf } from '../sql/expression.ts';
import type { SelectNode } from '../sql/nodes.ts';
import { someInSelect, sourcesOf } from '../sql/tree.ts';
import type { Dialect } from './dialect.ts';

/** What a database would refuse, or take and mean something else, in the creation of a schema. */
export function schemaProblems(changes: readonly SchemaChange[], dialect: Dialect | undefined): string[] {
  const tables = changes.flatMap((change) => (change.kind === 'createTable' ? [change.table] : []));
  const indexes = changes.flatMap((change) => (change.kind === 'createIndex' ? [change.index] : []));
  const views = changes.flatMap((change) => (change.kind === 'createView' ? [change.view] : []));
  const enums = changes.flatMap((change) => (change.kind === 'createEnum' ? [change.enum] : []));
  const keys = new Map(tables.map((table) => [idOf(table), keysOf(table, indexes)]));
  return [
    ...sharedNames(tables, indexes, views),
    ...enums.flatMap((of) => enumProblems(of, [...tables, ...views], dialect)),
    ...tables.flatMap((table) => tableProblems(table)),
    ...tables.flatMap((table) => (dialect ? typeProblems(table, dialect) : [])),
    ...tables.flatMap((table) => table.foreignKeys.flatMap((key) => foreignKeyProblems(table, key, keys))),
    ...namesOf(tables, indexes, views).flatMap(([what, name]) => nameProblem(what, name, dialect)),
    ...(dialect && !dialect.ddl.indexMethods ? indexes.flatMap((index) => indexProblems(index, dialect)) : []),
    ...(dialect && !dialect.ddl.crossSchema ? crossings(tables, views) : []),
  ];
}

/** Databases compare names without regard to case, or would if they were not quoted. */
function fold(name: string): string {
  return name.toLowerCase();
}

function idOf({ schema = '', name }: QualifiedName): string {
  return `${fold(schema)}\0${fold(name)}`;
}

type Entry = readonly [what: string, id: string, name: string];

/** Tables, views and what is stored as an index share the names of a schema. */
function sharedNames(
  tables: readonly TableDefinition[],
  indexes: readonly IndexDefinition[],
  views: readonly ViewDefinition[],
): string[] {
  return twice([
    ...tables.map((table): Entry => ['a table', idOf(table), table.name]),
    ...views.map((view): Entry => ['a view', idOf(view), view.name]),
    ...tables.flatMap((table) =>
      [...table.uniques, ...(table.primaryKey ? [table.primaryKey] : [])].map(({ name }): Entry => [
        `a key of '${table.name}'`,
        idOf({ schema: table.schema, name }),
        name,
      ]),
    ),
    ...indexes.map((index): Entry => [`an index of '${index.table}'`, idOf(index), index.name]),
  ]).map((problem) => `${problem}: give one another name`);
}

/** @param rows tables and views, each of which is a type too. */
function enumProblems(
  { schema, name, labels }: EnumDefinition,
  rows: readonly QualifiedName[],
  dialect: Dialect | undefined,
): string[] {
  const { enums, nameBytes } = dialect?.ddl ?? {};
  const what = `the enumType() '${name}'`;
  const long = labels.find((label) => nameBytes !== undefined && byteLength(label) > nameBytes);
  return [
    ...(schema === undefined ? [] : nameProblem('a schema', schema, dialect)),
    ...nameProblem('an enumType()', name, dialect),
    ...(schema === undefined && enums?.taken.test(name)
      ? [`${what} has the name of a type of the database: give it another`]
      : []),
    ...(rows.some((of) => of.name === name && of.schema === schema)
      ? [`${what} has the name of a table or a view, which is a type too: give one another`]
      : []),
    ...(long === undefined ? [] : [`${what} has a label that is longer than ${nameBytes} bytes: '${long}'`]),
  ];
}

function twice(entries: readonly Entry[]): string[] {
  const owners = new Map<string, string>();
  return entries.flatMap(([what, id, name]) => {
    const other = owners.get(id);
    if (other === undefined) owners.set(id, what);
    return other === undefined ? [] : [`${other} and ${what} are both named '${name}'`];
  });
}

function tableProblems(table: TableDefinition): string[] {
  const { columns, primaryKey } = table;
  const path = (column: string): string => `${table.name}.${column}`;
  const constraints = [...table.foreignKeys, ...table.checks, ...table.uniques, ...(primaryKey ? [primaryKey] : [])];
  const problems = [
    ...twice(columns.map(({ name }): Entry => [`a column of '${table.name}'`, fold(name), name])),
    ...twice(constraints.map(({ name }): Entry => [`a constraint of '${table.name}'`, fold(name), name])),
  ];
  if (columns.every((column) => column.computed)) problems.push(`'${table.name}' has no column that is written`);
  for (const { name, computed, default: initial, identity } of columns) {
    if (!computed) continue;
    const isKey = primaryKey?.columns.includes(name) || identity;
    if (isKey) problems.push(`${path(name)} is generatedAs() and cannot be a primary key`);
    if (initial) problems.push(`${path(name)} is generatedAs() and cannot have a default`);
  }
  if (table.withoutRowid) {
    const made = columns.find((column) => column.identity);
    if (!primaryKey) problems.push(`'${table.name}' is withoutRowid and needs a primary key`);
    if (made) {
      problems.push(`'${table.name}' is withoutRowid: its key is not generated; primaryKey({ generated: false })`);
    }
  }
  return problems;
}

/** What an index may have on other databases. */
function indexProblems({ name, method, include, nullsNotDistinct }: IndexDefinition, dialect: Dialect): string[] {
  const asked = { using: method !== undefined, include: include !== undefined, nullsNotDistinct };
  return Object.entries(asked).flatMap(([what, isAsked]) =>
    isAsked ? [`the index '${name}' asks for ${what}(), which ${dialect.name} has not`] : [],
  );
}

/** Types that only other databases have. */
function typeProblems({ name, columns }: TableDefinition, dialect: Dialect): string[] {
  return columns.flatMap((column) => {
    try {
      dialect.codec(column.type);
      return [];
    } catch (error) {
      return [`${name}.${column.name}: ${(error as Error).message}`];
    }
  });
}

/** The sets of columns that a foreign key may lead to. */
function keysOf(table: TableDefinition, indexes: readonly IndexDefinition[]): string[] {
  const unique = indexes
    .filter((index) => index.unique && !index.where && index.table === table.name && index.schema === table.schema)
    .map((index) => index.on.map((by) => (orderOf(by).expression as Partial<ColumnNode>).name ?? ''));
  const keys = [...table.uniques, ...(table.primaryKey ? [table.primaryKey] : [])];
  return [...keys.map((key) => key.columns), ...unique].map(setOf);
}

function setOf(columns: readonly string[]): string {
  return JSON.stringify(columns.toSorted());
}

function foreignKeyProblems(
  table: TableDefinition,
  key: ForeignKeyDefinition,
  keys: ReadonlyMap<string, readonly string[]>,
): string[] {
  const path = `${table.name}.${key.columns.join(',')}`;
  const problems: string[] = [];
  if (!keys.get(idOf(key.target))?.includes(setOf(key.references))) {
    problems.push(
      `${path} refers to ${key.target.name}.${key.references.join(',')}, which is no key: make it unique()`,
    );
  }
  const fixed = table.columns.filter((column) => key.columns.includes(column.name) && !column.nullable);
  for (const [option, action] of [
    ['onDelete', key.onDelete],
    ['onUpdate', key.onUpdate],
  ] as const) {
    if (action === 'set null' && fixed.length > 0)
      problems.push(`${path}: ${option} 'set null', and ${fixed[0]!.name} is not nullable()`);
  }
  const computed = table.columns.some((column) => key.columns.includes(column.name) && column.computed);
  if (computed && [key.onDelete, key.onUpdate].some((action) => action && /^(?:set|cascade)/.test(action))) {
    problems.push(`${path} is generatedAs(): no action of its foreign key can change it`);
  }
  return problems;
}

function namesOf(
  tables: readonly TableDefinition[],
  indexes: readonly IndexDefinition[],
  views: readonly ViewDefinition[],
): (readonly [what: string, name: string])[] {
  const schemas = new Set([...tables, ...views].flatMap(({ schema }) => (schema === undefined ? [] : [schema])));
  return [
    ...[...schemas].map((name) => ['a schema', name] as const),
    ...tables.flatMap((table) => [
      ['a table', table.name] as const,
      ...table.columns.map(({ name }) => [`a column of '${table.name}'`, name] as const),
      ...[...table.checks, ...table.foreignKeys].map(({ name }) => [`a constraint of '${table.name}'`, name] as const),
    ]),
    ...indexes.map((index) => [`an index of '${index.table}'`, index.name] as const),
    ...views.flatMap((view) => [
      ['a view', view.name] as const,
      ...view.columns.map((name) => [`a column of '${view.name}'`, name] as const),
    ]),
  ];
}

function nameProblem(what: string, name: string, dialect: Dialect | undefined): string[] {
  if (name === '') return [`${what} has an empty name`];
  if (name.includes('\0') || !name.isWellFormed()) return [`the name of ${what} holds NUL or is no well-formed text`];
  const { reservedNames, nameBytes } = dialect?.ddl ?? {};
  if (nameBytes !== undefined && byteLength(name) > nameBytes)
    return [`the name of ${what} is longer than ${nameBytes} bytes: '${name}'`];
  return reservedNames?.test(name) && !what.startsWith('a co')
    ? [`${what} is named '${name}', as only the database may`]
    : [];
}

/** Foreign keys and views that lead out of their schema. */
function crossings(tables: readonly TableDefinition[], views: readonly ViewDefinition[]): string[] {
  return [
    ...tables.flatMap((table) =>
      table.foreignKeys
        .filter((key) => key.target.schema !== table.schema)
        .map(
          (key) =>
            `${table.name}.${key.columns.join(',')} refers to '${key.target.name}', which is in another database: no foreign key goes there`,
        ),
    ),
    ...views
      .filter((view) => readsElsewhere(view))
      .map((view) => `the view '${view.name}' reads what is in another database`),
  ];
}

function readsElsewhere({ schema, query }: ViewDefinition): boolean {
  const select = query as SelectNode;
  const isElsewhere = (from: ColumnNode['source']): boolean =>
    typeof from !== 'string' && 'table' in from && from.table.schema !== schema;
  return (
    sourcesOf(select).some(isElsewhere) ||
    someInSelect(select, (node) => node instanceof ColumnNode && isElsewhere(node.source))
  );
}
