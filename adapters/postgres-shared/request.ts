import type { CinnabarError } from '../../src/errors/base.ts';
import { ConfigurationError } from '../../src/errors/errors.ts';

/** Of each connection, something that belongs to the request in which it was first used. */
const homes = new WeakMap<object, AbortSignal>();

/**
 * The error for a connection that another request of a Worker made: what does I/O cannot be used there, and a statement
 * would wait for ever. Elsewhere there is none.
 */
export function strangerTo(connection: object): CinnabarError | undefined {
  const home = homes.get(connection);
  if (!home) {
    homes.set(connection, new AbortController().signal);
    return undefined;
  }
  try {
    // A Worker lets no other request look at it.
    void home.aborted;
    return undefined;
  } catch (cause) {
    return new ConfigurationError(
      'this connection belongs to another request of the Worker: make the pool or client in the request that uses it, and end it in waitUntil()',
      { cause },
    );
  }
}
