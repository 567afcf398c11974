import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { rowsCases } from './rows-cases.ts';

describe('libsql in memory', () => rowsCases(libsqlMemory()));
describe('node:sqlite in memory', () => rowsCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
