import { isCinnabarError } from '../errors/base.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { ForeignKeyDefinition, QualifiedName, SchemaChange } from '../schema/definition.ts';
import { foreignKeysOf, sortedTables } from '../schema/foreign-key.ts';
import type { MetaData } from '../schema/metadata.ts';
import type { Table } from '../schema/table.ts';
import { indexDefinition, tableDefinition } from './definitions.ts';
import { completeRules } from '../sql/indexes.ts';
import type { Dialect } from './dialect.ts';
import { enumsOf, labelChecks } from './enums.ts';
import { schemaProblems } from './schema-problems.ts';

/** The tables of a metadata, those referred to first; a group of several is a cycle. */
function groupsOf(metadata: MetaData, problems: string[]): Table[][] {
  metadata.complete();
  const attempt = attempts(problems);
  for (const table of metadata.tables) {
    attempt(() => {
      completeRules(table);
      for (const key of foreignKeysOf(table)) attempt(() => key.references);
    });
  }
  return problems.length > 0 ? [] : sortedTables(metadata);
}

/**
 * The steps that create the schema of a metadata, as data: types of labels, then tables, those referred to first, each with its indexes, then
 * views. With a dialect, also what that database cannot have is refused.
 *
 * @throws ConfigurationError that lists every mistake.
 */
export function planCreate(metadata: MetaData, dialect?: Dialect): SchemaChange[] {
  const problems: string[] = [];
  const attempt = attempts(problems);
  const groups = groupsOf(metadata, problems);
  const changes: SchemaChange[] = [];
  const tables = groups.flat();
  const hasEnums = !dialect || dialect.ddl.enums !== undefined;
  attempt(() => {
    const enums = enumsOf(tables);
    if (hasEnums) changes.push(...enums.map((of): SchemaChange => ({ kind: 'createEnum', enum: of })));
  });
  for (const table of tables) {
    attempt(() => {
      const definition = tableDefinition(table);
      const checks = hasEnums ? definition.checks : [...definition.checks, ...labelChecks(table)];
      changes.push({ kind: 'createTable', table: { ...definition, checks } });
    });
    for (const index of table.indexes) {
      attempt(() => changes.push({ kind: 'createIndex', index: indexDefinition(table, index) }));
    }
  }
  for (const view of metadata.views.values()) changes.push({ kind: 'createView', view });
  problems.push(...schemaProblems(changes, dialect));
  assertNone(problems);
  return dialect?.forwardReferences === false ? withLateKeys(changes, groups) : changes;
}

/**
 * Foreign keys to tables that are created later are added once those are there. Those of a cycle can be put off to the
 * end of a unit: rows that refer to each other come, and go, in any order.
 */
function withLateKeys(changes: readonly SchemaChange[], groups: readonly (readonly Table[])[]): SchemaChange[] {
  const cycles = groups.filter((group) => group.length > 1).map((group) => new Set(group.map(identityOf)));
  const created = new Set<string>();
  const late: SchemaChange[] = [];
  const first = changes.map((change): SchemaChange => {
    if (change.kind !== 'createTable') return change;
    const { table } = change;
    created.add(identityOf(table));
    const cycle = cycles.find((names) => names.has(identityOf(table)));
    const keys = table.foreignKeys.map((key): ForeignKeyDefinition => {
      return cycle?.has(identityOf(key.target)) ? { deferrable: 'immediate', ...key } : key;
    });
    const [early, others] = [true, false].map((isEarly) =>
      keys.filter(({ target }) => created.has(identityOf(target)) === isEarly),
    );
    for (const key of others!) late.push({ kind: 'addForeignKey', table, key });
    return { kind: 'createTable', table: { ...table, foreignKeys: early! } };
  });
  return [...first, ...late];
}

function identityOf({ schema = '', name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}

/** The steps that drop the schema of a metadata: views, tables, those that refer to others first, then types of labels. */
export function planDrop(metadata: MetaData, dialect: Dialect): { changes: SchemaChange[]; isCyclic: boolean } {
  const problems: string[] = [];
  const groups = groupsOf(metadata, problems);
  assertNone(problems);
  const views = [...metadata.views.values()].toReversed();
  const loosen = dialect.forwardReferences ? withoutKeys : withoutOwnKeys;
  return {
    changes: [
      ...views.map(({ schema, name }): SchemaChange => ({ kind: 'dropView', view: { schema, name } })),
      ...groups
        .toReversed()
        .flatMap((group) => [...(group.length > 1 ? group.flatMap(loosen) : []), ...group.toReversed().map(dropped)]),
      ...(dialect.ddl.enums ? enumsOf(groups.flat()) : [])
        .toReversed()
        .map(({ schema, name }): SchemaChange => ({ kind: 'dropEnum', enum: { schema, name } })),
    ],
    isCyclic: groups.some((group) => group.length > 1),
  };
}

function dropped({ schema, name }: Table): SchemaChange {
  return { kind: 'dropTable', table: { schema, name } };
}

/**
 * Replaces a table by an empty one that refers to none: of tables that refer to each other, one cannot go while the
 * actions of another's keys pass through a third that has lost what it refers to.
 */
function withoutKeys(table: Table): SchemaChange[] {
  const unique = table.indexes.filter((index) => index.unique);
  return [
    dropped(table),
    { kind: 'createTable', table: { ...tableDefinition(table), foreignKeys: [] } },
    ...unique.map((index): SchemaChange => ({ kind: 'createIndex', index: indexDefinition(table, index) })),
  ];
}

/** Takes the foreign keys of a table away, where a database can. */
function withoutOwnKeys(table: Table): SchemaChange[] {
  return tableDefinition(table).foreignKeys.map((key) => ({ kind: 'dropForeignKey', table, key: key.name }));
}

/** Runs work and notes the mistakes that it finds, each once. */
function attempts(problems: string[]): (work: () => void) => void {
  return (work) => {
    try {
      work();
    } catch (error) {
      if (!isCinnabarError(error, 'ConfigurationError') && !isCinnabarError(error, 'InvalidValueError')) throw error;
      if (!problems.includes(error.message)) problems.push(error.message);
    }
  };
}

function assertNone(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ConfigurationError(
    problems.length === 1 ? problems[0]! : `${problems.length} mistakes in the schema:\n- ${problems.join('\n- ')}`,
  );
}
