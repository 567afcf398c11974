import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { test } from 'vitest';
import { named, runPrograms, runsOf } from '../property/session-runs.ts';

const { SESSION_RUNS, SESSION_SEED, SESSION_PATH } = env;
const runs = runsOf(200, { SESSION_RUNS, SESSION_SEED, SESSION_PATH });

test(`a session on D1 is its model: ${named(runs)}`, { timeout: 3_000_000 }, () => runPrograms(d1(env.DB), runs));
