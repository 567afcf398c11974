import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { conditionalCases } from './conditional-cases.ts';

describe('libsql in memory', () => conditionalCases(libsqlMemory()));
describe('node:sqlite in memory', () => conditionalCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
