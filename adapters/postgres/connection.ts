import { ConnectionLost } from '../../src/errors/errors.ts';
import { strangerTo } from '../postgres-shared/request.ts';
import type { Connection, Reply, Step } from '../postgres-shared/wire.ts';

/** Rows as the client gives them raw, with the command that made them. */
interface RawRows extends ReadonlyArray<readonly ({ toString(): string } | null)[]> {
  readonly count: number | null;
  readonly command: string;
}

/** A statement of the client, which goes out when it is awaited. */
interface Pending {
  raw(): PromiseLike<unknown>;
}

/** A connection that the client keeps for one user. */
export interface Reserved {
  unsafe(text: string, params?: never[], options?: object): Pending;
  release(): void;
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
export class ReservedConnection implements Connection {
  readonly pipelined = true;
  declare readonly window: number;
  readonly #reserved: Reserved;
  readonly #broken = Promise.withResolvers<never>();
  #physical: Physical | undefined;
  #isLost = false;

  /** @param window how many statements the client sends before it waits for the answer to each. */
  constructor(reserved: Reserved, window: number) {
    this.#reserved = reserved;
    this.window = window;
    this.#broken.promise.catch(() => undefined);
  }

  async query({ text, params }: Step): Promise<Reply> {
    if (this.#isLost) throw new ConnectionLost('the connection is gone', { outcome: 'not sent', retryable: true });
    // The types of the client know nothing of `onexecute`, with which it fences its own transactions.
    const onexecute = (connection: Physical): true => this.#watch(connection);
    const options = { prepare: false, simple: params.length === 0, onexecute };
    const query = this.#reserved.unsafe(text, [], options);
    // Given as arguments, they would cost a round trip in which the client asks for their types, and each would then go
    // through its own idea of such a type, which loses digits. Here they stand where it puts arguments when it is done.
    Reflect.set(query, 'parameters', [...params]);
    const answer = (await Promise.race([query.raw(), this.#broken.promise])) as RawRows | RawRows[];
    // Of several statements in one text there are several; the last one's is asked for.
    const rows = 'command' in answer ? answer : answer.at(-1)!;
    return {
      rows: rows.map((row) => row.map((cell) => (cell === null ? null : cell.toString()))),
      changes: rows.count ?? 0,
      command: rows.command,
    };
  }

  #watch(connection: Physical): true {
    this.#physical = connection;
    const stranger = strangerTo(connection);
    if (stranger) {
      this.#isLost = true;
      this.#broken.reject(stranger);
      return true;
    }
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
