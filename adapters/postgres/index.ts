import type { Sql } from 'postgres';
import { within } from '../../src/driver/call.ts';
import type { CallOptions, Driver } from '../../src/driver/driver.ts';
import { ConnectionLost } from '../../src/errors/errors.ts';
import { translate } from '../postgres-shared/errors.ts';
import { interactiveDriver } from '../postgres-shared/pool.ts';
import type { Connection, Reply, Step } from '../postgres-shared/wire.ts';

/** What the driver uses of the client that `postgres()` makes. */
export type PostgresSql = Pick<Sql, 'options' | 'reserve'>;
type Reserved = Awaited<ReturnType<PostgresSql['reserve']>>;

/**
 * The driver for postgres.js. A unit is one round trip once its statements are prepared on the connection; the first
 * time the client asks for the types of each that has parameters, and waits. Closing the driver leaves the client open.
 * It turns on the client's `fetch_types`: without, `reserve()` never answers on a new connection (3.4.9).
 *
 * @example
 * const driver = postgres(postgresClient(url))
 */
export function postgres(sql: PostgresSql): Driver<true> {
  sql.options.fetch_types = true;
  return interactiveDriver('postgres', async (options) => new ReservedConnection(await reserve(sql, options)));
}

/** A connection that comes too late goes back. */
async function reserve(sql: PostgresSql, options: CallOptions): Promise<Reserved> {
  const coming = sql.reserve();
  try {
    return await within(options, 'not sent', () => coming);
  } catch (error) {
    coming.then(
      (late) => late.release(),
      () => undefined,
    );
    throw translate(error, 'not sent');
  }
}

/** The client's own object for a physical connection, which it hands to `onexecute`. */
interface Physical {
  onclose: ((error: unknown) => void) | null;
  terminate(): void;
}

/**
 * A reserved connection, fenced: after a connection breaks, the client would send what comes next on a new one, outside
 * of any transaction, and would leave what waits in its queue without an answer.
 */
class ReservedConnection implements Connection {
  readonly pipelined = true;
  readonly #reserved: Reserved;
  readonly #broken = Promise.withResolvers<never>();
  #physical: Physical | undefined;
  #isLost = false;

  constructor(reserved: Reserved) {
    this.#reserved = reserved;
    this.#broken.promise.catch(() => undefined);
  }

  async query({ text, params }: Step): Promise<Reply> {
    if (this.#isLost) throw new ConnectionLost('the connection is gone', { outcome: 'not sent', retryable: true });
    // The types of the client know nothing of `onexecute`, with which it fences its own transactions.
    const options = { prepare: true, onexecute: (connection: Physical) => this.#watch(connection) };
    const sent = this.#reserved.unsafe(text, [...params], options).raw();
    const rows = await Promise.race([sent, this.#broken.promise]);
    return {
      rows: rows.map((row) => row.map((cell) => ((cell as unknown) === null ? null : cell.toString()))),
      changes: rows.count ?? 0,
      command: rows.command,
    };
  }

  #watch(connection: Physical): true {
    this.#physical = connection;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- no event target: the client calls it
    connection.onclose = (error) => {
      this.#isLost = true;
      this.#broken.reject(error);
    };
    return true;
  }

  release(broken: boolean): void {
    // A connection that is gone is not the client's to hand out again.
    if (this.#isLost) return;
    if (!this.#physical) {
      this.#reserved.release();
      return;
    }
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- no event target: the client calls it
    this.#physical.onclose = null;
    if (broken) this.#physical.terminate();
    else this.#reserved.release();
  }
}
