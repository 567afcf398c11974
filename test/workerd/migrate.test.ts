import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { test } from 'vitest';
import { tryPairs } from '../migrate/pair-cases.ts';
import { tryGraphs } from '../migrate/rebuild-cases.ts';
import { tryRename } from '../migrate/rename-cases.ts';

const graphs = Number(env.REBUILD_RUNS || 15);
const pairs = Number(env.PAIR_RUNS || 15);
const seed = Number(env.SEED || Math.trunc(Math.random() * 2 ** 31));

test(`d1: no row of any table is lost or changed (SEED=${seed})`, { timeout: 60_000 + graphs * 3000 }, () =>
  tryGraphs('D1 in workerd', () => d1(env.DB), { runs: graphs, seed }),
);

test(
  `d1: one schema after the other, and nothing is left to do (SEED=${seed})`,
  { timeout: 60_000 + pairs * 3000 },
  () => tryPairs('D1 in workerd', () => d1(env.DB), { runs: pairs, seed }),
);

test('d1: a rename of tables and columns with data keeps it', () => tryRename(d1(env.DB)));
