import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { aggregateCases } from './aggregate-cases.ts';

describe('libsql in memory', () => aggregateCases(libsqlMemory()));
describe('node:sqlite in memory', () => aggregateCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
