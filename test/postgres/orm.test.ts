import { Pool } from 'pg';
import { afterAll } from 'vitest';
import { pg } from 'cinnabar/pg';
import type { TestDriver } from '../support/database.ts';
import { asSqlite, withDollars } from '../support/postgres-raw.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { ormCases } from './orm-cases.ts';

const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());

const types = { getTypeParser: (oid: number) => asSqlite[oid] ?? ((text: string) => text) };

function open(): TestDriver {
  const own = (pool ??= new Pool({ connectionString: url(), pipeline: true }));
  return {
    ...pg(own),
    raw: async (sql, params) => {
      const query = { text: withDollars(sql), values: [...params], rowMode: 'array' as const, types };
      return (await own.query<unknown[]>(query)).rows;
    },
  };
}

ormCases(open);
