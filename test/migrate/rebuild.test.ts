import { test } from 'vitest';
import { sqliteEngines } from './engines.ts';
import { tryGraphs } from './rebuild-cases.ts';
import { tryRename } from './rename-cases.ts';

const runs = Number(process.env['REBUILD_RUNS'] ?? 25);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const endOnFailure = process.env['SHRINK'] === undefined;
const engines = sqliteEngines();

test.for(engines)(
  `%s: no row of any table is lost or changed (SEED=${seed})`,
  { timeout: 120_000 + runs * 1000 },
  ([name, open]) => tryGraphs(name, open, { runs, seed, endOnFailure }),
);

test.for(engines)('%s: a rename of tables and columns with data keeps it', { timeout: 60_000 }, async ([, open]) => {
  await tryRename(await open());
});
