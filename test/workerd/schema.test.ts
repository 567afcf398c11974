import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { trySchemas } from '../property/schema-cases.ts';

test('d1: the database has the schema that the metadata says', { timeout: 60_000 }, async () => {
  const counts = await trySchemas(() => d1(env.DB), { tables: [10, 25], runs: 4 });
  expect(Math.min(counts['columns']!, counts['foreignKeys']!)).toBeGreaterThan(40);
});
