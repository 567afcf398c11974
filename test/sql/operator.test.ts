import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { operatorCases } from './operator-cases.ts';

describe('libsql in memory', () => operatorCases(libsqlMemory()));
describe('node:sqlite in memory', () => operatorCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
