import type { CallOptions } from './driver.ts';
import { LockTimeout } from '../errors/errors.ts';
import { within } from './call.ts';

/** A connection that one call or transaction has at a time; the others wait for it in order. */
export class Turns {
  readonly #timeout: number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** @param timeout how long one waits, in milliseconds. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Whether the connection was free, and is the caller's now. */
  take(): boolean {
    if (this.#taken) return false;
    return (this.#taken = true);
  }

  /** Waits until the connection is the caller's. */
  async wait({ signal, deadline = Infinity }: CallOptions): Promise<void> {
    const patience = Date.now() + this.#timeout;
    let granted = false;
    let proceed = (): void => {};
    const turn = new Promise<void>((resolve) => {
      proceed = () => {
        granted = true;
        resolve();
      };
    });
    const options = { ...(signal && { signal }), deadline: Math.min(deadline, patience) };
    try {
      await within(options, 'not sent', () => {
        if (this.take()) proceed();
        else this.#waiting.push(proceed);
        return turn;
      });
    } catch (error) {
      const at = this.#waiting.indexOf(proceed);
      if (at >= 0) this.#waiting.splice(at, 1);
      // Given up in the moment in which it was the caller's turn.
      if (granted) this.pass();
      if (signal?.aborted || deadline <= patience) throw error;
      throw new LockTimeout('an open transaction holds the connection of the database', { retryable: true });
    }
  }

  /** Hands the connection to the one who waits longest. */
  pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}
