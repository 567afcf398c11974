import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { prepareCases } from './prepare-cases.ts';

describe('libsql in memory', () => prepareCases(libsqlMemory()));
describe('node:sqlite in memory', () => prepareCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
