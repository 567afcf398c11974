import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import type { Driver } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { startSqld, type Sqld } from '../support/sqld.ts';
import { graph, tryGraph } from './rebuild-cases.ts';
import { tryRename } from './rename-cases.ts';

const runs = Number(process.env['REBUILD_RUNS'] ?? 25);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

let sqld: Promise<Sqld> | undefined;
afterAll(async () => (await sqld)?.stop());
const file = libsqlFiles();

const engines: readonly (readonly [name: string, open: () => Driver | Promise<Driver>])[] = [
  ['node:sqlite', () => nodeSqlite(new DatabaseSync(':memory:'))],
  ['libSQL, a file', file],
  ['sqld', async () => libsql(createClient({ url: (await (sqld ??= startSqld())).url }))],
];

test.for(engines)(
  `%s: no row of any table is lost or changed (SEED=${seed})`,
  { timeout: 120_000 + runs * 1000 },
  async ([name, open]) => {
    const total = { rows: 0, rebuilt: 0, changed: 0 };
    await fc.assert(
      fc.asyncProperty(graph, async (given) => {
        const done = await tryGraph(await open(), given);
        for (const key of ['rows', 'rebuilt', 'changed'] as const) total[key] += done[key];
      }),
      { numRuns: runs, seed, endOnFailure: process.env['SHRINK'] === undefined },
    );
    console.log(`rebuild: ${JSON.stringify({ name, seed, runs, ...total })}`);
    expect(total.rebuilt).toBeGreaterThan(runs);
  },
);

test.for(engines)('%s: a rename of tables and columns with data keeps it', { timeout: 60_000 }, async ([, open]) => {
  await tryRename(await open());
});
