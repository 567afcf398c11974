import {
  bigint,
  boolean,
  bytes,
  declarativeBase,
  double,
  enumeration,
  extend,
  insertSchema,
  integer,
  json,
  one,
  numeric,
  plainDate,
  sql,
  text,
  timestamp,
  updateSchema,
  uuid,
  validate,
} from 'cinnabar';
import { type } from 'arktype';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const Model = declarativeBase();

class Org extends Model('orgs', { code: text().primaryKey(), name: text() }) {}
class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  email: validate(text().unique(), z.email()),
  age: validate(integer().nullable(), (age) => (age < 18 ? 'is of an adult' : undefined)),
  role: enumeration('admin', 'guest').default('guest'),
  password: validate(text(), v.pipe(v.string(), v.minLength(8))).hidden(),
  balance: numeric(6, 2).default('0.00'),
  score: double().nullable(),
  serial: bigint().nullable(),
  token: uuid().nullable(),
  avatar: bytes().nullable(),
  born: plainDate().nullable(),
  isActive: boolean().default(true),
  settings: json(z.object({ theme: z.enum(['dark', 'light']) })).nullable(),
  createdAt: timestamp().defaultSql(sql`'2020-01-01T00:00:00.000Z'`),
  label: text().generatedAs(({ name }) => sql`upper(${name})`),
  version: integer().version(),
  orgCode: text().references('orgs.code'),
  get org() {
    return one(Org);
  },
}) {}

class Animal extends Model('animals', { id: integer().primaryKey(), kind: text(), name: text() }) {}
class Dog extends extend(Animal, { kind: 'dog' }, { barks: integer() }) {}

const given = { name: 'Ann', email: 'ann@x.org', password: 'long enough', orgCode: 'x' };
const check = (
  value: unknown,
  schema: { readonly '~standard': { validate(value: unknown): unknown } } = insertSchema(User),
) =>
  schema['~standard'].validate(value) as {
    value?: unknown;
    issues?: readonly { message: string; path?: readonly PropertyKey[] }[];
  };
/** `path: message` of each issue. */
const issues = (...of: Parameters<typeof check>): string[] =>
  (check(...of).issues ?? []).map(({ path = [], message }) => `${path.join('.')}: ${message}`);

describe('insertSchema', () => {
  test('says who made it, and answers at once', () => {
    expect(insertSchema(User)['~standard']).toMatchObject({ version: 1, vendor: 'cinnabar' });
    expect(check(given)).toEqual({ value: given });
  });

  test('takes every kind of value that its column holds', () => {
    const all = {
      ...given,
      id: 7,
      age: 30,
      role: 'admin',
      balance: '1.50',
      score: 1.5,
      serial: 2n ** 60n,
      token: '018f3c9e-5d7a-7c3b-8f21-3d5e7a9b1c2d',
      avatar: new Uint8Array([1]),
      born: '2020-02-29',
      isActive: false,
      settings: { theme: 'dark' },
      createdAt: new Date(),
      version: 1,
    };
    expect(check(all)).toEqual({ value: all });
  });

  test('names each attribute that is missing, unknown or not to be given', () => {
    expect(issues({})).toEqual(['name: is needed', 'email: is needed', 'password: is needed', 'orgCode: is needed']);
    expect(issues({ ...given, name: undefined })).toEqual(['name: is needed']);
    expect(issues({ ...given, nickname: 'A' })[0]).toMatch(/^nickname: is no column of User; it has id, name, email/);
    expect(issues({ ...given, org: [] })).toEqual(['org: is a relation; only columns are taken']);
    expect(issues({ ...given, label: 'x' })).toEqual(['label: is computed by the database; leave it out']);
    expect(issues(Object.assign(Object.create({ name: 'inherited' }) as object, { email: 'a@x.org' }))).toContain(
      'name: is needed',
    );
    expect(issues(JSON.parse(`{ "__proto__": { "name": "x" } }`))[0]).toMatch(/^__proto__: is no column/);
  });

  test('says what a column holds, and what kind of value there was', () => {
    const bad = {
      ...given,
      name: 7,
      age: 1.5,
      role: 'owner',
      balance: '12345.67',
      score: Number.NaN,
      serial: 7,
      token: 'x',
      born: '2020-02-30',
      createdAt: '2020-01-01',
      orgCode: null,
    };
    expect(issues(bad)).toEqual([
      'name: expected well-formed text without NUL, got a number',
      'age: expected a safe integer, got a fraction',
      'role: expected one of admin, guest, got a string',
      expect.stringMatching(/^balance: expected a decimal/),
      'score: expected a finite number, got not finite',
      'serial: expected a 64-bit bigint, got a number',
      expect.stringMatching(/^token: expected a UUID/),
      expect.stringMatching(/^born: expected a date/),
      expect.stringMatching(/^createdAt: expected .*, got a string/),
      'orgCode: must not be null',
    ]);
    for (const value of [null, undefined, [], 'x', 7, new Map()])
      expect(issues(value)[0]).toMatch(/^: expected an object/);
  });

  test('no message of a column has the value in it', () => {
    fc.assert(
      fc.property(fc.constantFrom('name', 'age', 'role', 'token', 'password', 'settings'), fc.nat(), (name, nat) => {
        const secret = `s3cret-${nat}`;
        for (const value of [secret, [secret], { theme: secret }, new Map([[secret, 1]])])
          for (const { message } of check({ ...given, name: 'Ann', [name]: value }).issues ?? [])
            expect(message).not.toContain(secret);
      }),
    );
  });

  test('asks the rules of columns, and shows what they say with its path', () => {
    expect(issues({ ...given, email: 'x', age: 7, password: 'short' })).toEqual([
      'email: Invalid email address',
      'age: is of an adult',
      'password: is refused',
    ]);
    expect(issues({ ...given, settings: { theme: 'pink' } })[0]).toContain(
      'settings: expected what its schema accepts at $.theme',
    );
  });

  test('of a subclass: both its bases and its own; what tells it is set', () => {
    expect(check({ name: 'Rex', barks: 3 }, insertSchema(Dog))).toEqual({
      value: { kind: 'dog', name: 'Rex', barks: 3 },
    });
    expect(issues({ name: 'Rex' }, insertSchema(Dog))).toEqual(['barks: is needed']);
    expect(issues({ name: 'Rex', barks: 3, kind: 'cat' }, insertSchema(Dog))).toEqual([
      'kind: tells what class a row is of; leave it out',
    ]);
    expect(issues({ name: 'Rex', kind: 'cat', barks: 3 }, insertSchema(Animal))[0]).toMatch(
      /^barks: is no column of Animal/,
    );
  });

  test('what it accepts makes an entity, and what it refuses does not', () => {
    const values = fc.record(
      {
        name: fc.oneof(fc.string(), fc.constant(null)),
        email: fc.constantFrom('a@x.org', 'x'),
        age: fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constantFrom(null, 1.5)),
        password: fc.constantFrom('long enough', 'short'),
        role: fc.constantFrom('admin', 'owner'),
        orgCode: fc.constant('x'),
        nickname: fc.constant(1),
        label: fc.constant('x'),
      },
      { requiredKeys: ['orgCode'] },
    );
    fc.assert(
      fc.property(values, (value) => {
        const make = (): unknown => new User(value as never);
        if (check(value).issues) expect(make).toThrow();
        else expect(make()).toMatchObject(value);
      }),
    );
  });
});

describe('updateSchema', () => {
  test('needs nothing, and checks what there is', () => {
    const schema = updateSchema(User);
    expect(check({}, schema)).toEqual({ value: {} });
    expect(check({ name: 'Eve', age: null, email: undefined }, schema)).toEqual({ value: { name: 'Eve', age: null } });
    expect(issues({ name: null, email: 'x', label: 'x', nickname: 1 }, schema)).toEqual([
      expect.stringMatching(/^nickname: is no column/),
      'name: must not be null',
      'email: Invalid email address',
      'label: is computed by the database; leave it out',
    ]);
    expect(issues({ kind: 'cat' }, updateSchema(Dog))).toEqual(['kind: tells what class a row is of; leave it out']);
  });
});

describe('a rule over several attributes', () => {
  class Stay extends Model('stays', { id: integer().primaryKey(), start: plainDate(), end: plainDate() }) {}
  validate(Stay, ({ start, end }) => (start! < end! ? undefined : 'ends before it starts'));
  class Trip extends Model('trips', { id: integer().primaryKey(), from: text(), to: text() }) {}
  validate(
    Trip,
    z.object({ from: z.string(), to: z.string() }).refine((t) => t.from !== t.to, { path: ['to'], error: 'same' }),
  );

  test('is asked once the columns are right', () => {
    expect(issues({ start: '2020-01-02', end: '2020-01-01' }, insertSchema(Stay))).toEqual([': ends before it starts']);
    expect(issues({ start: '2020-01-02', end: 7 }, insertSchema(Stay))).toHaveLength(1);
    expect(check({ start: '2020-01-01', end: '2020-01-02' }, insertSchema(Stay)).issues).toBeUndefined();
    expect(issues({ from: 'a', to: 'a' }, insertSchema(Trip))).toEqual(['to: same']);
  });

  test('is left to the commit where only changes are known', () => {
    expect(check({ end: '2020-01-01' }, updateSchema(Stay))).toEqual({ value: { end: '2020-01-01' } });
  });
});

test.for([
  ['zod', z.object({ n: z.number().min(3) })],
  ['valibot', v.object({ n: v.pipe(v.number(), v.minValue(3)) })],
  ['arktype', type({ n: 'number>=3' })],
] as const)('%s: a schema as it is, on a document and on a column', ([, schema]) => {
  class Doc extends declarativeBase()('docs', {
    id: integer().primaryKey(),
    body: json<{ n: number }>(schema),
    again: validate(json<{ n: number }>(), schema),
  }) {}
  expect(check({ body: { n: 3 }, again: { n: 4 } }, insertSchema(Doc)).issues).toBeUndefined();
  expect(check({ body: { n: 1 }, again: { n: 1 } }, insertSchema(Doc)).issues).toMatchObject([
    { path: ['body'] },
    { path: ['again', 'n'] },
  ]);
  expect(() => new Doc({ body: { n: 3 }, again: { n: 1 } })).toThrow('Doc.again: a validator refuses it at n');
});

test('a schema of something else is refused where it is asked for', () => {
  expect(() => insertSchema({} as never)).toThrow('insertSchema(): expected a model class');
});
