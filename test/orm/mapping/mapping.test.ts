import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { mapping } from './all.ts';

for (const [name, cases] of Object.entries(mapping)) {
  describe(name, () => {
    describe('libsql in memory', () => cases(libsqlMemory()));
    describe('node:sqlite', () => cases(() => nodeSqlite(new DatabaseSync(':memory:'))));
  });
}
