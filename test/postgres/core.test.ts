import { Pool } from 'pg';
import postgresClient from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bigint,
  boolean,
  bytes,
  createAll,
  createEngine,
  declarativeBase,
  double,
  enumeration,
  insert,
  integer,
  interval,
  json,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  select,
  text,
  timestamp,
  update,
  deleteFrom,
  uuid,
  count,
  type Driver,
  type Engine,
} from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { postgres } from 'cinnabar/postgres';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
const Model = declarativeBase();
class All extends Model('everything', {
  id: integer().primaryKey(),
  big: bigint(),
  flag: boolean(),
  data: bytes(),
  real: double(),
  kind: enumeration('a', 'b'),
  span: interval(),
  doc: json<unknown>(),
  price: numeric(10, 2),
  long: numeric(30, 5),
  day: plainDate(),
  at: plainDateTime(),
  clock: plainTime(),
  name: text().nullable(),
  seen: timestamp(),
  key: uuid(),
}) {}

const ways: Record<string, (url: string) => readonly [Driver, () => Promise<unknown>]> = {
  pg: (to) => {
    const pool = new Pool({ connectionString: to, pipeline: true });
    return [pg(pool), () => pool.end()];
  },
  postgres: (to) => {
    const sql = postgresClient(to);
    return [postgres(sql), () => sql.end({ timeout: 1 })];
  },
};
describe.each(Object.entries(ways))('%s', (name, open) => {
  let engine: Engine;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    const [driver, end] = open(url());
    engine = createEngine(driver);
    close = end;
    await createAll(engine, Model.metadata);
    await engine.run(deleteFrom(All).allRows());
  });
  afterAll(() => close());
  const row = {
    id: 7,
    big: 2n ** 62n,
    flag: true,
    data: new Uint8Array([0, 255, 7]),
    real: 0.1 + 0.2,
    kind: 'b',
    span: 'P1DT2H30M',
    doc: { a: [1, 'x', null] },
    price: '12.50',
    long: '1234567890123456789012345.00001',
    day: '2024-02-29',
    at: '2024-02-29T23:59:59.123',
    clock: '23:59:59.5',
    name: null,
    seen: new Date('2024-02-29T23:59:59.123Z'),
    key: '00000000-0000-4000-8000-000000000001',
  } as const;
  test('every type makes a round trip', async () => {
    await engine.run(insert(All).values(row));
    expect(await engine.all(select(All))).toEqual([row]);
    expect(
      await engine.all(
        select({ n: count() })
          .from(All)
          .where(All.c.seen.eq(row.seen), All.c.flag.eq(true), All.c.key.in([row.key]), All.c.big.eq(row.big)),
      ),
    ).toEqual([{ n: 1 }]);
    expect(await engine.run(update(All).set({ name: name }).where(All.c.id.eq(7)))).toBe(1);
    expect(await engine.all(select({ name: All.c.name }).from(All).orderBy(All.c.id).limit(1))).toEqual([{ name }]);
  });
});
