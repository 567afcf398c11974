import {
  bytes,
  createAll,
  createEngine,
  declarativeBase,
  type Driver,
  dropAll,
  insert,
  integer,
  isCinnabarError,
  json,
  select,
  Session,
  text,
  update,
} from 'cinnabar';
import { isSame } from './same.ts';

const Model = declarativeBase();
class Big extends Model('big', {
  id: integer().primaryKey(),
  bytes: bytes().nullable(),
  text: text().nullable(),
  json: json<unknown>().nullable(),
}) {}

/** What became of a value of `size` bytes by each way in: it came back, or was refused before it was sent. */
export async function bigValues(driver: Driver, size: number): Promise<Record<string, 'same' | 'refused'>> {
  const engine = createEngine(driver);
  await dropAll(engine, Model.metadata);
  await createAll(engine, Model.metadata);
  const values = {
    bytes: Uint8Array.from({ length: size }, (_, at) => (at * 7) % 256),
    text: 'aß€😀'.repeat(size / 10),
    json: { 'quoted "text"': '\\"\n'.repeat(size / 6) },
  };
  const ways: Record<string, (given: object) => Promise<unknown>> = {
    insert: (given) => engine.run(insert(Big).values({ id: 1, ...given })),
    update: async (given) => {
      await engine.run(insert(Big).values({ id: 1 }));
      await engine.run(update(Big).set(given).where(Big.c.id.eq(1)));
    },
    session: async (given) => {
      const session = new Session(engine);
      session.addAll([new Big({ id: 1, ...given }), new Big({ id: 2 })]);
      await session.commit();
    },
  };
  const found: Record<string, 'same' | 'refused'> = {};
  for (const [name, value] of Object.entries(values)) {
    for (const [way, write] of Object.entries(ways)) {
      found[`${name} by ${way}`] = await outcome(async () => {
        await write({ [name]: value });
        const [row] = await engine.all(select(Big).where(Big.c.id.eq(1)));
        if (!isSame((row as unknown as Record<string, unknown>)[name], value))
          throw new Error(`${name} by ${way}: another`);
        const matching = await engine.all(select({ id: Big.c.id }).where(Big.c[name as 'text'].eq(value as string)));
        if (matching.length !== 1) throw new Error(`${name} by ${way}: not found by itself`);
      });
      await dropAll(engine, Model.metadata);
      await createAll(engine, Model.metadata);
    }
  }
  return found;
}

async function outcome(work: () => Promise<void>): Promise<'same' | 'refused'> {
  try {
    await work();
    return 'same';
  } catch (error) {
    if (isCinnabarError(error, 'LimitExceeded') && error.outcome === 'not sent') return 'refused';
    throw error;
  }
}
