import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { runCases } from './run-cases.ts';

runCases(async () => nodeSqlite(new DatabaseSync(':memory:'), { lockTimeout: 60_000 }));
