import {
  bigint,
  boolean,
  bytes,
  declarativeBase,
  deleteFrom,
  double,
  enumeration,
  integer,
  isCinnabarError,
  json,
  many,
  numeric,
  one,
  plainDate,
  select,
  text,
  timestamp,
  update,
  uuid,
} from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();
class Owner extends Model('owners', {
  id: integer().primaryKey(),
  name: text(),
  get things() {
    return many(Thing);
  },
}) {}
class Thing extends Model('things', {
  id: integer().primaryKey(),
  text: text().default('t'),
  maybe: text().nullable(),
  whole: integer().default(0),
  big: bigint().default(0n),
  flag: boolean().default(false),
  real: double().default(0),
  price: numeric(6, 2).default('0'),
  at: timestamp().default(() => new Date(0)),
  day: plainDate().default('2024-01-01'),
  token: uuid().default('00000000-0000-4000-8000-000000000000'),
  data: json<unknown>().default({}),
  raw: bytes().default(new Uint8Array()),
  kind: enumeration('a', 'b').default('a'),
  ownerId: integer().references('owners.id'),
  get owner() {
    return one(Owner);
  },
}) {}

/** A value that the column named cannot hold. The types refuse all of them; a program without types meets the errors. */
const wrong: readonly (readonly [column: string, what: string, value: unknown])[] = [
  ['text', 'a number', 7],
  ['text', 'null', null],
  ['text', 'undefined', undefined],
  ['text', 'an object', { a: 1 }],
  ['text', 'a String object', Object('x')],
  ['text', 'a lone surrogate', 'a\ud800b'],
  ['text', 'NUL', 'a\0b'],
  ['maybe', 'undefined', undefined],
  ['maybe', 'an array', ['x']],
  ['whole', 'NaN', NaN],
  ['whole', 'infinity', Infinity],
  ['whole', 'a fraction', 1.5],
  ['whole', 'beyond 2^53', 2 ** 53],
  ['whole', 'a text', '1'],
  ['whole', 'a bigint', 1n],
  ['whole', 'a boolean', true],
  ['big', 'a number', 1],
  ['big', 'above 64 bits', 2n ** 63n],
  ['big', 'below 64 bits', -(2n ** 63n) - 1n],
  ['flag', 'a number', 1],
  ['flag', 'a text', 'true'],
  ['real', 'NaN', NaN],
  ['real', 'infinity', -Infinity],
  ['real', 'a text', '1.5'],
  ['price', 'a number', 1.5],
  ['price', 'too many digits', '12345.00'],
  ['price', 'an exponent', '1e3'],
  ['at', 'an invalid Date', new Date(NaN)],
  ['at', 'a text', '2024-01-01T00:00:00.000Z'],
  ['at', 'a year beyond 9999', new Date(8.64e15)],
  ['day', 'no such day', '2024-02-30'],
  ['token', 'another digit', '00000000-0000-4000-8000-00000000000g'],
  ['data', 'a Date within', { at: new Date() }],
  ['data', 'undefined within', { a: undefined }],
  ['data', 'a bigint within', [1n]],
  ['data', 'NaN within', { a: NaN }],
  ['raw', 'an array', [1, 2]],
  ['raw', 'an ArrayBuffer', new ArrayBuffer(2)],
  ['kind', 'no label', 'c'],
  ['kind', 'an inherited name', 'toString'],
];

/** What a program without types may hand over: a typed error, nothing sent, nothing lost. */
export function badInputCases(open: OpenDriver): void {
  async function seeded() {
    const db = await freshDatabase(await open(), Model.metadata);
    const session = db.session();
    const owner = new Owner({ name: 'o' });
    const thing = new Thing({ owner });
    session.add(owner);
    await session.commit();
    db.driver.clear();
    return { db, session, owner, thing };
  }
  const refusal = (column: string) => ({
    code: 'InvalidValueError',
    outcome: 'not sent',
    model: 'Thing',
    attributes: [column],
  });

  describe('a value that its column cannot hold', () => {
    test.for(wrong)('%s: %s', async ([column, , value]) => {
      const { db, session, thing, owner } = await seeded();
      // In a constructor; undefined is left out there.
      if (value !== undefined) {
        let thrown: unknown;
        try {
          Reflect.construct(Thing, [{ [column]: value }]);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toMatchObject(refusal(column));
        expect(String(thrown)).toContain(`Thing.${column}`);
      }
      // Assigned to a row that is there, and to a new one.
      const fresh = new Thing({ owner, text: 'fresh' });
      for (const entity of [thing, fresh]) {
        const before = (entity as unknown as Record<string, unknown>)[column];
        owner.name = 'kept';
        Object.assign(entity, { [column]: value });
        const { error, calls } = await db.failure(() => session.commit());
        expect(error).toMatchObject(refusal(column));
        expect(calls).toBe(0);
        Object.assign(entity, { [column]: before });
      }
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select name from owners')).toEqual(['kept']);
      expect(await db.values('select text from things order by id')).toEqual(['t', 'fresh']);
    });

    test.for(wrong.filter(([, , value]) => value !== undefined && value !== null))(
      'in a condition, %s: %s',
      async ([column, , value]) => {
        const { db, session } = await seeded();
        const condition = () =>
          (Thing.c as unknown as Record<string, { eq(value: unknown): never }>)[column]!.eq(value);
        const { error, calls } = await db.failure(() => session.query(Thing).where(condition()).all());
        expect(error).toMatchObject({ code: 'InvalidValueError' });
        expect(calls).toBe(0);
      },
    );
  });

  describe('an attribute', () => {
    test('that is needed', async () => {
      const { db, session, owner } = await seeded();
      expect(() => Reflect.construct(Owner, [{}])).toThrow(/new Owner\(\): 'name' is needed/);
      expect(() => Reflect.construct(Owner, [null])).toThrow(/object of attributes/);
      const lost = new Thing({ text: 'lost' });
      session.add(lost);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject(refusal('ownerId'));
      expect(String(error)).toContain('Owner');
      expect(calls).toBe(0);
      lost.owner.set(owner);
      expect((await db.record(() => session.commit())).trips).toBe(1);
    });

    test('that is unknown', async () => {
      const { db, session } = await seeded();
      expect(() => Reflect.construct(Owner, [{ name: 'x', nmae: 'y' }])).toThrow(
        /no attribute 'nmae'; it has id, name, things/,
      );
      expect(() => session.query(Owner).with({ stuff: true } as never)).toThrow(/no relation 'stuff'; it has things/);
      expect(() => session.query(Owner).filterBy({ nmae: 'x' } as object)).toThrow(/nmae/);
      expect(() => session.query(Owner).filterBy({ name: undefined } as object)).toThrow(/undefined/);
      expect(db.driver.calls).toHaveLength(0);
    });

    test('named like a method of objects is none', () => {
      expect(() => Reflect.construct(Owner, [JSON.parse('{"name":"x","__proto__":{"id":5}}')])).toThrow(
        /no attribute '__proto__'/,
      );
      expect(() => Reflect.construct(Owner, [{ name: 'x', toString: 'y' }])).toThrow(/no attribute 'toString'/);
    });

    test('that is a relation', async () => {
      const { session, owner, thing } = await seeded();
      const things = owner as unknown as Record<string, unknown>;
      expect(() => (things['things'] = [])).toThrow(/add\(\), remove\(\) and set\(\)/);
      expect(() => Reflect.construct(Owner, [{ name: 'x', things: thing }])).toThrow(
        /'things' takes entities in an array/,
      );
      expect(() => Reflect.construct(Owner, [{ name: 'x', things: [{ text: 'x' }] }])).toThrow(/expected an entity/);
      expect(() => Reflect.construct(Thing, [{ owner: thing }])).toThrow(/expected a Owner, got a Thing/);
      expect(() => Reflect.construct(Thing, [{ owner: null }])).toThrow(/not nullable/);
      expect(() => owner.things.add(owner as never)).toThrow(/expected a Thing, got a Owner/);
      expect(() => thing.owner.set(null as never)).toThrow(/not nullable/);
      expect(() => thing.owner.set({ id: 1 } as never)).toThrow(/expected an entity/);
      expect(thing.owner.peek()).toBe(owner);
      await session.rollback();
    });
  });

  describe('a session', () => {
    test('takes entities only', async () => {
      const { db, session, owner, thing } = await seeded();
      for (const [value, hint] of [
        [[owner], /addAll/],
        [owner.toJSON(), /copy/],
        [Object.create(owner), /expected an entity/],
        [null, /expected an entity/],
        [undefined, /expected an entity/],
        [Owner, /expected an entity/],
        ['x', /expected an entity/],
      ] as const) {
        expect(() => session.add(value as never)).toThrow(hint);
        expect(() => session.delete(value as never)).toThrow(/expected an entity/);
      }
      const fresh = new Thing({ text: 'fresh', owner });
      expect(() => session.addAll([fresh, {} as never])).toThrow(/expected an entity/);
      expect(() => session.addAll(thing as never)).toThrow(/add\(\)/);
      await session.rollback();
      expect(() => session.query({} as never)).toThrow(/expected a model class/);
      await expect(session.get(Owner, 'x' as never)).rejects.toMatchObject({
        code: 'InvalidValueError',
        model: 'Owner',
        attributes: ['id'],
      });
      await expect(session.get(Owner, null as never)).rejects.toMatchObject({ code: 'InvalidValueError' });
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('writes every row only when told so', async () => {
      const { db, session } = await seeded();
      const attempts: (() => unknown)[] = [
        () => session.run(deleteFrom(Thing) as never),
        () => session.run(update(Thing).set({ whole: 1 }) as never),
        () => session.run(deleteFrom(Thing).where(...([] as unknown as [never])) as never),
        () =>
          session.run(
            update(Thing)
              .set({ whole: 1 })
              .where(undefined as never),
          ),
        () =>
          session.run(
            update(Thing)
              .set({ whole: undefined } as never)
              .allRows(),
          ),
        () => session.run(select(Thing) as never),
      ];
      for (const attempt of attempts) {
        const { error, calls } = await db.failure(attempt);
        expect(isCinnabarError(error), String(error)).toBe(true);
        expect(calls).toBe(0);
      }
      expect(await db.values('select count(*) from things')).toEqual([1]);
    });
  });
}
