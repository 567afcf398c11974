import { ConfigurationError } from '../../errors/errors.ts';
import { topologicalGroups } from '../../util/topological.ts';
import { type MigrationDialect, migrationDialect } from '../dialect.ts';
import { findTable, isSame, keyOf, nameOf } from '../names.ts';
import { demandOf } from '../operations/constraints.ts';
import type { Operation } from '../operations/operation.ts';
import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { enumDifference } from './enums.ts';
import { atHome } from './home.ts';
import { type RenameQuestion, renamed, type Renames } from './renames.ts';
import { tableDifference, type TableDifference } from './tables.ts';
import { viewDifference } from './views.ts';

export type { RenameQuestion, Renames };

export interface DiffOptions {
  /** What is only called otherwise. What is not declared here is asked about, and never guessed. */
  readonly renames?: Renames;
  /** Whether constraints that demand the same and have two names differ. They do not, unless told. */
  readonly names?: 'compare' | 'ignore';
}

export interface Difference {
  /** In an order in which they run. */
  readonly operations: readonly Operation[];
  /** What may have been renamed: without an answer, it is dropped and another is added. */
  readonly questions: readonly RenameQuestion[];
}

/**
 * The operations that lead from one schema to another. Pure.
 *
 * @example
 * diff(await reflect(engine), snapshotOf(Model.metadata, sqliteDialect), { renames: { columns: { 'users.name': 'title' } } })
 * // { operations: [{ kind: 'renameColumn', table: { name: 'users' }, column: 'name', to: 'title' }], questions: [] }
 * @throws ConfigurationError where the two are of different dialects, or a rename names what is not there.
 */
export function diff(from: SchemaSnapshot, to: SchemaSnapshot, options: DiffOptions = {}): Difference {
  if (from.dialect !== to.dialect) {
    throw new ConfigurationError(
      `a schema of ${from.dialect} and one of ${to.dialect} have no difference in operations`,
    );
  }
  const dialect = migrationDialect({ name: from.dialect });
  const home = from.defaultSchema ?? to.defaultSchema;
  const { schema, operations, questions } = renamed(atHome(from, home), atHome(to, home), options.renames ?? {});
  return { operations: [...operations, ...ordered(schema, atHome(to, home), dialect, options)], questions };
}

function ordered(
  from: SchemaSnapshot,
  to: SchemaSnapshot,
  dialect: MigrationDialect,
  options: DiffOptions,
): Operation[] {
  const isNamed = options.names === 'compare';
  const views = viewDifference(from, to);
  const enums = enumDifference(from, to);
  const gone = childrenFirst(from.tables.filter((table) => table.opaque === undefined && !findTable(to, table)));
  const sorted = parentsFirst(to.tables);
  const isFresh = (table: TableSnapshot): boolean => !findTable(from, table);
  const fresh = sorted.filter(isFresh).map((table): Operation => ({ kind: 'createTable', table }));
  const differences = new Map<TableSnapshot, TableDifference>();
  for (const table of sorted) {
    const old = findTable(from, table);
    if (old) differences.set(table, tableDifference(old, table, dialect, isNamed));
  }
  const isTaken = namesTaken(gone, fresh, [...differences.values()]);
  const early = new Set(earlyKeys([...differences.values()], gone, isTaken));
  const dropTables = gone.map((table): Operation => ({ kind: 'dropTable', table: afterEarly(table, early) }));
  const late: Operation[] = [];
  const perTable = sorted.flatMap((table): Operation[] => {
    const own = differences.get(table);
    if (!own) return dialect.forwardReferences ? [] : [{ kind: 'createTable', table }];
    const keys = own.foreignKeys;
    if (!dialect.forwardReferences) late.push(...keys);
    return [
      ...own.drops.filter((operation) => !early.has(operation)),
      ...own.columns,
      ...own.adds,
      ...(dialect.forwardReferences ? keys : []),
      ...own.comments,
    ];
  });
  const schemas = to.schemas.filter((name) => !from.schemas.includes(name));
  return [
    ...views.dropped,
    ...schemas.map((name): Operation => ({ kind: 'createSchema', name })),
    ...enums.first,
    ...early,
    ...(isTaken ? dropTables : []),
    ...(dialect.forwardReferences ? fresh : []),
    ...perTable,
    ...late,
    ...(isTaken ? [] : dropTables),
    ...enums.last,
    ...views.created,
  ];
}

/** The foreign keys that have to go before what they lead to does, in the order of the tables. */
function earlyKeys(
  differences: readonly TableDifference[],
  gone: readonly TableSnapshot[],
  isTaken: boolean,
): Operation[] {
  const lost = new Set<string>(isTaken ? gone.map(keyOf) : []);
  for (const { drops } of differences) {
    for (const operation of drops) {
      const isKey =
        (operation.kind === 'dropIndex' && operation.index.unique) ||
        (operation.kind === 'dropConstraint' && /^(?:primaryKey|unique)$/.test(operation.constraint.kind));
      if (isKey && 'table' in operation) lost.add(keyOf(operation.table));
    }
  }
  const ofOthers = differences.flatMap(({ drops }) =>
    drops.filter(
      (operation) =>
        operation.kind === 'dropConstraint' &&
        operation.constraint.kind === 'foreignKey' &&
        lost.has(keyOf(operation.constraint.target)),
    ),
  );
  return [...ofOthers, ...cycleKeys(gone)];
}

/** A table that is dropped, without the keys that went before it. */
function afterEarly(table: TableSnapshot, early: ReadonlySet<Operation>): TableSnapshot {
  const lost = [...early].flatMap((operation) =>
    operation.kind === 'dropConstraint' && isSame(operation.table, table) ? [demandOf(operation.constraint)] : [],
  );
  const foreignKeys = table.foreignKeys.filter((key) => !lost.includes(demandOf({ kind: 'foreignKey', ...key })));
  return { ...table, foreignKeys };
}

/** Tables that refer to each other cannot be dropped one after the other. */
function cycleKeys(gone: readonly TableSnapshot[]): Operation[] {
  return topologicalGroups(gone, (table) => referred(table, gone)).flatMap((group) => {
    if (group.length === 1) return [];
    return group.flatMap((table) =>
      table.foreignKeys
        .filter(({ target }) => group.some((other) => other !== table && isSame(other, target)))
        .map((key): Operation => ({
          kind: 'dropConstraint',
          table: nameOf(table),
          constraint: { kind: 'foreignKey', ...key },
        })),
    );
  });
}

/** Whether a new index has the name of one that goes with its table. */
function namesTaken(
  gone: readonly TableSnapshot[],
  fresh: readonly Operation[],
  differences: readonly TableDifference[],
): boolean {
  const names = new Set(gone.flatMap(({ indexes }) => indexes.map(({ name }) => name)));
  const made = [...fresh, ...differences.flatMap(({ adds }) => adds)].flatMap((operation) =>
    operation.kind === 'createTable'
      ? operation.table.indexes.map(({ name }) => name)
      : operation.kind === 'createIndex'
        ? [operation.index.name]
        : [],
  );
  return made.some((name) => names.has(name));
}

function referred(table: TableSnapshot, among: readonly TableSnapshot[]): TableSnapshot[] {
  return among.filter((other) => other !== table && table.foreignKeys.some(({ target }) => isSame(target, other)));
}

function parentsFirst(tables: readonly TableSnapshot[]): TableSnapshot[] {
  return topologicalGroups(tables, (table) => referred(table, tables)).flat();
}

function childrenFirst(tables: readonly TableSnapshot[]): TableSnapshot[] {
  return parentsFirst(tables).toReversed();
}
