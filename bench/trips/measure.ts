import { createAll, createEngine, Session, type Driver } from '../../src/index.ts';
import { Model, seed } from '../support/model.ts';
import { clear, type Raw } from '../support/raw.ts';
import { SEED, workloads, type Workload } from './workloads.ts';

/** What counts trips outside the library. */
export interface Meter {
  readonly trips: number | Promise<number>;
  reset(): unknown;
}

export interface Measured {
  readonly workload: string;
  /** As the wire, or the binding, saw them; and as the session said. */
  readonly trips: number;
  readonly said: number;
  readonly milliseconds: number;
  /** Why the data is not as it has to be. */
  readonly fault?: string;
}

/** The workloads that a driver can run. */
export function workloadsFor(driver: Pick<Driver, 'interactive'>): Workload[] {
  return workloads.filter(({ interactive }) => !interactive || driver.interactive);
}

/**
 * Runs a workload on a database that it has to itself.
 *
 * @param raw reaches the database past the meter.
 */
export async function measure(workload: Workload, driver: Driver, meter: Meter, raw: Raw): Promise<Measured> {
  const engine = createEngine(driver);
  await clear(raw);
  await createAll(engine, Model.metadata);
  await raw.run(seed(...SEED));
  const session = new Session(engine);
  const { run, check } = await workload.prepare(session, raw);
  await meter.reset();
  const before = session.roundTrips;
  const start = performance.now();
  await run();
  const milliseconds = performance.now() - start;
  const trips = await meter.trips;
  const fault = await check().then(
    () => undefined,
    (error: unknown) => String(error),
  );
  await session.close();
  return {
    workload: workload.name,
    trips,
    said: session.roundTrips - before,
    milliseconds,
    ...(fault === undefined ? {} : { fault }),
  };
}
