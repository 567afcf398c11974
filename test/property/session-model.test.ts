import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'vitest';
import { named, runPrograms, runsOf } from './session-runs.ts';

const runs = runsOf(5000);
const drivers = {
  'libSQL': () => libsql(createClient({ url: ':memory:' })),
  'node:sqlite': () => nodeSqlite(new DatabaseSync(':memory:')),
};

test.for(Object.entries(drivers))(`a session on %s is its model: ${named(runs)}`, { timeout: 3_000_000 }, ([, open]) =>
  runPrograms(open(), runs),
);
