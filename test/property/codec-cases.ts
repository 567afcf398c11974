import {
  bigint,
  boolean,
  bytes,
  custom,
  customType,
  declarativeBase,
  double,
  enumeration,
  insert,
  integer,
  interval,
  isCinnabarError,
  json,
  jsonBigint,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  select,
  text,
  timestamp,
  update,
  uuid,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

const Model = declarativeBase();
class Value extends Model('values of types', {
  id: integer().primaryKey(),
  integer: integer().nullable(),
  bigint: bigint().nullable(),
  text: text().nullable(),
  boolean: boolean().nullable(),
  short: numeric(18, 6).nullable(),
  long: numeric(30, 10).nullable(),
  whole: numeric(5, 0).nullable(),
  double: double().nullable(),
  timestamp: timestamp().nullable(),
  plainDateTime: plainDateTime().nullable(),
  plainDate: plainDate().nullable(),
  plainTime: plainTime().nullable(),
  uuid: uuid().nullable(),
  json: json<unknown>().nullable(),
  bytes: bytes().nullable(),
  enumeration: enumeration('a', "it's", '"b"', 'ünï').nullable(),
  custom: custom(bigint(), {
    read: (stored) => ({ cents: stored }),
    write: (value: { cents: bigint }) => value.cents,
  }).nullable(),
  interval: interval().nullable(),
  jsonBigint: jsonBigint<unknown>().nullable(),
  point: customType<Point>({
    sqlite: {
      ddl: 'varchar(40)',
      encode: ({ x, y }) => `${x};${y}`,
      decode: (stored: string) => {
        const [x, y] = stored.split(';').map(Number);
        return { x: x!, y: y! };
      },
    },
  }).nullable(),
}) {}

type Attribute = Exclude<keyof InstanceType<typeof Value> & keyof (typeof Value)['c'], 'id'>;

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^\\d{${min},${max}}$`)).map((value) => value.replace(/^0+(?=\d)/, ''));
const decimal = (before: number, after: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.boolean(),
      fc.oneof(digits(1, before), fc.constantFrom('0', '9'.repeat(before))),
      fc.option(fc.stringMatching(new RegExp(`^\\d{1,${Math.max(after, 1)}}$`)), { nil: undefined }),
    )
    .map(
      ([minus, whole, fraction]) =>
        `${minus ? '-' : ''}${whole}${fraction === undefined || after === 0 ? '' : `.${fraction}`}`,
    );
const plainText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '',
      '\uFEFFbom',
      '\uFFFE\uFFFF',
      '😀\u{10FFFF}\u{30000}',
      '\u2028\u0001\u001F\u007F',
      '\\"\'',
      'null',
      '1e5',
      ' 1 ',
      '0x10',
      '9007199254740993',
      '-0',
      'Infinity',
      'true',
    ),
  )
  .filter((value) => value.isWellFormed() && !value.includes('\0'));
const day = fc
  .date({ min: new Date('0000-01-01T00:00:00.000Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date);
const clock = fc
  .tuple(
    fc.integer({ min: 0, max: 23 }),
    fc.integer({ min: 0, max: 59 }),
    fc.integer({ min: 0, max: 59 }),
    fc.option(fc.stringMatching(/^\d{0,2}[1-9]$/), { nil: undefined }),
  )
  .map(([h, m, s, f]) => `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}${f === undefined ? '' : `.${f}`}`);
const edge = 2 ** 53 - 1;

/** Each unit as often zero as not. */
const duration = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })), { minLength: 7, maxLength: 7 }),
    fc.option(fc.stringMatching(/^\d{0,5}[1-9]$/), { nil: undefined }),
  )
  .map(([sign, [y, mo, w, d, h, mi, s], f]) => {
    return `${sign}P${y}Y${mo}M${w}W${d}DT${h}H${mi}M${s}${f === undefined ? '' : `.${f}`}S`;
  });

/** Values of each type, with those at its edges more often than chance would have them. */
const values: Readonly<Record<Attribute, fc.Arbitrary<unknown>>> = {
  integer: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1, edge, -edge, edge - 1, 2 ** 31, 2 ** 32)),
  bigint: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, -(2n ** 53n) - 1n),
  ),
  text: plainText,
  boolean: fc.boolean(),
  short: decimal(12, 6),
  long: decimal(20, 10),
  whole: decimal(5, 0),
  double: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(
      0,
      0.1,
      0.2,
      0.3,
      5e-324,
      -5e-324,
      1e308,
      -1.7976931348623157e308,
      2 ** 53 + 2,
      1e21,
      123456789.12345679,
    ),
  ),
  timestamp: fc.oneof(
    day,
    fc.constantFrom(
      new Date(0),
      new Date(-1),
      new Date('0000-01-01T00:00:00.000Z'),
      new Date('9999-12-31T23:59:59.999Z'),
    ),
  ),
  plainDateTime: fc.tuple(day, clock).map(([date, time]) => `${date.toISOString().slice(0, 10)}T${time}`),
  plainDate: fc.oneof(
    day.map((date) => date.toISOString().slice(0, 10)),
    fc.constantFrom('2024-02-29', '0000-01-01', '9999-12-31'),
  ),
  plainTime: clock,
  uuid: fc.uuid(),
  json: fc.jsonValue({ stringUnit: 'binary', depthSize: 'medium' }).filter(isCarried),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.from({ length: 256 }, (_, at) => at),
    ),
  ),
  enumeration: fc.constantFrom('a', "it's", '"b"', 'ünï'),
  custom: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((cents) => ({ cents })),
  interval: fc.oneof(duration, fc.constantFrom('PT0S', '-P1D', 'P2147483647M', 'PT9223372036854.775807S', '+PT1H')),
  jsonBigint: fc
    .tuple(fc.jsonValue({ stringUnit: 'binary' }).filter(isCarried), fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }))
    .filter(([value]) => !/(?<![\d.])\d{16,}/.test(JSON.stringify(value)))
    .map(([value, id]) => ({ id, minus: -id, value, text: [`"\\u0000${id}"`, `\\u0000${id}`] })),
  point: fc.record({ x: fc.integer(), y: fc.integer() }),
};

/** JSON that holds no null at its top, no lone surrogate, no NUL and no key __proto__; -0 comes back as 0. */
function isCarried(value: unknown): boolean {
  const body = JSON.stringify(value);
  return value !== null && !/\\u(?:0000|d[89a-f])|"__proto__":/i.test(body) && body.isWellFormed();
}

/** What comes back for a value: itself, but a decimal with all its digits, and zero without a sign. */
function stored(attribute: Attribute, value: unknown): unknown {
  if (attribute === 'double') return Object.is(value, -0) ? 0 : value;
  if (attribute === 'interval') return balanced(value as string);
  if (attribute === 'jsonBigint')
    return { ...(value as object), value: withoutMinusZero((value as { value: unknown }).value) };
  if (attribute === 'json') return withoutMinusZero(value);
  const scale = { short: 6, long: 10, whole: 0 }[attribute as string];
  if (scale === undefined) return value;
  const [whole = '', fraction = ''] = String(value).split('.');
  const full = scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0')}`;
  return /^-[0.]*$/.test(full) ? full.slice(1) : full;
}

const withoutMinusZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** The one form of a duration, by `Number`: the parts of the generated ones are small. */
function balanced(value: string): string {
  const [, sign = '', ...parts] =
    /^([+-]?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?$/.exec(value)!;
  const [y, mo, w, d, h, mi, s] = parts.map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const named = (count: number, unit: string): string => (count === 0 ? '' : `${count}${unit}`);
  const all = h * 3600 + mi * 60 + s;
  const seconds = parts[7] === undefined ? named(all % 60, 'S') : `${all % 60}${parts[7]}S`;
  const clock = named(Math.floor(all / 3600), 'H') + named(Math.floor(all / 60) % 60, 'M') + seconds;
  const months = y * 12 + mo;
  const date = named(Math.floor(months / 12), 'Y') + named(months % 12, 'M') + named(w * 7 + d, 'D');
  if (date + clock === '') return 'PT0S';
  return `${sign === '-' ? '-' : ''}P${date}${clock && `T${clock}`}`;
}

const outside = {
  integer: [edge + 1, -edge - 1, 1.5, Number.NaN, Infinity, '1', 1n, true, new Date(0)],
  bigint: [2n ** 63n, -(2n ** 63n) - 1n, 1, '1'],
  text: ['\0', 'a\0b', '\uD800', 'x\uDC00', 1, true, {}, ['a'], new Date(0)],
  boolean: [0, 1, 'true', 1n],
  short: ['1234567890123', '0.0000001', '1e5', '', '.5', '5.', '01', '+1', ' 1', '1,5', 'NaN', 1, 1n],
  long: ['1'.repeat(21), '0.00000000001', 'Infinity', 1.5],
  whole: ['1.0', '100000', 5],
  double: [Number.NaN, Infinity, -Infinity, '0.1', 1n],
  timestamp: [
    new Date(Number.NaN),
    new Date('+010000-01-01T00:00:00Z'),
    new Date('-000001-12-31T00:00:00Z'),
    0,
    '2020-01-01',
    '2020-01-01T00:00:00.000Z',
  ],
  plainDateTime: [
    '2020-01-01',
    '2020-01-01 00:00:00',
    '2020-01-01T00:00:00Z',
    '2020-02-30T00:00:00',
    '2020-01-01T24:00:00',
    '2020-01-01T00:00:60',
    '2020-01-01T00:00:00.1234',
    new Date(0),
  ],
  plainDate: [
    '2020-02-30',
    '2023-02-29',
    '20-01-01',
    '2020-1-1',
    '2020-13-01',
    '2020-00-01',
    '2020-01-01T00:00:00',
    '2020-01-01\n',
  ],
  plainTime: ['24:00:00', '1:00:00', '00:00', '00:00:00Z', '00:00:00.0001'],
  uuid: ['', '0', '00000000-0000-0000-0000-00000000000G', '{00000000-0000-0000-0000-000000000000}'],
  json: [
    undefined,
    { a: undefined },
    [undefined],
    Object.assign([], { length: 2 }),
    { a: 1n },
    { a: 2n ** 64n },
    JSON.parse('{"__proto__": 1}'),
    Object.assign([1], { named: 2 }),
    { [Symbol('x')]: 1 },
    new Number(1),
    [Number.NaN],
    { a: Infinity },
    new Date(0),
    new Map(),
    { a: new Date(0) },
    () => 1,
    Symbol('x'),
    'a\0',
    { 'a\0': 1 },
    ['\uD800'],
    { '\uDFFF': 1 },
    cyclic(),
  ],
  bytes: [[1, 2], 'AQI=', new ArrayBuffer(2), { 0: 1, length: 1 }, new Uint16Array(1)],
  enumeration: ['b', 'A', '', 1, 'constructor', '__proto__'],
  interval: [
    '',
    'P',
    'PT',
    'P1DT',
    '1D',
    'P-1D',
    'P1M-1D',
    'P1.5D',
    'PT1H30',
    'PT0.0000001S',
    'P2147483648D',
    'PT9223372036854.775808S',
    'P1H',
    'PT1D',
    'P1D ',
    60,
    { days: 1 },
  ],
  jsonBigint: [
    { id: 1n },
    [2n ** 53n - 1n],
    { id: 2 ** 53 },
    1e20,
    { id: Number.NaN },
    [new Date(0)],
    { a: undefined },
  ],
  point: [
    { x: '\0', y: 1 },
    { x: '\uD800', y: 1 },
  ],
  custom: [{ cents: 2n ** 63n }, { cents: 1 }, {}, 1n, 'x'],
} satisfies Record<Attribute, unknown[]>;

function cyclic(): unknown {
  const value: unknown[] = [];
  value.push(value, value);
  return value;
}

/** Each type of column, there and back by every way that a value can go. */
export function codecCases(open: OpenDriver, runs: number): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });

  describe.for(Object.keys(values) as Attribute[])('%s', (attribute) => {
    const column = Value.c[attribute] as (typeof Value)['c']['text'];
    const given = (value: unknown): { text: string } => ({ [attribute]: value }) as never;
    const of = (value: Value | null): unknown => value![attribute];

    test('comes back as it went', { timeout: 120_000 }, async () => {
      const property = fc.asyncProperty(fc.array(values[attribute], { minLength: 2, maxLength: 6 }), async (some) => {
        const expected = some.map((value) => stored(attribute, value));

        // One row, and several rows, which may go another way.
        const session = db.session();
        const one = new Value(given(some[0]));
        session.add(one);
        await session.commit();
        const several = some.map((value) => new Value(given(value)));
        session.addAll(several);
        await session.commit();
        const other = db.session();
        expect(of(await other.get(Value, one.id))).toEqual(expected[0]);
        const back = await Promise.all(several.map(({ id }) => other.get(Value, id)));
        expect(back.map(of)).toEqual(expected);
        expect(await other.query(Value).where(column.isNull()).count()).toBe(
          (await db.engine.all(select({ id: Value.c.id }).where(column.isNull()))).length,
        );

        // A statement without a session, and what it returns.
        const rows = some.map(given);
        const returned = await db.engine.all(
          insert(Value)
            .values(...rows)
            .returning({ value: column }),
        );
        expect(returned.map(({ value }) => value)).toEqual(expected);

        // As the value of a condition.
        const found = await other
          .query(Value)
          .where(column.eq(some[0] as never))
          .all();
        expect(found.map(({ id }) => id)).toContain(one.id);
        for (const each of found) expect(of(each)).toEqual(expected[0]);
        const listed = await other
          .query(Value)
          .where(column.in(some as never[]))
          .all();
        expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(several.map(({ id }) => id)));
        for (const each of listed) expect(expected).toContainEqual(of(each));

        // In an UPDATE of one row, of several, and in a statement.
        const third = db.session();
        const [first, ...rest] = await third
          .query(Value)
          .where(Value.c.id.in(several.map(({ id }) => id)))
          .orderBy(Value.c.id)
          .all();
        first!.text = 'changed';
        Object.assign(first!, given(some[1]));
        await third.commit();
        rest.forEach((each, at) =>
          Object.assign(each, at % 2 === 0 ? given(some[0]) : { integer: at, ...given(some[1]) }),
        );
        await third.commit();
        const fourth = db.session();
        const updated = await Promise.all(several.map(({ id }) => fourth.get(Value, id)));
        expect(updated.map(of)).toEqual([expected[1], ...rest.map((_, at) => expected[at % 2])]);
        await db.engine.run(update(Value).set(given(some[0])).where(Value.c.id.eq(one.id)));
        expect(await db.engine.all(select({ value: column }).where(Value.c.id.eq(one.id)))).toEqual([
          { value: expected[0] },
        ]);

        // Nothing that was read looks changed.
        expect((await db.record(() => fourth.commit())).calls).toBe(0);
        await db.run('delete from "values of types"');
      });
      await fc.assert(property, { numRuns: runs, seed });
    });

    test('refuses what it cannot hold, before any I/O', async () => {
      const session = db.session();
      const known = new Value({});
      session.add(known);
      await session.commit();
      for (const value of outside[attribute] as unknown[]) {
        const ways: (() => unknown)[] = [
          () => db.engine.run(insert(Value).values(given(value))),
          () => db.engine.run(insert(Value).values(given(value), given(value))),
          () => db.engine.run(update(Value).set(given(value)).allRows()),
          () => db.engine.all(select({ id: Value.c.id }).where(column.eq(value as never))),
          () => db.engine.all(select({ id: Value.c.id }).where(column.in([value as never]))),
          () => session.query(Value).filterBy(given(value)).all(),
          async () => {
            Object.assign(known, given(value));
            await session.commit();
          },
        ];
        // Left out of a new row, a value is absent.
        if (value !== undefined) ways.push(() => new Value(given(value)));
        else ways.splice(0, 2);
        for (const way of ways) {
          const { error, calls } = await db.failure(async () => way());
          expect([isCinnabarError(error, 'InvalidValueError'), calls]).toEqual([true, 0]);
        }
        await session.rollback();
      }
    });
  });
}

const seed = Number(
  (globalThis as { process?: { env: Record<string, string> } }).process?.env['SEED'] ??
    Math.floor(Math.random() * 2 ** 31),
);
console.log(`codecs: SEED=${seed}`);
