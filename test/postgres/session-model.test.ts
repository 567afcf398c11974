import * as fc from 'fast-check';
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { pg } from '../../adapters/pg/index.ts';
import { block, edit, program } from '../property/session-program.ts';
import { Model } from '../property/session-schema.ts';
import { emptied, World } from '../property/session-world.ts';
import { freshDatabase } from '../support/database.ts';
import { postgresDatabase } from '../support/postgres.ts';

const runs = Number(process.env['SESSION_RUNS'] ?? 150);
// The same programs each time, so that a change is judged by itself; `npm run fuzz` takes others.
const given = process.env['SESSION_SEED'] ?? '20261120';
const seed = given === 'random' ? (Math.random() * 2 ** 31) | 0 : Number(given);
const path = process.env['SESSION_PATH'];
const parameters = { numRuns: runs, timeout: 60_000, seed, ...(path !== undefined && { path }) };

const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());

/** As SQLite gives it: numbers for numbers. */
const types = {
  getTypeParser: (oid: number) => ([20, 23].includes(oid) ? Number : (text: string) => text),
};

async function database(): ReturnType<typeof freshDatabase> {
  const own = (pool ??= new Pool({ connectionString: url(), pipeline: true }));
  const raw = async (text: string): Promise<unknown[][]> =>
    (await own.query<unknown[]>({ text, rowMode: 'array', types })).rows;
  return freshDatabase({ ...pg(own), raw }, Model.metadata);
}

test(`a session on PostgreSQL is its model: ${runs} programs, seed ${seed}`, { timeout: 3_000_000 }, async () => {
  console.log(`session model on PostgreSQL: SESSION_SEED=${seed} SESSION_RUNS=${runs}`);
  const db = await database();
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(program, async (taken) => {
      await emptied(db);
      const world = new World(db);
      for (const step of taken) await world.take(step);
      await world.take({ do: 'commit' });
      steps += taken.length;
    }),
    parameters,
  );
  expect(steps).toBeGreaterThan(0);
});

test(`a transaction on PostgreSQL is its model: ${runs} programs, seed ${seed}`, { timeout: 3_000_000 }, async () => {
  const db = await database();
  await fc.assert(
    fc.asyncProperty(
      fc.array(edit, { maxLength: 12 }),
      fc.array(block, { minLength: 1, maxLength: 3 }),
      async (before, blocks) => {
        await emptied(db);
        const world = new World(db);
        for (const step of before) await world.take(step);
        await world.take({ do: 'commit' });
        for (const each of blocks) {
          await world.transaction(each);
          await world.take({ do: 'commit' });
        }
      },
    ),
    parameters,
  );
  expect(db.engine.interactive).toBe(true);
});
