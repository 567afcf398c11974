import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { describe } from 'vitest';
import { libsqlFiles } from '../../support/libsql.ts';
import { receiptCases } from './receipt-cases.ts';

const files = libsqlFiles();
describe('libsql', () => receiptCases(files));
describe('node-sqlite', () => receiptCases(() => nodeSqlite(new DatabaseSync(':memory:'))));
