import type { D1Like, D1LikeStatement } from '../../adapters/d1/index.ts';

/** A binding that counts its calls. */
export interface CountedD1 extends D1Like {
  /** Calls since the start or the last `reset()`; one is one trip to the database. */
  readonly trips: number;
  reset(): void;
}

/**
 * Wraps a binding of D1 so that every call that leaves the Worker is counted, and takes as long as told.
 *
 * @param latency milliseconds that a call takes longer.
 */
export function countedD1(database: D1Like, latency = 0): CountedD1 {
  const inner = new WeakMap<D1LikeStatement, D1LikeStatement>();
  let trips = 0;

  async function travel<T>(call: () => Promise<T>): Promise<T> {
    trips += 1;
    if (latency > 0) await new Promise((resolve) => setTimeout(resolve, latency));
    return call();
  }

  function counted(statement: D1LikeStatement): D1LikeStatement {
    const wrapper: D1LikeStatement = {
      bind: (...values) => counted(statement.bind(...values)),
      raw: () => travel(() => statement.raw()),
    };
    inner.set(wrapper, statement);
    return wrapper;
  }

  return {
    prepare: (sql) => counted(database.prepare(sql)),
    batch: (statements) => travel(() => database.batch(statements.map((statement) => inner.get(statement)!))),
    get trips() {
      return trips;
    },
    reset: () => void (trips = 0),
  };
}
