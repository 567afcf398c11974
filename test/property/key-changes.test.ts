import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { keyProgramCases } from './key-programs.ts';

keyProgramCases(() => nodeSqlite(new DatabaseSync(':memory:')), Number(process.env['KEY_RUNS'] ?? 1000), [
  'cascade',
  'no action',
]);
