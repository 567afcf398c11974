import type { CallOptions } from '../../driver/driver.ts';
import { coreOf, type Engine } from '../../engine/engine.ts';
import type { MetaData } from '../../schema/metadata.ts';
import { type ByDialect, ofDialect, type Question, type Reconciliation } from '../dialect.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { snapshotOf } from '../from-models.ts';
import { findTable, isSame } from '../names.ts';
import { reconciliation } from '../postgres/reconcile.ts';
import { isSayable } from '../pull/pull.ts';
import { ask, reflect } from '../reflect.ts';
import type { ColumnSnapshot, ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { atHome } from './home.ts';
import { diff, type Difference, type DiffOptions } from './diff.ts';

/** SQLite keeps the text as it was written. */
const RECONCILIATIONS: ByDialect<Reconciliation | undefined> = { sqlite: undefined, postgres: reconciliation };

export interface CompareOptions extends DiffOptions, CallOptions {
  /** Tables, enums and views of the database that are none of the models' business: they are left alone. */
  readonly ignore?: (object: ObjectName) => boolean;
  /**
   * What becomes of views and enums that the models do not declare, and of indexes that no model can: they are kept,
   * unless told. A snapshot declares all that it wants to be there.
   */
  readonly unknown?: 'keep' | 'drop';
}

export interface Comparison extends Difference {
  /** What the database has. */
  readonly current: SchemaSnapshot;
  /** What the models say, in the words of the database where both say the same. */
  readonly desired: SchemaSnapshot;
}

/**
 * The operations that lead from a database to a schema. At most two round trips: the schema that is there, and, on
 * PostgreSQL, how the database itself writes the expressions whose text differs.
 *
 * @param desired models, or a snapshot of the same dialect.
 * @example
 * const { operations } = await compare(engine, Model.metadata)
 * operations // [] where the database has what the models say
 * @throws ConfigurationError that lists every mistake in the models.
 */
export async function compare(
  engine: Engine,
  desired: MetaData | SchemaSnapshot,
  { ignore, unknown, signal, deadline, ...options }: CompareOptions = {},
): Promise<Comparison> {
  const { dialect } = coreOf(engine).driver;
  const said = 'dialect' in desired ? desired : snapshotOf(desired, dialect);
  const call = { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
  const found = await reflect(engine, { ...call, schemas: said.schemas });
  const wanted = atHome(said, found.defaultSchema);
  const isKept = unknown === undefined ? !('dialect' in desired) : unknown === 'keep';
  const current = kept(found, wanted, ignore);
  const question = ofDialect(RECONCILIATIONS, dialect)?.(current, wanted);
  const settled = question ? await written(engine, question, call) : undefined;
  const end = settled ?? wanted;
  return { ...diff(isKept ? known(current, end) : current, end, options), current, desired: end };
}

/** Asks outside of a transaction, which saves round trips, and in one where that had no answer. */
async function written<T>(
  engine: Engine,
  question: Question<T | undefined>,
  call: CallOptions,
): Promise<T | undefined> {
  try {
    const found = await ask(engine, question, call);
    if (found !== undefined) return found;
  } catch (error) {
    // Some drivers let what reads write nothing, not even what is temporary.
    if (!isCinnabarError(error, 'DatabaseError')) throw error;
  }
  return ask(engine, question, call, { mode: 'write' });
}

/** What is the models' business: a schema in which they have nothing is another program's. */
function kept(found: SchemaSnapshot, wanted: SchemaSnapshot, ignore: CompareOptions['ignore']): SchemaSnapshot {
  const own = [...wanted.tables, ...wanted.enums, ...wanted.views];
  const isHome = own.length === 0 || own.some(({ schema }) => schema === undefined);
  const stays = (object: ObjectName): boolean => (object.schema !== undefined || isHome) && !ignore?.(object);
  return {
    ...found,
    tables: found.tables.filter(stays),
    enums: found.enums.filter(stays),
    views: found.views.filter(stays),
  };
}

/** Without what the models do not declare, and may not be able to. */
function known(current: SchemaSnapshot, wanted: SchemaSnapshot): SchemaSnapshot {
  const isIn = (list: readonly ObjectName[], object: ObjectName): boolean =>
    list.some((other) => isSame(other, object));
  return {
    ...current,
    tables: current.tables.map((table) => {
      const own = findTable(wanted, table)?.indexes ?? [];
      const indexes = table.indexes.filter((index) => isSayable(index) || own.some(({ name }) => name === index.name));
      const columns = table.columns.map((column) => (isKeyOf(table, column) ? column : withoutIdentity(column)));
      return { ...table, indexes, columns };
    }),
    enums: current.enums.filter((item) => isIn(wanted.enums, item)),
    views: current.views.filter((view) => isIn(wanted.views, view)),
  };
}

function isKeyOf({ primaryKey }: TableSnapshot, { name }: ColumnSnapshot): boolean {
  return primaryKey?.columns.includes(name) === true;
}

/** Models have the database make keys alone. */
function withoutIdentity(column: ColumnSnapshot): ColumnSnapshot {
  const { identity, ...others } = column;
  return identity === undefined ? column : others;
}
