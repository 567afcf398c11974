import { ConfigurationError } from '../../errors/errors.ts';
import { topologicalGroups } from '../../util/topological.ts';
import type { DialectRules } from '../dialect.ts';
import { findTable, keyOf } from '../names.ts';
import type { Operation } from '../operations/operation.ts';
import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { enumDifference } from './enums.ts';
import { atHome } from './home.ts';
import { afterEarly, heldTables, keyMoves, referred } from './keys.ts';
import { type RenameQuestion, renamed, type Renames } from './renames.ts';
import { tableDifference, type TableDifference } from './tables.ts';
import { rulesOf } from './rules.ts';
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
  const dialect = rulesOf({ name: from.dialect });
  const home = from.defaultSchema ?? to.defaultSchema;
  const { schema, operations, questions } = renamed(atHome(from, home), atHome(to, home), options.renames ?? {});
  return { operations: [...operations, ...ordered(schema, atHome(to, home), dialect, options)], questions };
}

function ordered(from: SchemaSnapshot, to: SchemaSnapshot, dialect: DialectRules, options: DiffOptions): Operation[] {
  const isNamed = options.names === 'compare';
  const views = viewDifference(from, to);
  const enums = enumDifference(from, to);
  const gone = childrenFirst(from.tables.filter((table) => table.opaque === undefined && !findTable(to, table)));
  const sorted = parentsFirst(to.tables, (table) => findTable(from, table) !== undefined);
  const places = new Map(sorted.map((table, at) => [keyOf(table), at]));
  const differences = new Map<TableSnapshot, TableDifference>();
  for (const table of sorted) {
    const old = findTable(from, table);
    if (old) differences.set(table, tableDifference(old, table, dialect, isNamed));
  }
  const isTaken = namesTaken(gone, sorted, differences);
  const held = isTaken ? [] : heldTables(gone, from);
  const moves = keyMoves(from, differences, { gone, held, isTyped: dialect.typedKeys === true });
  const early = new Set(moves.early);
  const dropTables = (tables: readonly TableSnapshot[]): Operation[] =>
    tables.map((table) => ({ kind: 'dropTable', table: afterEarly(table, moves.early) }));
  const late = [...moves.late];
  const perTable = sorted.flatMap((table, at): Operation[] => {
    const own = differences.get(table);
    if (!own) return [{ kind: 'createTable', table }];
    // A key leads to a table that is there, with the columns that it leads to.
    const isEarly = (operation: Operation): boolean =>
      operation.kind === 'addConstraint' &&
      operation.constraint.kind === 'foreignKey' &&
      (places.get(keyOf(operation.constraint.target)) ?? at) <= at;
    late.push(...own.foreignKeys.filter((operation) => !isEarly(operation)));
    return [
      ...own.drops.filter((operation) => !early.has(operation)),
      ...own.columns,
      ...own.adds,
      ...own.foreignKeys.filter(isEarly),
      ...own.comments,
    ];
  });
  const schemas = to.schemas.filter((name) => !from.schemas.includes(name));
  return [
    // Where it has to be stored before the rest, nothing is missing meanwhile.
    ...enums.grown,
    ...views.dropped,
    ...schemas.map((name): Operation => ({ kind: 'createSchema', name })),
    ...enums.created,
    ...early,
    ...dropTables(gone.filter((table) => !held.includes(table))),
    ...perTable,
    ...late,
    ...dropTables(held),
    ...enums.last,
    ...views.created,
  ];
}

/** Whether a new index has the name of one that goes with its table. */
function namesTaken(
  gone: readonly TableSnapshot[],
  tables: readonly TableSnapshot[],
  differences: ReadonlyMap<TableSnapshot, TableDifference>,
): boolean {
  const names = new Set(gone.flatMap(({ indexes }) => indexes.map(({ name }) => name)));
  return tables.some((table) => {
    const own = differences.get(table);
    if (!own) return table.indexes.some(({ name }) => names.has(name));
    return own.adds.some((operation) => operation.kind === 'createIndex' && names.has(operation.index.name));
  });
}

/** Of those that refer to each other, the ones that are there already come first: others can be made to fit them. */
function parentsFirst(
  tables: readonly TableSnapshot[],
  isThere: (table: TableSnapshot) => boolean = () => true,
): TableSnapshot[] {
  return topologicalGroups(tables, (table) => referred(table, tables)).flatMap((group) => [
    ...group.filter(isThere),
    ...group.filter((table) => !isThere(table)),
  ]);
}

function childrenFirst(tables: readonly TableSnapshot[]): TableSnapshot[] {
  return parentsFirst(tables).toReversed();
}
