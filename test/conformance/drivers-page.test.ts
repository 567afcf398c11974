import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { neon as neonClient, Pool as NeonClientPool } from '@neondatabase/serverless';
import type { Driver } from 'cinnabar';
import { d1 } from 'cinnabar/d1';
import { durableObject } from 'cinnabar/durable-object';
import { libsql } from 'cinnabar/libsql';
import { neon, neonPool } from 'cinnabar/neon';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { pg } from 'cinnabar/pg';
import { pglite } from 'cinnabar/pglite';
import { postgres } from 'cinnabar/postgres';
import { driverCases } from 'cinnabar/testing';
import { Pool } from 'pg';
import postgresClient from 'postgres';
import { expect, test } from 'vitest';

const page = await readFile(new URL('../../docs/drivers.md', import.meta.url), 'utf8');

const unused = (): never => {
  throw new Error('nothing is asked of the database');
};
const nowhere = 'postgres://someone:secret@127.0.0.1:1/nothing';
const noPglite = { parsers: {}, serializers: {}, query: unused, transaction: unused, syncToFs: unused };

/** In the order of the columns of the page. */
const drivers: readonly Driver[] = [
  libsql(createClient({ url: 'http://127.0.0.1:1' })),
  libsql(createClient({ url: ':memory:' })),
  d1({ prepare: unused, batch: unused }),
  nodeSqlite(new DatabaseSync(':memory:')),
  durableObject({ sql: { exec: unused }, transactionSync: unused, transaction: unused }),
  pg(new Pool({ connectionString: nowhere, pipeline: true })),
  postgres(postgresClient(nowhere)),
  neon(neonClient(nowhere)),
  neonPool(new NeonClientPool({ connectionString: nowhere })),
  pglite(noPglite),
];

/** The cells of the rows that begin so: there is a table for each family of databases. */
function row(name: string): string[] {
  const lines = page.split('\n').filter((text) => text.startsWith('|') && text.slice(1, 90).includes(name));
  return lines.flatMap((line) => line.split('|').slice(2, -1)).map((cell) => cell.trim());
}

test.for([
  ['parameters in a statement', 'parameters'],
  ['columns in a result', 'columns'],
  ['selects in a compound', 'compoundTerms'],
  ['levels of an expression', 'depth'],
  ['bytes of a statement', 'statementBytes'],
  ['bytes of a value', 'valueBytes'],
] as const)('the page says of each driver how many %s it takes', ([name, limit]) => {
  const said = row(name).map((cell) => (cell === 'any' ? Infinity : Number(cell.replaceAll(',', ''))));
  expect(said).toEqual(drivers.map(({ limits }) => limits[limit]));
});

test.for(Object.keys(drivers[0]!.capabilities) as (keyof Driver['capabilities'])[])(
  'the page says of each driver whether it has %s',
  (capability) => {
    const said = row(`(\`${capability}\`)`);
    // A binding of D1 has no bookmarks, and a session of it does.
    const expected = drivers.map(({ capabilities }) => {
      const value = capabilities[capability];
      return Array.isArray(value) ? value.join(', ') || '–' : value ? 'yes' : '–';
    });
    const conditions = { 'in a session': '–', 'with `pipeline: true`': 'yes' };
    expect(said.map((cell) => conditions[cell as keyof typeof conditions] ?? cell)).toEqual(expected);
  },
);

test('the table of runs is of this suite: `npm run conformance` writes it', () => {
  const names = 'libsql|d1|durable-object|node-sqlite|pg|postgres|neon|neonPool|pglite';
  const line = new RegExp(`^\\| (?:${names}) +\\| [^|]+ \\| (?:Node|Deno|Bun|workerd) +\\|([^|]+)\\|(.*)\\|$`, 'gm');
  const counts = Array.from(page.matchAll(line), ([, passed, skipped = '']) => {
    const reasons = Array.from(skipped.matchAll(/(\d+): /g), ([, count]) => Number(count));
    return reasons.reduce((sum, count) => sum + count, Number(passed));
  });
  expect(counts).toHaveLength(44);
  expect(new Set(counts)).toEqual(new Set([driverCases.length]));
});
