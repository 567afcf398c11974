import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { constantsHold } from './constant-cases.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test('a value that stands in DDL is the value: node:sqlite', { timeout: 60_000 }, async () => {
  expect(await constantsHold(nodeSqlite(new DatabaseSync(':memory:')), seed, 4)).toBeGreaterThan(3000);
});

const openMemory = libsqlMemory();
test('a value that stands in DDL is the value: libsql', { timeout: 60_000 }, async () => {
  expect(await constantsHold(openMemory(), seed, 4)).toBeGreaterThan(3000);
});
