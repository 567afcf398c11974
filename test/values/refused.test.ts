import { DatabaseSync } from 'node:sqlite';
import {
  and,
  bigint,
  boolean,
  bytes,
  coalesce,
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
  max,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  select,
  text,
  timestamp,
  update,
  uuid,
  when,
} from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const Model = declarativeBase();
const columns = {
  integer: integer().nullable(),
  bigint: bigint().nullable(),
  text: text().nullable(),
  boolean: boolean().nullable(),
  numeric: numeric(6, 2).nullable(),
  long: numeric(30, 2).nullable(),
  double: double().nullable(),
  timestamp: timestamp().nullable(),
  plainDateTime: plainDateTime().nullable(),
  plainDate: plainDate().nullable(),
  plainTime: plainTime().nullable(),
  interval: interval().nullable(),
  uuid: uuid().nullable(),
  enumeration: enumeration('red', 'green').nullable(),
  bytes: bytes().nullable(),
  json: json<unknown>().nullable(),
  jsonBigint: jsonBigint<unknown>().nullable(),
  custom: custom(text(), { read: (stored) => stored, write: (value: string) => value.trim() }).nullable(),
  own: customType<number>({ sqlite: { ddl: 'integer', encode: (n) => n, decode: (n: number) => n } }).nullable(),
};
class Thing extends Model('things', { id: integer().primaryKey(), ...columns }) {}
type Attribute = keyof typeof columns;
class Named extends Model('named', { name: text().primaryKey(), kind: enumeration('a', 'b').primaryKey() }) {}

const CANARY = 'canary';
const cyclic: unknown[] = [];
cyclic.push(cyclic, cyclic);
const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

/** A value of each kind that is refused, and the rule that the message has. */
const refused: readonly (readonly [Attribute, unknown, RegExp])[] = [
  ['integer', 2 ** 53, /a safe integer/],
  ['integer', Number.NaN, /a safe integer/],
  ['integer', 1.5, /a safe integer/],
  ['integer', { valueOf: () => 1 }, /a safe integer/],
  ['bigint', 2n ** 63n, /a 64-bit bigint/],
  ['bigint', -(2n ** 63n) - 1n, /a 64-bit bigint/],
  ['bigint', 1, /a 64-bit bigint/],
  ['text', `${CANARY}\0`, /well-formed text without NUL/],
  ['text', `${CANARY}\uD800`, /well-formed text without NUL/],
  ['text', { toString: () => CANARY }, /well-formed text/],
  ['text', [CANARY], /well-formed text/],
  ['boolean', 1, /true or false/],
  ['numeric', '12345.00', /at most 4 digits before the point and 2 after/],
  ['numeric', '0.001', /at most 4 digits before the point and 2 after/],
  ['numeric', '1e2', /a decimal as text/],
  ['numeric', '+1', /a decimal as text/],
  ['numeric', '007', /a decimal as text/],
  ['numeric', 1.5, /a decimal as text/],
  ['long', '9'.repeat(29), /at most 28 digits/],
  ['double', Number.NaN, /a finite number/],
  ['double', -Infinity, /a finite number/],
  ['timestamp', new Date(Number.NaN), /a valid Date in the years 0 to 9999/],
  ['timestamp', new Date(8.64e15), /a valid Date/],
  ['timestamp', new Date('-000001-12-31T23:59:59.999Z'), /a valid Date/],
  ['timestamp', Object.create(Date.prototype), /a valid Date/],
  ['timestamp', '2020-01-01T00:00:00Z', /a valid Date/],
  ['plainDateTime', '2023-02-29T00:00:00', /a date and time without zone/],
  ['plainDateTime', '2023-02-28T00:00:00Z', /without zone/],
  ['plainDateTime', '2023-02-28T00:00:00.0001', /to the millisecond/],
  ['plainDate', '1900-02-29', /a date of the calendar/],
  ['plainDate', '2024-04-31', /a date of the calendar/],
  ['plainTime', '23:59:60', /a time of day/],
  ['plainTime', '12:00:00.00001', /to the millisecond/],
  ['interval', 'P1M-1D', /with one sign/],
  ['interval', 'PT0.0000001S', /to the microsecond/],
  ['interval', CANARY, /a duration of ISO 8601/],
  ['uuid', CANARY, /a UUID/],
  ['enumeration', CANARY, /one of red, green/],
  ['enumeration', 'constructor', /one of red, green/],
  ['bytes', [1, 2], /a Uint8Array/],
  ['bytes', Object.create(Uint8Array.prototype), /a Uint8Array/],
  ['bytes', detached, /a Uint8Array/],
  ['json', { a: [1, { b: 2n }] }, /a JSON document without a bigint at \$\.a\[1\]\.b/],
  ['json', { a: undefined }, /without undefined at \$\.a/],
  ['json', [Number.NaN], /at \$\[0\]/],
  ['json', { when: new Date(0) }, /without a Date at \$\.when/],
  ['json', cyclic, /levels, or a cycle, at \$/],
  ['json', JSON.parse('{"a":{"__proto__":1}}'), /the key __proto__ at \$\.a/],
  ['json', { [`${CANARY}!`]: undefined }, /without undefined at \$\.\*/],
  ['json', { a: `${CANARY}\uDC00` }, /a lone surrogate or NUL at \$\.a/],
  ['json', [1, , 2], /holes/], // oxlint-disable-line no-sparse-arrays
  ['jsonBigint', { id: 1n }, /a bigint that a number holds at \$\.id/],
  ['jsonBigint', { id: 2 ** 60 }, /a whole number beyond 2\^53 that is no bigint at \$\.id/],
  ['custom', { trim: () => `${CANARY}\0` }, /well-formed text/],
  ['custom', 7, /a value that its custom type can write/],
  ['own', CANARY, /a safe integer/],
];

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase(nodeSqlite(new DatabaseSync(':memory:')), Model.metadata);
});

async function expectRefusal(work: () => unknown, names: string, rule: RegExp): Promise<void> {
  const { error, calls } = await db.failure(async () => work());
  if (!isCinnabarError(error, 'InvalidValueError')) throw error;
  expect(calls).toBe(0);
  expect(error.outcome).toBe('not sent');
  expect(error.message).toMatch(rule);
  expect(error.message).toContain(names);
  expect(`${error.message} ${String(error.cause)} ${JSON.stringify(error)}`).not.toContain(CANARY);
}

describe.for(refused.map(([attribute, value, rule], at) => ({ at, attribute, value, rule })))(
  '$at: $attribute: $rule',
  ({ attribute, value, rule }) => {
    const column = Thing.c[attribute] as (typeof Thing)['c']['text'];
    const given = { [attribute]: value } as { text: string };

    test('in a statement', async () => {
      const ways: (() => unknown)[] = [
        () => db.engine.run(insert(Thing).values(given)),
        () => db.engine.run(insert(Thing).values({}, given)),
        () => db.engine.run(update(Thing).set(given).where(Thing.c.id.eq(1))),
        () =>
          db.engine.run(
            insert(Thing)
              .values({ id: 1 })
              .onConflict('id')
              .update(() => given),
          ),
        () => db.engine.all(select({ id: Thing.c.id }).where(column.eq(value as string))),
        () => db.engine.all(select({ id: Thing.c.id }).where(column.ne(value as string))),
        () => db.engine.all(select({ id: Thing.c.id }).where(column.in([value as string]))),
        () => db.engine.all(select({ id: Thing.c.id }).where(column.between(value as string, value as string))),
        () => db.engine.all(select({ id: Thing.c.id }).where(column.is(value as string))),
        () =>
          db.engine.run(
            update(Thing)
              .set({ integer: 1 })
              .where(and(Thing.c.id.eq(1), column.eq(value as string))),
          ),
        () =>
          db
            .session()
            .query(Thing)
            .where(column.eq(value as string))
            .all(),
        () => db.session().query(Thing).filterBy(given).all(),
      ];
      for (const way of ways) await expectRefusal(way, attribute, rule);
      await expectRefusal(() => db.engine.all(select({ v: coalesce(column, value as string) })), 'coalesce()', rule);
      const cased = (): unknown => select({ v: when(Thing.c.id.eq(1), column).else(value as string) });
      await expectRefusal(() => db.engine.all(cased() as never), 'else()', rule);
    });

    test('in an entity', async () => {
      await expectRefusal(() => new Thing(given), attribute, rule);
      const session = db.session();
      const thing = new Thing({});
      session.add(thing);
      Object.assign(thing, given);
      await expectRefusal(() => session.commit(), attribute, rule);
      Object.assign(thing, { [attribute]: null });
      await session.commit();
      Object.assign(thing, given);
      await expectRefusal(() => session.commit(), attribute, rule);
      await session.rollback();
    });
  },
);

test('in a key', async () => {
  const get =
    (key: unknown): (() => unknown) =>
    () =>
      db.session().get(Named, key as { name: string; kind: 'a' });
  await expectRefusal(get({ name: `${CANARY}\0`, kind: 'a' }), 'Named.name', /well-formed text/);
  await expectRefusal(get({ name: 'x', kind: CANARY }), 'Named.kind', /one of a, b/);
  await expectRefusal(get({ name: { toString: () => CANARY }, kind: 'a' }), 'Named.name', /well-formed text/);
  await expectRefusal(() => db.session().get(Thing, Number.NaN), 'Thing.id', /a safe integer/);
  await expectRefusal(() => db.session().get(Thing, 2 ** 53), 'Thing.id', /a safe integer/);
});

describe('a schema of a document', () => {
  const schema = (validate: (value: unknown) => unknown): never =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as never;
  const checked = (validate: (value: unknown) => unknown): (() => unknown) => {
    const Other = declarativeBase();
    class Doc extends Other('docs', { id: integer().primaryKey(), body: json<unknown>(schema(validate)) }) {}
    return () => new Doc({ body: { a: CANARY } });
  };

  test('refuses by path, without what it says', async () => {
    const issues = [{ message: `not ${CANARY}`, path: ['a', { key: 'b' }] }];
    await expectRefusal(
      checked(() => ({ issues })),
      'Doc.body',
      /what its schema accepts at \$\.a\.b/,
    );
  });

  test('cannot be asynchronous, also when it fails later', async () => {
    const late = checked(() => Promise.reject(new Error(CANARY)));
    await expectRefusal(late, 'Doc.body', /checked by a schema that is synchronous/);
  });

  test('changes nothing', async () => {
    const changing = checked(() => ({ value: { a: 1 } }));
    await expectRefusal(changing, 'Doc.body', /what its schema leaves as it is/);
    expect(checked((value) => ({ value }))()).toMatchObject({ body: { a: CANARY } });
  });
});

describe('what another program stored', () => {
  const stored: readonly (readonly [Attribute, string])[] = [
    ['enumeration', `'${CANARY}'`],
    ['enumeration', '5'],
    ['bigint', `'${CANARY}'`],
    ['numeric', '1.25'],
    ['long', `'${CANARY}'`],
    ['long', `'1.234'`],
    ['timestamp', `'${CANARY}'`],
    ['timestamp', `'2020-02-30T00:00:00.000Z'`],
    ['timestamp', `'2020-01-01T00:00:00.1234Z'`],
    ['timestamp', `'Jan 1 2020'`],
    ['timestamp', '1577836800'],
    ['plainDateTime', `'2020-02-30 00:00:00'`],
    ['plainDateTime', `'2020-01-01T00:00:00Z'`],
    ['plainTime', `'${CANARY}'`],
    ['interval', `'${CANARY}'`],
    ['bytes', `'${CANARY}'`],
    ['json', `'{"a": 9007199254740993}'`],
    ['json', `'{"a": 1e400}'`],
    ['json', `'{${CANARY}'`],
    ['jsonBigint', `'{"a": 1e400}'`],
  ];

  test.for(stored)('%s %s is refused by name when it is read', async ([attribute, sql]) => {
    await db.run('delete from things', `insert into things (id, ${column(attribute)}) values (1, ${sql})`);
    const reads = [
      () => db.session().get(Thing, 1),
      () => db.engine.all(select(Thing)),
      () => db.engine.all(select({ value: Thing.c[attribute] as typeof Thing.c.text })),
    ];
    for (const read of reads) {
      const { error } = await db.failure(read);
      if (!isCinnabarError(error, 'InvalidValueError')) throw error;
      expect(error.message).toMatch(new RegExp(`^things\\.${attribute}: what was read is no `));
      expect(error).toMatchObject({ table: 'things', attributes: [attribute] });
      expect(`${error.stack} ${String(error.cause)}`).not.toContain(CANARY);
    }
  });

  const column = (attribute: string): string => attribute.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

  test.for([
    ['plainDateTime', `'2020-01-31 01:02:03'`, '2020-01-31T01:02:03'],
    ['plainDateTime', `'2020-01-31T01:02:03.500000'`, '2020-01-31T01:02:03.5'],
    ['plainTime', `'01:02:03'`, '01:02:03'],
    ['timestamp', `datetime('2020-01-31 01:02:03')`, new Date('2020-01-31T01:02:03Z')],
    ['timestamp', `'2020-01-31T01:02:03.120000+02:00'`, new Date('2020-01-30T23:02:03.120Z')],
    ['interval', `'PT90M'`, 'PT1H30M'],
    [
      'json',
      `'[123456789012345680000, 9007199254740992, "9007199254740993", 0.1]'`,
      [123456789012345680000, 2 ** 53, '9007199254740993', 0.1],
    ],
    ['jsonBigint', `'{"id": 9007199254740993, "n": 7}'`, { id: 9007199254740993n, n: 7 }],
  ] as const)('%s %s is read as what it says', async ([attribute, sql, value]) => {
    await db.run('delete from things', `insert into things (id, ${column(attribute)}) values (1, ${sql})`);
    expect((await db.session().get(Thing, 1))![attribute]).toEqual(value);
  });
});

test('durations and long decimals have no order in a statement', async () => {
  const { id, interval: lasts, long } = Thing.c;
  for (const [column, name] of [
    [lasts, 'interval()'],
    [long, 'numeric(30, 2)'],
  ] as const) {
    for (const read of [
      () => db.engine.all(select({ id }).from(Thing).orderBy(column)),
      () => db.engine.all(select({ most: max(column) }).from(Thing)),
      () => db.engine.all(select({ id }).where(column.lt(name === 'interval()' ? 'P1D' : '1'))),
    ]) {
      const { error, calls } = await db.failure(read);
      if (!isCinnabarError(error, 'CapabilityError')) throw error;
      expect(error.message).toBe(`sqlite keeps ${name} as text: it has no order and no sums there`);
      expect(calls).toBe(0);
    }
  }
});
