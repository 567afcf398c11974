import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlFiles } from '../../support/libsql.ts';
import { lifecycle } from './all.ts';

for (const [name, cases] of Object.entries(lifecycle)) {
  describe(name, () => {
    describe('libsql over a file', () => cases(libsqlFiles()));
    describe('node:sqlite', () => cases(() => nodeSqlite(new DatabaseSync(':memory:'))));
  });
}
