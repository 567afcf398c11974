import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the PostgreSQL server of the run. */
    postgres: string;
  }
}

/** Runs statements on a connection of their own. */
export async function psql(url: string, ...texts: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    let rows: unknown[][] = [];
    for (const text of texts) ({ rows } = await client.query<unknown[]>({ text, rowMode: 'array' }));
    return rows;
  } finally {
    await client.end();
  }
}

/** A database of one test file's own, empty at the start; gives its URL. */
export function postgresDatabase(): () => string {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = inject('postgres');
  const url = new URL(server);
  url.pathname = `/${name}`;
  beforeAll(() =>
    psql(server, `create database ${name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`),
  );
  afterAll(() => psql(server, `drop database ${name} with (force)`));
  return () => url.href;
}
