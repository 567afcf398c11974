import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { jsonCases } from './json-cases.ts';

describe('libsql in memory', () => jsonCases(libsqlMemory()));
describe('node:sqlite in memory', () => jsonCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
