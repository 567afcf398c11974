import {
  type Column,
  createAll,
  createEngine,
  type Driver,
  dropAll,
  type Engine,
  insert,
  integer,
  isCinnabarError,
  select,
  table,
} from 'cinnabar';
import { type Kind, valueOf } from './kind.ts';
import { columns, kindsOf } from './model.ts';
import { Random } from './random.ts';
import { isSame, shown } from './same.ts';

const kinds: Readonly<Record<string, Kind>> = { ...kindsOf.Carried, ...kindsOf.Bound };

/**
 * Writes values of every type into DDL, as defaults and in checks, and reads what the database has made of them. Returns how
 * many there were.
 */
export async function constantsHold(driver: Driver, seed: number, rounds: number): Promise<number> {
  const random = new Random(seed);
  const engine = createEngine(driver);
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [name, kind] of Object.entries(kinds)) {
      const given = random.list(30, () => valueOf(kind, random)).filter((value) => value !== null);
      try {
        await hold(engine, (columns as Readonly<Record<string, unknown>>)[name] as Column<unknown>, kind, given);
      } catch (error) {
        throw new Error(`seed ${seed}: ${name}`, { cause: error });
      }
      count += given.length;
    }
  }
  return count;
}

async function hold(engine: Engine, column: Column<unknown>, kind: Kind, given: readonly unknown[]): Promise<void> {
  const stored = (value: unknown): unknown => (kind.stored ? kind.stored(value as never) : value);
  const defaults = Object.fromEntries(given.map((value, at) => [`c${at}`, column.defaultSql(value)]));
  const constants = table(
    'constants',
    { id: integer().primaryKey(), ...defaults, one: column, listed: column },
    {
      constrain: (c) => ({
        checks: { one: c.one.eq(given[0] as {}), listed: c.listed.in([given[1], given[2]] as {}[]) },
      }),
    },
  );
  await createAll(engine, constants.metadata);
  const row = { one: given[0], listed: given[2] };
  await engine.run(insert(constants).values(row as never));
  const [found] = (await engine.all(select(constants).from(constants))) as unknown as Record<string, unknown>[];
  given.forEach((value, at) => {
    const read = found![`c${at}`];
    if (!isSame(read, stored(value))) throw new Error(`expected ${shown(stored(value))}, got ${shown(read)}`);
  });
  const other = given.find((value) => !isSame(stored(value), stored(given[0])));
  if (other !== undefined) {
    const refused = await engine.run(insert(constants).values({ ...row, one: other } as never)).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!isCinnabarError(refused, 'CheckViolation')) throw new Error('the check let another value through');
  }
  await dropAll(engine, constants.metadata);
}
