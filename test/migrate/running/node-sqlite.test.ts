import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { runCases } from './run-cases.ts';
import { toolCases } from './tools-cases.ts';

const open = async () => nodeSqlite(new DatabaseSync(':memory:'), { lockTimeout: 60_000 });
runCases(open);
toolCases(open);
