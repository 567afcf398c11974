import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { statementCases } from './statement-cases.ts';

describe('libsql in memory', () => statementCases(libsqlMemory()));
describe('node:sqlite in memory', () => statementCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
