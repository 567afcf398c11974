// Counters under contention, by the library and by its client alone; `npm run faults` has all of them.
import { createAll, createEngine, declarativeBase, insert, integer, Session } from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresDatabase, psql } from '../support/postgres.ts';

const INCREMENTS = Number(process.env['INCREMENTS'] ?? 1000);
const ROWS = 50;
const SESSIONS = 16;

const url = postgresDatabase();
const Model = declarativeBase();
class Counter extends Model('counters', { id: integer().primaryKey({ generated: false }), value: integer() }) {}

let pool: Pool;
beforeAll(() => {
  pool = new Pool({ connectionString: url(), max: SESSIONS, pipeline: true });
});
afterAll(() => pool.end());

/** Runs all increments from several sessions at once, and says how many there were in a second. */
async function race(increment: (row: number) => Promise<void>): Promise<number> {
  let left = INCREMENTS;
  const session = async (): Promise<void> => {
    while (left-- > 0) await increment(1 + Math.floor(Math.random() * ROWS));
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: SESSIONS }, session));
  return INCREMENTS / ((performance.now() - started) / 1000);
}

/** As a program without the library would: it has to end a transaction that failed, and to begin anew, too. */
async function raw(row: number): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = await pool.connect();
    try {
      const begun = client.query('begin isolation level serializable');
      const { rows } = await client.query<{ value: number }>('select value from counters where id = $1', [row]);
      await begun;
      await client.query('update counters set value = $2 where id = $1', [
        row,
        parseInt(String(rows[0]!.value), 10) + 1,
      ]);
      await client.query('commit');
      client.release();
      return;
    } catch (error) {
      await client.query('rollback');
      client.release();
      if (!['40001', '40P01'].includes(String(Reflect.get(error as object, 'code')))) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(1000, 10 * 2 ** tries)));
    }
  }
}

test('serializable increments from several sessions at once are all there', { timeout: 600_000 }, async () => {
  const engine = createEngine(pg(pool));
  await createAll(engine, Model.metadata);
  await engine.run(insert(Counter).values(...Array.from({ length: ROWS }, (_, at) => ({ id: at + 1, value: 0 }))));
  let tries = 0;
  const ours = (row: number): Promise<void> =>
    new Session(engine).transaction(
      async (session) => {
        tries += 1;
        const counter = await session.query(Counter).filterBy({ id: row }).one();
        counter.value += 1;
      },
      { isolation: 'serializable', retries: 1000 },
    );
  const sum = async (): Promise<unknown> => (await psql(url(), 'select sum(value)::int from counters'))[0]![0];

  const bare = await race(raw);
  expect(await sum()).toBe(INCREMENTS);
  const rate = await race(ours);
  expect(await sum()).toBe(2 * INCREMENTS);
  console.log(
    `${INCREMENTS} increments of ${ROWS} rows by ${SESSIONS} sessions: ${rate.toFixed(0)}/s in ${tries} tries; ` +
      `the client alone ${bare.toFixed(0)}/s; ratio ${(rate / bare).toFixed(2)}`,
  );
});
