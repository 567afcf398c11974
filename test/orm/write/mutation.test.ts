import { createClient } from '@libsql/client';
import { bytes, createAll, createEngine, declarativeBase, integer, Session, timestamp } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class Visit extends Model('visits', { id: integer().primaryKey(), at: timestamp(), token: bytes() }) {}

test('a value that is changed in place while a commit runs is pending afterwards, of new rows and of changed ones', async () => {
  const client = createClient({ url: ':memory:' });
  const engine = createEngine(libsql(client));
  await createAll(engine, Model.metadata);
  const stored = async (): Promise<unknown> =>
    (await client.execute('select at, hex(token) from visits')).rows.map((row) => [row[0], row[1]]);
  const session = new Session(engine);
  const visit = new Visit({ at: new Date('2026-01-01T00:00:00.000Z'), token: Uint8Array.of(1) });
  session.add(visit);

  const inserted = session.commit();
  visit.at.setUTCDate(2);
  visit.token[0] = 2;
  await inserted;
  expect(await stored()).toEqual([['2026-01-01T00:00:00.000Z', '01']]);

  const updated = session.commit();
  visit.at.setUTCDate(3);
  visit.token[0] = 3;
  await updated;
  expect(await stored()).toEqual([['2026-01-02T00:00:00.000Z', '02']]);

  await session.commit();
  expect(await stored()).toEqual([['2026-01-03T00:00:00.000Z', '03']]);
});
