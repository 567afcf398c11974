// Runs the conformance suite on node:sqlite, and says how it went and whether the intrinsics are as they were.
import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from '../../../adapters/node-sqlite/index.ts';
import { runConformance } from '../../../src/testing/index.ts';

const keysOf = (): string =>
  JSON.stringify([Object, Array, Function, String, Map].map(({ prototype }) => Reflect.ownKeys(prototype).map(String)));

const before = keysOf();
const failures: string[] = [];
const database = new DatabaseSync(':memory:');
const totals = await runConformance(
  () => nodeSqlite(database, { lockTimeout: 50 }),
  ({ name, status, error }) => {
    if (status === 'failed') failures.push(`${name}: ${String(error)}`);
  },
);
database.close();
console.log(JSON.stringify({ totals, failures, clean: keysOf() === before }));
