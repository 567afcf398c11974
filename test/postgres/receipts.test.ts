import { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { receiptCases } from '../orm/outcome/receipt-cases.ts';
import { asSqlite, withDollars } from '../support/postgres-raw.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { ways, type Opened } from '../support/postgres-ways.ts';

const url = postgresDatabase();
const types = { getTypeParser: (oid: number) => asSqlite[oid] ?? ((text: string) => text) };
const raw = new Client({ connectionString: url() });
beforeAll(() => raw.connect());
afterAll(() => raw.end());

describe.each(Object.entries(ways))('%s', (_, open) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open(url(), url());
  });
  afterAll(() => opened.close());
  receiptCases(() => ({
    ...opened.driver,
    raw: async (sql: string, params: readonly unknown[]) => {
      const query = { text: withDollars(sql), values: [...params], rowMode: 'array' as const, types };
      return (await raw.query<unknown[]>(query)).rows;
    },
  }));
});
