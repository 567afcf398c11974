import {
  type AnyExpr,
  bigint,
  boolean,
  bytes,
  declarativeBase,
  double,
  enumeration,
  insert,
  integer,
  json,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  select,
  text,
  timestamp,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, TestDatabase } from '../support/database.ts';

const Model = declarativeBase();

/** A column of every type. */
export class Sample extends Model('samples', {
  id: integer().primaryKey(),
  name: text(),
  nick: text().nullable(),
  a: integer(),
  b: integer().nullable(),
  none: integer().nullable(),
  rate: double(),
  big: bigint(),
  price: numeric(10, 2),
  fee: numeric(8, 3).nullable(),
  long: numeric(20, 4),
  flag: boolean(),
  at: timestamp(),
  later: timestamp().nullable(),
  local: plainDateTime(),
  day: plainDate(),
  time: plainTime(),
  doc: json<unknown>(),
  role: enumeration('admin', 'editor'),
  raw: bytes(),
}) {}

const base = { none: null, time: '12:34:56', long: '12345678901234.5678', raw: new Uint8Array([65, 66]) };

export const samples = [
  {
    ...base,
    id: 1,
    name: 'Ann Lee',
    nick: null,
    a: 7,
    b: -2,
    rate: 2.5,
    big: 9007199254740993n,
    price: '12.50',
    fee: '0.125',
    flag: true,
    at: new Date('2024-01-31T22:15:30.250Z'),
    later: new Date('2024-03-01T00:00:00.000Z'),
    local: '2024-01-31T22:15:30.250',
    day: '2024-01-31',
    doc: { name: 'x', n: 5, deep: { list: ['p', 'q', 1, true, null] }, half: 0.5, yes: true, no: false, nil: null },
    role: 'admin',
  },
  {
    ...base,
    id: 2,
    name: 'Bob',
    nick: 'bo',
    a: 3,
    b: 3,
    rate: -0.5,
    big: -4n,
    price: '-0.05',
    fee: null,
    flag: false,
    at: new Date('2020-02-29T00:00:00.000Z'),
    later: null,
    local: '2020-02-29T00:00:00.000',
    day: '2020-02-29',
    doc: ['p', 2],
    role: 'editor',
  },
  {
    ...base,
    id: 3,
    name: 'Cy',
    nick: 'cy',
    a: 0,
    b: null,
    rate: 1,
    big: 12n,
    price: '3.00',
    fee: '1.500',
    flag: true,
    at: new Date('1969-12-31T23:59:59.999Z'),
    later: new Date('1970-01-01T00:00:00.000Z'),
    local: '1969-12-31T23:59:59.999',
    day: '1969-12-31',
    doc: 'p',
    role: 'editor',
  },
] as const;

export const s: typeof Sample.c = Sample.c;

/** What is expected of an expression over the first sample: its text on SQLite, and its value. */
export type ValueCase = readonly [
  expression: AnyExpr,
  text: string,
  value: unknown,
  /** Where it is another value on PostgreSQL, or the code of an error. */
  postgres?: { readonly value: unknown } | { readonly error: string },
];

export async function givenSamples(open: OpenDriver): Promise<TestDatabase> {
  const db = await freshDatabase(await open(), Model.metadata);
  await db.engine.run(insert(Sample).values(...samples));
  db.driver.clear();
  return db;
}

/** Evaluates each expression over the first sample. */
export function valueCases(title: string, open: OpenDriver, cases: readonly ValueCase[]): void {
  describe(title, () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await givenSamples(open);
    });

    test.for(cases.map((item) => [item[1], item] as const))('%s', async ([, [expression, text, value, postgres]]) => {
      const statement = select({ value: expression }).from(Sample).where(s.id.eq(1));
      const expected = db.by({ sqlite: { value }, postgres: postgres ?? { value } });
      if ('error' in expected) {
        await expect(db.engine.all(statement)).rejects.toMatchObject({ code: expected.error });
        return;
      }
      const { result, sql } = await db.record(() => db.engine.all(statement));

      expect(result).toEqual([expected]);
      if (db.by({ sqlite: false, postgres: true })) return;
      expect(sql[0]!.replaceAll('"samples".', '').split(' as "value" from "samples"')[0]).toBe(`select ${text}`);
    });
  });
}

/** What is refused while it is built, and the message. */
export type RefusedCase = readonly [what: string, build: () => unknown, code: string, message: string];

export function refusedCases(title: string, cases: readonly RefusedCase[]): void {
  test.for(cases)(`${title} refuse %s`, ([, build, code, message]) => {
    expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as string }));
  });
}
