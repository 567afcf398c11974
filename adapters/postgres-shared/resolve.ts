import { within } from '../../src/driver/call.ts';
import type { CallOptions } from '../../src/driver/driver.ts';
import { isCinnabarError, type Resolution } from '../../src/errors/base.ts';
import { TimeoutError } from '../../src/errors/errors.ts';
import { executeUnit, type Acquire } from './execute.ts';

/** How often a transaction that is still there is asked for, and the pause after each time, in milliseconds. */
const TRIES = 100;
const PAUSE = 50;

/**
 * The connection of a transaction whose client is gone is nobody's, and its server may not have noticed: it is ended, so
 * that no COMMIT which is still on its way arrives later. One that is being carried out is carried out first.
 */
const END = 'select pg_terminate_backend(pid) from pg_stat_activity where backend_xid = ($1::text)::xid8::xid';
const STATUS = 'select pg_xact_status(($1::text)::xid8)';

/** What became of a transaction. */
export async function resolveTransaction(acquire: Acquire, id: string, options: CallOptions = {}): Promise<Resolution> {
  const statements = [END, STATUS].map((sql) => ({ sql, params: [id] }));
  for (let tries = 1; tries <= TRIES; tries++) {
    const status = await ask();
    if (status === 'committed') return status;
    if (status === 'aborted') return 'not committed';
    await within(options, 'not committed', () => new Promise((resolve) => setTimeout(resolve, PAUSE)));
  }
  throw new TimeoutError('the transaction is still under way: resolve() it later', { retryable: true });

  async function ask(): Promise<unknown> {
    try {
      const { results } = await executeUnit(acquire, { mode: 'read', statements }, options);
      return results[1]!.rows[0]![0];
    } catch (error) {
      if (isCinnabarError(error, 'ConnectionLost')) return undefined;
      throw error;
    }
  }
}
