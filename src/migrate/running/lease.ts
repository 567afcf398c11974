import { CinnabarError, isCinnabarError } from '../../errors/base.ts';
import { LockTimeout } from '../../errors/errors.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { hooksOf, type RunningHooks } from './hooks.ts';
import {
  bound,
  CREATE_LEASE,
  CREATE_LEDGER,
  LEASE,
  plain,
  READ_LEDGER,
  toLedgerRow,
  type LedgerRow,
  type Place,
} from './ledger.ts';

/** How long a lease holds that its owner does not renew, in milliseconds. */
const LEASE_TIME = 12_000;

/** SQL that renews the lease of an owner; it changes nothing where the lease is another's. */
export function renew(owner: string, hooks: RunningHooks, place: Place): string {
  return `update ${LEASE} set expires = ${hooks.milliseconds} + ${LEASE_TIME} where id = 1 and owner = ${place(owner)}`;
}

export function release(owner: string, place: Place): string {
  return `delete from ${LEASE} where id = 1 and owner = ${place(owner)}`;
}

export interface WaitOptions {
  /** How long to wait for another runner, and for locks, in milliseconds. */
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
  /** Called each time the lease is found held by another. */
  readonly waiting: (owner: string) => void;
}

/** Takes the lease, waiting while another holds it, and reads the ledger under it: one round trip when it is free. */
export async function acquire(core: EngineCore, owner: string, options: WaitOptions): Promise<LedgerRow[]> {
  const { dialect } = core.driver;
  const hooks = hooksOf(dialect);
  const take = bound(
    dialect,
    (value) =>
      `insert into ${LEASE} (id, owner, expires) values (1, ${value(owner)}, ${hooks.milliseconds} + ${LEASE_TIME}) ` +
      `on conflict (id) do update set owner = excluded.owner, expires = excluded.expires ` +
      `where ${LEASE}.expires < ${hooks.milliseconds} or ${LEASE}.owner = excluded.owner`,
  );
  const patience = hooks.patience ? [plain(hooks.patience(Math.max(options.wait, 1)))] : [];
  const lock = hooks.lock === undefined ? [] : [...patience, plain(hooks.lock)];
  const read = [plain(`select owner from ${LEASE} where id = 1`), plain(READ_LEDGER)];
  const quiet = hooks.quiet === undefined ? [] : [plain(hooks.quiet)];
  const statements = [...lock, ...quiet, plain(CREATE_LEDGER), plain(CREATE_LEASE), take, ...read];
  let holder = 'another runner';
  const rows = await patiently(options, async () => {
    const { results } = await core.execute({ mode: 'write', statements }, callOptions(options));
    holder = String(results.at(-2)!.rows[0]?.[0]);
    if (holder === owner) return results.at(-1)!.rows;
    options.waiting(nameOf(holder));
    return undefined;
  });
  if (rows) return rows.map(toLedgerRow);
  throw new LockTimeout(
    `${nameOf(holder)} is migrating this database, and was not done in ${Math.round(options.wait / 1000)} s: try again, or wait for longer`,
    { retryable: true },
  );
}

/** The part of an owner that a person reads. */
function nameOf(owner: string): string {
  return owner.split('#')[0] || 'another runner';
}

export function callOptions({ signal }: { readonly signal: AbortSignal | undefined }): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/**
 * Tries until the work yields something, or the time is up. What the database refuses because it is busy is tried again
 * too, as long as nothing of it was kept.
 */
export async function patiently<T>(
  {
    wait,
    signal,
    isFinal,
  }: Pick<WaitOptions, 'wait' | 'signal'> & { readonly isFinal?: (error: CinnabarError) => boolean },
  work: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const until = Date.now() + wait;
  for (let pause = 50; ; pause = Math.min(pause * 1.6, 1000)) {
    let failure: CinnabarError | undefined;
    try {
      const result = await work();
      if (result !== undefined) return result;
    } catch (error) {
      if (!isPassing(error) || isFinal?.(error)) throw error;
      failure = error;
    }
    // Those that began to wait at once do not all come back at once.
    const rest = pause * (0.5 + Math.random());
    if (Date.now() + rest > until || signal?.aborted) {
      if (failure) throw failure;
      return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

/** Whether the database may take later what it refuses now, and has kept nothing of it. */
function isPassing(error: unknown): error is CinnabarError {
  return isCinnabarError(error) && error.retryable && error.outcome !== 'unknown';
}

/** Renews the lease from time to time, until it is told to stop. */
export function keepRenewing(core: EngineCore, owner: string): () => void {
  const { dialect } = core.driver;
  const statements = [bound(dialect, (value) => renew(owner, hooksOf(dialect), value))];
  const timer = setInterval(() => {
    // A unit that runs meanwhile renews it too, and one that comes too late finds that the lease is gone.
    core.driver.execute({ mode: 'write', statements }).catch(() => undefined);
  }, LEASE_TIME / 3);
  return () => clearInterval(timer);
}
