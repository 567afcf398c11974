import { declarativeBase, extend, integer, json, many, one, text, validate } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  email: validate(text(), z.string().trim().toLowerCase().pipe(z.email())).unique(),
  age: validate(integer().nullable(), (age) => (age < 18 ? 'is of an adult' : undefined)),
  pin: validate(text().nullable(), z.string().regex(/^\d+$/)).hidden(),
  tags: validate(json<string[]>().default([]), z.array(z.string()).max(2)),
  bossId: validate(integer().nullable().references('users.id'), (id) => (id === 13 ? 'is unlucky' : undefined)),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get staff() {
    return many(User, { by: 'bossId' });
  },
}) {}

class Stay extends Model('stays', { id: integer().primaryKey(), start: integer(), end: integer() }) {}
class Long extends extend(Stay, 'long_stays', { nights: integer() }) {}
validate(Stay, ({ start, end }) => (start! < end! ? undefined : 'ends before it starts'));
validate(Long, z.object({ nights: z.number().min(7, 'too short') }));

const refused = (attribute: string, message: RegExp) =>
  expect.objectContaining({
    code: 'InvalidValueError',
    model: 'User',
    attributes: [attribute],
    message: expect.stringMatching(message) as string,
  }) as Error;

/** Rules of the program for values, beside their types. */
export function validateCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });

  describe('of a column', () => {
    test('are asked by the constructor, and by an assignment', () => {
      expect(() => new User({ email: 'x' })).toThrow(refused('email', /^User\.email: a validator refuses it$/));
      expect(() => new User({ email: 'a@x.org', age: 7 })).toThrow(refused('age', /^User\.age: is of an adult$/));
      const user = new User({ email: 'a@x.org', age: 30 });
      expect(() => (user.age = 7)).toThrow(refused('age', /is of an adult/));
      expect(() => (user.pin = 'secret')).toThrow(refused('pin', /^User\.pin: a validator refuses it$/));
      expect(() => (user.tags = ['a', 'b', 'c'])).toThrow(refused('tags', /refuses it/));
      expect(() => (user.email = 7 as never)).toThrow(refused('email', /expected well-formed text/));
      expect([user.age, user.tags]).toEqual([30, []]);
    });

    test('what was found goes along, out of sight of a log', async () => {
      const found = await db.failure(() => new User({ email: 'x' }));
      const error = found.error as Error & { issues?: unknown };
      expect(error.issues).toMatchObject([{ message: 'Invalid email address' }]);
      expect(JSON.stringify(error)).not.toContain('Invalid email address');
    });

    test('a schema may change a value, and the changed one is stored', async () => {
      const session = db.session();
      const user = new User({ email: '  Ann@X.org ' });
      expect(user.email).toBe('ann@x.org');
      session.add(user);
      await session.commit();
      user.email = ' EVE@x.org';
      expect(user.email).toBe('eve@x.org');
      await session.commit();

      expect(await db.values('select email from users')).toEqual(['eve@x.org']);
      user.email = 'EVE@x.org';
      expect((await db.record(() => session.commit())).trips).toBe(0);
    });

    test('are not asked of rows that are read, nor of conditions; an entity looks as others do', async () => {
      await db.run(`insert into users (id, email, age, pin, tags) values (1, 'not an address', 7, 'x', '[]')`);
      const session = db.session();
      const user = await session.query(User).where(User.c.email.eq('not an address'), User.c.age.lt(18)).one();

      expect([user.email, user.age, user.pin]).toEqual(['not an address', 7, 'x']);
      expect(Object.fromEntries(Object.entries(user))).toEqual({
        id: 1,
        email: 'not an address',
        age: 7,
        tags: [],
        bossId: null,
      });
      expect(Object.keys(user)).not.toContain('pin');
      expect(user.toJSON()).toEqual({ id: 1, email: 'not an address', age: 7, tags: [], bossId: null });
      expect((await db.record(() => session.commit())).trips).toBe(0);
      user.age = null;
      await session.commit();
      expect(await db.rows('select email, age from users')).toEqual([['not an address', null]]);
      user.age = 20;
      await session.rollback();
      expect(user.age).toBeNull();
    });

    test('what changed in place is asked before anything is sent', async () => {
      const session = db.session();
      const user = new User({ email: 'a@x.org', tags: ['a'] });
      session.add(user);
      await session.commit();
      user.tags.push('b', 'c');
      const { error, calls } = await db.failure(() => session.commit());

      expect(error).toEqual(refused('tags', /^User\.tags: a validator refuses it$/));
      expect(calls).toBe(0);
      user.tags.pop();
      await session.commit();
      expect((await db.session().get(User, user.id))!.tags).toEqual(['a', 'b']);
    });

    test('a key under a rule follows its relation', async () => {
      const session = db.session();
      const boss = new User({ email: 'boss@x.org' });
      const user = new User({ email: 'a@x.org', boss });
      session.add(user);
      await session.commit();
      expect(user.bossId).toBe(boss.id);
      boss.staff.remove(user);
      await session.commit();
      expect(user.bossId).toBeNull();
      expect(() => (user.bossId = 13)).toThrow(refused('bossId', /is unlucky/));
    });

    test('several are asked in turn; what one makes must be a value of the column', () => {
      const M = declarativeBase();
      class Word extends M('words', {
        id: integer().primaryKey(),
        text: validate(validate(text(), z.string().trim()), (word) => (word === '' ? 'is empty' : undefined)),
        bad: validate(text().nullable(), z.string().transform((word) => word.length) as never),
        none: validate(text().nullable(), z.string().transform(() => undefined) as never),
      }) {}
      expect(new Word({ text: ' x ' }).text).toBe('x');
      expect(() => new Word({ text: '  ' })).toThrow('Word.text: is empty');
      for (const given of [{ bad: 'x' }, { none: 'x' }])
        expect(() => new Word({ text: 'x', ...given })).toThrow(/a validator made .* where the column holds/);
    });

    test('an asynchronous schema is refused, whatever becomes of it', () => {
      const M = declarativeBase();
      const late = {
        '~standard': { version: 1, vendor: 'x', validate: () => Promise.reject(new Error('late')) },
      } as const;
      class Late extends M('late', { id: integer().primaryKey(), text: validate(text(), late) }) {}
      expect(() => new Late({ text: 'x' })).toThrow(
        expect.objectContaining({
          code: 'ConfigurationError',
          message: expect.stringMatching(/asynchronous/) as string,
        }) as Error,
      );
      expect(() => validate(text(), 7 as never)).toThrow(/expected a schema or a function/);
      expect(() => validate({} as never, () => undefined)).toThrow(/expected a model class/);
    });
  });

  describe('of a model', () => {
    test('are asked before anything is sent, of what is new and of what changed', async () => {
      const session = db.session();
      const stay = new Stay({ start: 2, end: 1 });
      session.add(stay);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'InvalidValueError', model: 'Stay', message: 'Stay: ends before it starts' });
      expect(calls).toBe(0);

      stay.end = 3;
      await session.commit();
      stay.start = 4;
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'InvalidValueError',
        model: 'Stay',
      });
      stay.end = 5;
      await session.commit();
      expect(await db.rows('select start, "end" from stays')).toEqual([[4, 5]]);
    });

    test('rows that are merely read are not asked', async () => {
      await db.run('insert into stays (id, start, "end") values (1, 2, 1)');
      const session = db.session();
      expect((await session.get(Stay, 1))!.end).toBe(1);
      await session.commit();
    });

    test('of a base are those of its subclasses, too', async () => {
      const session = db.session();
      session.add(new Long({ start: 2, end: 1, nights: 9 }));
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        message: 'Long: ends before it starts',
      });
      await session.rollback();
      session.add(new Long({ start: 1, end: 2, nights: 3 }));
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        message: 'Long: a validator refuses it at nights',
        attributes: ['nights'],
      });
    });

    test('may not change an attribute', async () => {
      const M = declarativeBase();
      class Loud extends M('loud', { id: integer().primaryKey(), name: text() }) {}
      validate(Loud, z.object({ name: z.string().toUpperCase() }));
      const session = db.session();
      session.add(new Loud({ name: 'x' }));
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'ConfigurationError',
        message: expect.stringContaining('Loud.name: a validator of the model changes it') as string,
      });
    });
  });
}
