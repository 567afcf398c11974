import { nodeSqlite } from 'cinnabar/node-sqlite';
import { DatabaseSync } from 'node:sqlite';
import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { foreignKeyCases } from './foreign-key-cases.ts';

describe('libsql over a file', () => foreignKeyCases(libsqlFiles()));
describe('libsql in memory', () => foreignKeyCases(libsqlMemory()));
// Where rows travel one by one, a table may take several statements.
describe('node:sqlite', () => foreignKeyCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
