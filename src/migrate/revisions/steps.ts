import { ConfigurationError } from '../../errors/errors.ts';
import type { Plain } from '../../sql/plain.ts';
import type { Select } from '../../sql/statement.ts';
import type { AnyWrite } from '../../sql/write.ts';
import { kindOf } from '../../util/brand.ts';
import type { Operation, RunSql } from '../operations/operation.ts';
import { splitSql } from './split-sql.ts';

/** What a data step works with: the database, within the unit of its revision. */
export interface MigrationData {
  /** The name of the dialect. */
  readonly dialect: string;
  /** Rows, as the steps before left them. */
  all<R>(statement: Select<R>): Promise<Plain<R>[]>;
  /** Rows of SQL, as arrays. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  /** A write. It is stored with the revision, or not at all; where the driver has no transactions, after the function has ended. */
  run(statement: AnyWrite): Promise<void>;
  /** SQL that writes, under the same rule. */
  execute(sql: string): Promise<void>;
}

export interface DataStep {
  readonly kind: 'data';
  readonly name: string;
  readonly run: (data: MigrationData) => Promise<void>;
}
export interface ApartStep {
  readonly kind: 'apart';
  readonly sql: string;
  readonly done: string | undefined;
  readonly clean: string | undefined;
}
export interface VariantStep {
  readonly kind: 'variant';
  readonly of: Readonly<Record<string, readonly RevisionStep[]>>;
}
/** What `up` and `down` are made of: operations of the schema and SQL, as plain data, and what only code can do. */
export type RevisionStep = Operation | DataStep | ApartStep | VariantStep;

/**
 * A step of SQL: one text of one or several statements, or one for each dialect.
 *
 * @example
 * execute('update users set name = trim(name)')
 * execute({ sqlite: 'pragma optimize', postgres: 'analyze users' })
 * @throws ConfigurationError if there is no statement in it.
 */
export function execute(sql: string | Readonly<Record<string, string>>): RunSql {
  const up =
    typeof sql === 'string'
      ? splitSql(sql)
      : Object.fromEntries(
          Object.entries(sql ?? {}).map(([dialect, text]) => [dialect, splitSql(textOf(text, 'execute()'))]),
        );
  if (Object.values(up).flat().length === 0) {
    throw new ConfigurationError('execute(): expected SQL, or SQL by dialect: execute({ sqlite: …, postgres: … })');
  }
  return { kind: 'sql', up };
}

/**
 * A step that decides by what it reads. Its writes are stored with the revision, or not at all. Where the driver has
 * transactions it runs within that of the revision, and reads what it wrote. Where it has none, on D1, what it reads are
 * the steps before, and its writes go when it has ended: it may run again before they have arrived, never after.
 *
 * @param name says in messages what it does, and stands in the digest of the revision in place of the code.
 * @example
 * data('split names', async (db) => {
 *   for (const user of await db.all(select({ id: users.c.id, name: users.c.name }).from(users)))
 *     await db.run(update(users).set({ first: user.name.split(' ')[0]! }).where(users.c.id.eq(user.id)));
 * })
 */
export function data(name: string, run: (data: MigrationData) => Promise<void>): DataStep {
  if (typeof name !== 'string' || name === '' || typeof run !== 'function') {
    throw new ConfigurationError('data(): expected a name and a function: data("split names", async (db) => { … })');
  }
  return { kind: 'data', name, run };
}

export interface ApartOptions {
  /** A query whose only value is true once the statement has been done: how a run that was cut off goes on. */
  readonly done?: string;
  /** A statement that takes away what a failed attempt left. */
  readonly clean?: string;
}

/**
 * A statement that must not be in a transaction. The ledger notes before and after it, so that a run that was cut off
 * goes on by itself with `done`, and without it stops and says what to do.
 *
 * @example
 * apart('create index concurrently by_name on users (name)', {
 *   done: `select coalesce((select indisvalid from pg_index where indexrelid = to_regclass('by_name')), false)`,
 *   clean: 'drop index concurrently if exists by_name',
 * })
 * @throws ConfigurationError unless it is one statement.
 */
export function apart(sql: string, options: ApartOptions = {}): ApartStep {
  const [statement, ...more] = splitSql(textOf(sql, 'apart()'));
  if (statement === undefined || more.length > 0) throw new ConfigurationError('apart(): expected one statement');
  return { kind: 'apart', sql: statement, done: options.done, clean: options.clean };
}

/**
 * Other steps for other dialects; none for those that it does not name.
 *
 * @example
 * variant({ postgres: [execute('create extension if not exists citext')], sqlite: [] })
 */
export function variant(of: Readonly<Record<string, readonly RevisionStep[]>>): VariantStep {
  if (typeof of !== 'object' || of === null || !Object.values(of).every(Array.isArray)) {
    throw new ConfigurationError(
      'variant(): expected lists of steps by dialect: variant({ sqlite: [], postgres: [] })',
    );
  }
  return { kind: 'variant', of };
}

function textOf(text: unknown, what: string): string {
  if (typeof text === 'string') return text;
  throw new ConfigurationError(`${what}: expected SQL as text, got ${kindOf(text)}; Core statements go into data()`);
}

export function isData(step: RevisionStep): step is DataStep {
  return step.kind === 'data';
}
export function isApart(step: RevisionStep): step is ApartStep {
  return step.kind === 'apart';
}

/** The steps of one dialect. */
export function stepsFor(steps: readonly RevisionStep[], dialect: string): Exclude<RevisionStep, VariantStep>[] {
  return steps.flatMap((step) => (step.kind === 'variant' ? stepsFor(step.of[dialect] ?? [], dialect) : [step]));
}
