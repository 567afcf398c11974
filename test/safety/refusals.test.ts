import {
  alias,
  and,
  avg,
  call,
  count,
  createAllSql,
  deleteFrom,
  insert,
  json,
  max,
  or,
  select,
  sql,
  text,
  update,
} from 'cinnabar';
import { customType, declarativeBase, index, integer } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { Account, openShop, untyped } from './support/shop.ts';

// What was once taken for something else than it is: each is refused with a typed error, and nothing is sent.

const shop = await openShop();

/** Not one of these is an object of attributes. */
const strangers: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['a text', 'name'],
  ['an empty array', []],
  ['an array of rows', [{ name: 'x' }]],
  ['a Map', new Map([['name', 'x']])],
  ['a Date', new Date()],
  ['a boxed number', Object(1)],
  ['a function', () => ({ name: 'x' })],
];

describe.for(strangers)('where attributes belong, %s', ([, value]) => {
  test.for<[string, (given: never) => unknown]>([
    ['a row', (given) => insert(Account).values(given)],
    ['a row among others', (given) => insert(Account).values({ name: 'x' }, given)],
    ['what is set', (given) => update(Account).set(given)],
    [
      'what a conflict sets',
      (given) =>
        insert(Account)
          .values({ name: 'x' })
          .onConflict('id')
          .update(() => given),
    ],
    ['a filter', (given) => select(Account).filterBy(given)],
    ['a filter of a query', (given) => shop.session().query(Account).filterBy(given)],
  ])('as %s', async ([, use]) => {
    expect(await shop.refusal(() => use(value as never))).toMatchObject({ code: 'ConfigurationError' });
  });
});

test('no attributes are given by an empty object, whatever its prototype', async () => {
  for (const nothing of [{}, Object.create(null) as object])
    expect(await shop.engine.all(select(Account).filterBy(nothing))).toHaveLength(3);
});

test('the holes of a list are no values', async () => {
  for (const [column, value] of [
    ['age', 1],
    ['rate', 1.5],
    ['name', 'x'],
  ] as const) {
    for (const at of [0, 1, 2]) {
      const list = Object.assign(Array.from({ length: 0 }), { [at]: value, length: 3 });
      const use = (): unknown => shop.engine.all(select(Account).where(Account.c[column].in(untyped(list))));
      expect(await shop.refusal(use)).toMatchObject({ code: 'InvalidValueError' });
    }
  }
});

test('a relation is filtered by an entity or null', async () => {
  const ann = (await shop.session().get(Account, 1))!;
  expect(await shop.engine.all(select(Account).filterBy({ boss: ann }))).toHaveLength(2);
  expect(await shop.engine.all(select(Account).filterBy({ boss: null }))).toHaveLength(1);
  const forged = [
    { id: 1 },
    Object.assign({}, ann),
    JSON.parse(JSON.stringify(ann)),
    { id: { gt: 0 } },
    [1],
    new Map([['id', 1]]),
    1,
  ];
  for (const entity of forged) {
    for (const use of [
      () => select(Account).filterBy({ boss: untyped(entity) }),
      () => Account.c.boss.eq(untyped(entity)),
    ])
      expect(await shop.refusal(use)).toMatchObject({ code: 'InvalidValueError' });
  }
});

test('what has the prototype of a value, but none inside', async () => {
  const seen = [Object.create(Date.prototype), new Proxy(new Date(), {}), new Date(Number.NaN)];
  for (const value of seen)
    expect(await shop.refusal(() => Account.c.seen.eq(untyped(value)))).toMatchObject({ code: 'InvalidValueError' });
  const data = [
    Object.create(Uint8Array.prototype),
    new Proxy(new Uint8Array(1), {}),
    [1, 2],
    new DataView(new ArrayBuffer(1)),
  ];
  for (const value of data)
    expect(await shop.refusal(() => Account.c.data.eq(untyped(value)))).toMatchObject({ code: 'InvalidValueError' });
});

test('a column that is not there is none to count', async () => {
  const use = (): unknown => count((Account.c as Record<string, unknown>)['nmae'] as typeof Account.c.name);
  expect(await shop.refusal(use)).toMatchObject({ code: 'ConfigurationError' });
});

test('a JSON value that holds itself', { timeout: 120_000 }, async () => {
  const list: unknown[] = [];
  list.push(list, list);
  const object: Record<string, unknown> = {};
  object['a'] = object;
  object['b'] = object;
  for (const doc of [list, object])
    expect(await shop.refusal(() => Account.c.doc.eq(doc))).toMatchObject({ code: 'InvalidValueError' });
});

test('text that changes between two looks at it', async () => {
  const changing = (first: string, then: string): unknown => {
    let looks = 0;
    return { toString: () => (looks++ === 0 ? first : then) };
  };
  for (const use of [
    () => call(untyped(changing('lower', 'lower(1), upper')), text(), Account.c.name),
    () => call(untyped(['lower']), text(), Account.c.name),
    () => max(Account.c.age).over({ frame: untyped(changing('rows current row', ') --')) }),
    () => max(Account.c.age).over({ frame: untyped(['rows current row']) }),
  ])
    expect(await shop.refusal(use)).toMatchObject({ code: 'ConfigurationError' });
});

test('names that are no text', async () => {
  for (const name of [5, null, {}, ['x'], { toString: () => 'x', replaceAll: () => 'x"' }]) {
    const whole = select({ id: Account.c.id });
    for (const use of [
      () => shop.engine.all(select({ id: alias(Account, untyped(name)).c.id })),
      () => shop.engine.all(select({ id: whole.subquery(untyped(name)).c.id })),
      () => shop.engine.all(select({ id: whole.cte(untyped(name)).c.id })),
    ])
      expect(await shop.refusal(use)).toMatchObject({ code: 'ConfigurationError' });
  }
});

describe('in the text of a table', () => {
  const ddl = (attributes: object, rules?: (c: never) => object): string => {
    const Model = declarativeBase();
    const Thing = Model('things', { id: integer().primaryKey(), ...attributes });
    if (rules) Thing.constrain(rules as never);
    return createAllSql(Model.metadata, sqliteDialect).join('; ');
  };

  test('a minus before a negative number makes no comment', () => {
    expect(ddl({ n: integer().defaultSql(sql`-${-1}`) })).toContain('default (-(-1))');
    expect(
      ddl({ n: integer() }, (c: { n: typeof Account.c.age }) => ({ checks: { low: sql`-${c.n} < -${-5}` } })),
    ).toContain('check (-"n" < -(-5))');
  });

  test('an action is one of those that SQL has', () => {
    for (const onDelete of [
      'cascade; drop table things',
      'do nothing',
      '',
      ['cascade'],
      { toString: () => 'cascade' },
    ]) {
      expect(() => ddl({ up: integer().references('things.id', { onDelete: untyped(onDelete) }) })).toThrow(
        'onDelete and onUpdate are one of cascade, set null, set default, restrict, no action',
      );
    }
  });

  test('when a key is checked is one of two', () => {
    for (const deferrable of ['deferred); drop table things; --', '', 'true', true, ['deferred']]) {
      const up = integer().references('things.id', { deferrable: untyped(deferrable) });
      expect(() => ddl({ up })).toThrow("deferrable is 'immediate' or 'deferred'");
    }
  });

  test("a type of one's own has the name of a type", () => {
    const type = (name: unknown) => customType({ sqlite: { ddl: untyped(name), encode: String, decode: String } });
    for (const name of [
      'text; drop table things',
      'text) --',
      'text /* x */',
      "text default 'x'",
      '"text"',
      '',
      ['text'],
    ])
      expect(() => type(name)).toThrow('its ddl is the name of a type');
    for (const name of ['text', 'char(3)', 'varying character (12)', 'NATIVE_INT8', 'real', 'F32_BLOB(3)'])
      expect(ddl({ x: type(name) })).toContain(`"x" ${name} not null`);
  });

  test('the name of an index is a name, of an action an action', () => {
    const text = ddl({ n: integer() }, (c: { n: typeof Account.c.age }) => ({
      indexes: [index(c.n).named('x" on things(n); drop table things; --')],
    }));
    expect(text).toContain('index "x"" on things(n); drop table things; --" on "things"');
  });
});

test('a message names a value by its class, and never by what the value says of itself', async () => {
  const secret = 'a-secret-of-the-request';
  const given = JSON.parse(
    `{"constructor":{"name":"${secret}"},"__proto__":{"constructor":{"name":"${secret}"}}}`,
  ) as object;
  for (const use of [
    () => Account.c.name.eq(untyped(given)),
    () => Account.c.age.in(untyped(given)),
    () => select(untyped({ x: given })),
    () => and(untyped(given)),
    () => or(untyped(given)),
    () => avg(untyped(given)),
    () => shop.session().add(untyped(given)),
    () => select(Account).limit(untyped(given)),
    () => deleteFrom(Account).where(untyped(given)),
  ])
    expect(String(await shop.refusal(use))).not.toContain(secret);
});

test('a message of a schema stays in it', async () => {
  const secret = 'a-secret-of-the-request';
  const schema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) => ({
        issues: [{ message: `wrong: ${JSON.stringify(value)}`, path: ['a', { key: 0 }] }],
      }),
    },
  } as const;
  const Model = declarativeBase();
  class Page extends Model('pages', { id: integer().primaryKey(), body: json<unknown>(schema) }) {}
  const error = String(await shop.refusal(() => insert(Page).values({ body: { a: [secret] } })));
  expect(error).not.toContain(secret);
  expect(error).toContain('what its schema accepts at $.a.0');
});
