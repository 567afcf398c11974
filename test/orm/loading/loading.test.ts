import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlFiles } from '../../support/libsql.ts';
import { loading } from './all.ts';

for (const [name, cases] of Object.entries(loading)) {
  describe(name, () => {
    describe('libsql over a file', () => cases(libsqlFiles()));
    describe('node:sqlite', () => cases(() => nodeSqlite(new DatabaseSync(':memory:'))));
  });
}
