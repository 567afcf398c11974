import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { dateCases } from './date-cases.ts';

describe('libsql in memory', () => dateCases(libsqlMemory()));
describe('node:sqlite in memory', () => dateCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
