import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { trySchemas } from './schema-cases.ts';

const runs = Number(process.env['SCHEMA_RUNS'] ?? 5);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

test(
  `the database has the schema that the metadata says (SEED=${seed})`,
  { timeout: 120_000 + runs * 5000 },
  async () => {
    const counts = await trySchemas(() => nodeSqlite(new DatabaseSync(':memory:')), { tables: [10, 200], runs, seed });
    console.log(`schemas: ${JSON.stringify({ seed, runs, ...counts })}`);
    expect(Math.min(counts['columns']!, counts['foreignKeys']!, counts['indexes']!, counts['views']!)).toBeGreaterThan(
      runs,
    );
  },
);
