import {
  bigint,
  boolean,
  bytes,
  declarativeBase,
  double,
  enumeration,
  explainLoading,
  integer,
  interval,
  json,
  joinedLoad,
  jsonLoad,
  many,
  numeric,
  one,
  plainDate,
  plainDateTime,
  plainTime,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Owner extends Model('owners', {
  id: bytes().primaryKey(),
  get things() {
    return many(Thing);
  },
  get measures() {
    return many(Measure);
  },
}) {}
class Thing extends Model('things', {
  id: bigint().primaryKey(),
  ownerId: bytes().references('owners.id'),
  whole: integer().nullable(),
  large: bigint().nullable(),
  word: text().nullable(),
  yes: boolean().nullable(),
  exact: numeric(12, 3).nullable(),
  wide: numeric(30, 10).nullable(),
  at: timestamp().nullable(),
  local: plainDateTime().nullable(),
  day: plainDate().nullable(),
  time: plainTime().nullable(),
  span: interval().nullable(),
  uuid: uuid().nullable(),
  doc: json<unknown>().nullable(),
  raw: bytes().nullable(),
  label: enumeration('a', 'b').nullable(),
  get owner() {
    return one(Owner);
  },
}) {}
class Measure extends Model('measures', {
  id: integer().primaryKey(),
  ownerId: bytes().references('owners.id'),
  size: double(),
}) {}

/** Every type, read within the row of a parent, is what it is when it is read alone. */
export function carryCases(open: OpenDriver): void {
  let db: TestDatabase;
  const key = Uint8Array.of(0, 91, 34, 255);
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    const session = db.session();
    const owner = new Owner({ id: key });
    owner.things.add(
      new Thing({
        whole: -(2 ** 53 - 1),
        large: 9_223_372_036_854_775_807n,
        word: '["\\x" ü 🎈\u0001\n',
        yes: true,
        exact: '123456789.125',
        wide: '12345678901234567890.1234567891',
        at: new Date('2024-02-29T23:59:59.123Z'),
        local: '2024-02-29T23:59:59.5',
        day: '0001-01-01',
        time: '23:59:59.25',
        span: 'P1DT2H',
        uuid: '00000000-0000-4000-8000-00000000000a',
        doc: { 'a': [1, null, 'x', { b: 0.1 }], '"': [] },
        raw: Uint8Array.of(0, 1, 254, 255),
        label: 'b',
      }),
      new Thing({ yes: false, raw: new Uint8Array(), word: '', doc: [] }),
      new Thing({}),
    );
    owner.measures.add(new Measure({ size: 0.1 + 0.2 }), new Measure({ size: 5e-324 }));
    session.add(owner);
    await session.commit();
    db.driver.clear();
  });

  test.for([
    ['json', jsonLoad],
    ['join', joinedLoad],
  ] as const)('by %s', async ([, by]) => {
    const plain = await db
      .session()
      .query(Owner)
      .with({ things: { owner: true } })
      .one();
    const session = db.session();
    const { result, sql } = await db.record(() =>
      session
        .query(Owner)
        .with({ things: by({ owner: by(true) }) })
        .one(),
    );

    expect(sql).toHaveLength(1);
    expect(result.things.items.map((thing) => Object.entries(thing))).toEqual(
      plain.things.items.map((thing) => Object.entries(thing)),
    );
    expect(result.things.items[0]!.raw).toEqual(Uint8Array.of(0, 1, 254, 255));
    expect(result.things.items.every((thing) => thing.owner.value === (result as Owner))).toBe(true);
    // The rows are as they would be when read alone: nothing is taken for a change.
    expect((await db.record(() => session.commit())).trips).toBe(0);
  });

  test('floating point numbers, which JSON may change, go another way where it would', async () => {
    const query = db
      .session()
      .query(Owner)
      .with({ measures: jsonLoad(true) });
    const owner = await query.one();

    expect(owner.measures.items.map((measure) => measure.size)).toEqual([0.1 + 0.2, 5e-324]);
    expect(explainLoading(query)).toEqual([
      db.by<object>({
        sqlite: {
          model: 'Owner',
          relation: 'measures',
          strategy: 'batch',
          instead: { of: 'json', because: "JSON does not carry 'size' exactly on sqlite" },
        },
        postgres: { model: 'Owner', relation: 'measures', strategy: 'json' },
      }),
    ]);
  });
}
