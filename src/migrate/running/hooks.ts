import type { Dialect } from '../../compiler/dialect.ts';
import { CapabilityError } from '../../errors/errors.ts';

/** What running revisions needs of a database beyond its dialect. */
export interface RunningHooks {
  /** Goes first in every unit: it waits for the unit of another runner, and is held until this one ends. */
  readonly lock?: string;
  /** How long a statement of a unit may wait for a lock on a table, which everyone else then waits for too. */
  readonly patience?: (milliseconds: number) => string;
  /** Keeps the unit from being told that a table is there already: some clients print that. */
  readonly quiet?: string;
  /** SQL for the time of the database: milliseconds since the epoch, and text. */
  readonly milliseconds: string;
  readonly instant: string;
  /** What the database says of a table that is not there. */
  readonly missing: RegExp;
  /** What goes around the statements of a unit in a file. */
  readonly around: readonly [begin: string, commit: string];
  /** The first line of a file: what makes the shell of the database stop at the first error. */
  readonly shell: string;
}

/** "cinnabar" as the numbers of its letters. */
const LOCK_KEY = '7163384652183331186';

const HOOKS: Readonly<Record<string, RunningHooks>> = {
  sqlite: {
    milliseconds: `cast((julianday('now') - 2440587.5) * 86400000 as integer)`,
    instant: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
    missing: /\bno such table\b/,
    around: ['begin immediate', 'commit'],
    // Its shell would go on after an error, drop what is only aside, and commit that.
    shell: '.bail on',
  },
  postgres: {
    lock: `select pg_advisory_xact_lock(${LOCK_KEY})`,
    quiet: 'set local client_min_messages = warning',
    patience: (milliseconds) => `set local lock_timeout = ${Math.ceil(milliseconds)}`,
    milliseconds: '(extract(epoch from clock_timestamp()) * 1000)::bigint',
    instant: `to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    missing: /\(42P01\)/,
    around: ['begin', 'commit'],
    shell: '-- psql -v ON_ERROR_STOP=1',
  },
};

/** @throws CapabilityError for a database that no revision can run on. */
export function hooksOf(dialect: Dialect): RunningHooks {
  const hooks = HOOKS[dialect.name];
  if (hooks) return hooks;
  throw new CapabilityError(`revisions run on ${Object.keys(HOOKS).join(' and ')}, not on ${dialect.name}`);
}
