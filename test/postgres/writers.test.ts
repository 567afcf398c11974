import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { postgresKinds } from '../../bench/keys/postgres-kinds.ts';
import { faultsOf, race } from '../../bench/keys/writers.ts';
import { pgRaw } from '../../bench/support/raw.ts';
import { pg } from 'cinnabar/pg';
import { postgresDatabase } from '../support/postgres.ts';

const LINKS = 10_000;
const url = postgresDatabase();

test('eight writers at once: each unit right and whole, or nothing of it', { timeout: 180_000 }, async () => {
  const pool = new Pool({ connectionString: url(), pipeline: true, max: 8 });
  const judged = await race(() => pg(pool), pgRaw(pool), LINKS, postgresKinds);
  await pool.end();
  expect(faultsOf(judged, LINKS)).toEqual([]);
  for (const kind of ['a trigger that makes another key', 'a trigger that ignores a row']) {
    const found = judged.find((each) => each.kind === kind);
    expect(found?.committed, `${kind}: where the trigger has nothing to do`).toBeGreaterThan(0);
    expect(found?.refused, `${kind}: where it has`).toBeGreaterThan(0);
  }
});
