import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, describe } from 'vitest';
import { libsqlFiles } from '../../support/libsql.ts';
import { startSqld, type Sqld } from '../../support/sqld.ts';
import { violationCases } from './violation-cases.ts';

describe('libsql over a file', () => violationCases(libsqlFiles()));
describe('node:sqlite', () => violationCases(() => nodeSqlite(new DatabaseSync(':memory:'))));

describe('libsql over HTTP', () => {
  let server: Sqld;
  beforeAll(async () => {
    server = await startSqld();
  }, 120_000);
  afterAll(() => server.stop());
  violationCases(() => libsql(createClient({ url: server.url })));
});
