import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { block, edit } from './session-program.ts';
import { Model } from './session-schema.ts';
import { emptied, World } from './session-world.ts';

const runs = Number(process.env['SESSION_RUNS'] ?? 1500);
// The same programs each time, so that a change is judged by itself; `npm run fuzz` takes others.
const given = process.env['SESSION_SEED'] ?? '20261120';
const seed = given === 'random' ? (Math.random() * 2 ** 31) | 0 : Number(given);
const path = process.env['SESSION_PATH'];
const dir = mkdtempSync(join(tmpdir(), 'cinnabar-transactions-'));
afterAll(() => rmSync(dir, { recursive: true }));

test(`a transaction is its model: ${runs} programs, seed ${seed}`, { timeout: 3_000_000 }, async () => {
  console.log(`session transactions: SESSION_SEED=${seed} SESSION_RUNS=${runs}`);
  const client = createClient({ url: `file:${join(dir, 'test.db')}` });
  await client.execute('pragma journal_mode = memory');
  const db = await freshDatabase(libsql(client), Model.metadata);
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
    {
      numRuns: runs,
      timeout: 60_000,
      seed,
      ...(path !== undefined && { path }),
      endOnFailure: process.env['SESSION_NO_SHRINK'] !== undefined,
    },
  );
  expect(db.engine.interactive).toBe(true);
});
