import { PGlite } from '@electric-sql/pglite';
import { pglite } from 'cinnabar/pglite';
import { afterAll, beforeAll, describe } from 'vitest';
import { violationCases } from '../orm/write/violation-cases.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { ways, type Opened } from '../support/postgres-ways.ts';

const url = postgresDatabase();

describe.each(Object.entries(ways))('%s', (_, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(url(), url());
  }, 120_000);
  afterAll(() => opened.close());
  violationCases(() => opened.driver);
});

describe('pglite', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  }, 120_000);
  afterAll(() => database.close());
  violationCases(() => pglite(database));
});
