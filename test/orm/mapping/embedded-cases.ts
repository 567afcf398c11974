import {
  alias,
  declarativeBase,
  embedded,
  extend,
  insert,
  insertMany,
  insertSchema,
  integer,
  many,
  merge,
  numeric,
  one,
  select,
  serialize,
  text,
  update,
  updateSchema,
  upsert,
  validate,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Money {
  readonly amount: string;
  readonly currency: string;
  constructor(amount: string, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
  format(): string {
    return `${this.amount} ${this.currency}`;
  }
}

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  home: embedded({ street: text(), city: text(), note: text().nullable() }),
  work: embedded({
    street: text(),
    city: validate(text(), (city) => (city === '' ? 'is empty' : undefined)),
  }).nullable(),
  get orders() {
    return many(Order);
  },
}) {}
class Order extends Model('orders', {
  id: integer().primaryKey(),
  total: embedded({ amount: numeric(8, 2), currency: text() }, { prefix: 'sum_', class: Money }),
  userId: integer().nullable().references('users.id'),
  get user() {
    return one(User).nullable();
  },
}) {}
class Gift extends extend(Order, 'gifts', { to: embedded({ name: text() }) }) {}
Model.register(Gift);

const home = { street: 'Way 1', city: 'Rome', note: null };

/** Values over several columns. */
export function embeddedCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });
  const stored = () =>
    db.rows('select name, home_street, home_city, home_note, work_street, work_city from users order by id');

  test('are columns of their entity, written and read in one trip each', async () => {
    const session = db.session();
    session.add(new User({ name: 'Ann', home: { street: 'Way 1', city: 'Rome', note: 'x' } }));
    session.add(new User({ name: 'Bob', home, work: { street: 'Road 2', city: 'Oslo' } }));
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await stored()).toEqual([
      ['Ann', 'Way 1', 'Rome', 'x', null, null],
      ['Bob', 'Way 1', 'Rome', null, 'Road 2', 'Oslo'],
    ]);

    const { result, trips } = await db.record(() => db.session().query(User).orderBy(User.c.id).all());
    expect(trips).toBe(1);
    expect(result.map((user) => [user.home, user.work])).toEqual([
      [{ street: 'Way 1', city: 'Rome', note: 'x' }, null],
      [home, { street: 'Road 2', city: 'Oslo' }],
    ]);
    expect(result[0]!.home).toBe(result[0]!.home);
    expect(Object.keys(result[0]!)).toEqual(['id', 'name', 'home', 'work']);
  });

  test('are written by what changed of them, part by part or as a whole', async () => {
    const session = db.session();
    const user = new User({ name: 'Ann', home });
    session.add(user);
    await session.commit();
    user.home = { street: 'Way 1', city: 'Rome', note: null };
    expect((await db.record(() => session.commit())).trips).toBe(0);
    user.home.city = 'Bari';
    const { sql } = await db.record(() => session.commit());
    expect(sql[0]).toMatch(/update "users" set "home_city" = \S+ where "id" = /);
    user.work = { street: 'Road 2', city: 'Oslo' };
    await session.commit();
    user.work = null;
    user.name = 'Eve';
    expect(user.work).toBeNull();
    await session.rollback();
    expect([user.name, user.work]).toEqual(['Ann', { street: 'Road 2', city: 'Oslo' }]);
    user.work = null;
    await session.commit();
    expect(await stored()).toEqual([['Ann', 'Way 1', 'Bari', null, null, null]]);
  });

  test('what is assigned is what is stored, whatever came before', async () => {
    const part = fc.constantFrom('', 'a', 'b');
    const homes = fc.record({ street: part, city: part, note: fc.option(part) });
    const works = fc.option(fc.record({ street: part, city: fc.constantFrom('a', 'b') }));
    const session = db.session();
    const user = new User({ name: 'Ann', home });
    session.add(user);
    await session.commit();
    await fc.assert(
      fc.asyncProperty(homes, works, async (nextHome, nextWork) => {
        user.home = nextHome;
        user.work = nextWork;
        await session.commit();
        const again = (await db.session().get(User, user.id))!;
        expect([again.home, again.work]).toEqual([nextHome, nextWork]);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  test('their parts stand in conditions, orders and columns; a whole in filterBy', async () => {
    const session = db.session();
    session.addAll([
      new User({ name: 'Ann', home: { ...home, city: 'Rome' } }),
      new User({ name: 'Bob', home: { ...home, city: 'Bari' }, work: { street: 'x', city: 'Oslo' } }),
    ]);
    await session.commit();
    const names = async (query: { all(): Promise<readonly { name: string }[]> }): Promise<string[]> =>
      (await query.all()).map(({ name }) => name);

    expect(await names(db.session().query(User).where(User.c.home.city.eq('Bari')))).toEqual(['Bob']);
    expect(await names(db.session().query(User).orderBy(User.c.home.city.desc()))).toEqual(['Ann', 'Bob']);
    expect(await names(db.session().query(User).where(User.c.work.city.isNull()))).toEqual(['Ann']);
    expect(await names(db.session().query(User).filterBy({ work: null }))).toEqual(['Ann']);
    expect(
      await names(
        db
          .session()
          .query(User)
          .filterBy({ work: { street: 'x', city: 'Oslo' } }),
      ),
    ).toEqual(['Bob']);
    expect(await db.session().all(select({ city: User.c.home.city }).from(User).orderBy(User.c.id))).toEqual([
      { city: 'Rome' },
      { city: 'Bari' },
    ]);
    const other = alias(User, 'other');
    const pairs = select({ one: User.c.name, two: other.c.name })
      .from(User)
      .innerJoin(other, other.c.home.street.eq(User.c.home.street))
      .where(User.c.id.lt(other.c.id));
    expect(await db.session().all(pairs)).toEqual([{ one: 'Ann', two: 'Bob' }]);
  });

  test('have a class of their own, and a prefix', async () => {
    const session = db.session();
    session.add(new User({ name: 'Ann', home, orders: [new Order({ total: new Money('1.50', 'EUR') })] }));
    await session.commit();
    expect(await db.values('select sum_currency from orders')).toEqual(['EUR']);
    const user = await db.session().query(User).with({ orders: true }).one();
    const { total } = user.orders.items[0]!;
    expect(total).toBeInstanceOf(Money);
    expect(total.format()).toBe('1.50 EUR');
    expect(serialize(user, { orders: true })).toEqual({
      id: user.id,
      name: 'Ann',
      home,
      work: null,
      orders: [{ id: 1, total: { amount: '1.50', currency: 'EUR' }, userId: user.id }],
    });
  });

  test('of a base and of its subclass', async () => {
    const session = db.session();
    session.add(new Gift({ total: new Money('2.00', 'EUR'), to: { name: 'Cid' } }));
    await session.commit();
    const gift = (await db.session().query(Order).one()) as Gift;
    expect([gift.total.format(), gift.to]).toEqual(['2.00 EUR', { name: 'Cid' }]);
    gift.to.name = 'Dan';
    expect(
      await db.session().query(Gift).where(Gift.c.to.name.eq('Cid'), Gift.c.total.currency.eq('EUR')).count(),
    ).toBe(1);
  });

  test('in statements without a session, in merges and in parts of what is read', async () => {
    await db.engine.run(insert(User).values({ id: 7, name: 'Ann', home, work: { street: 'x', city: 'y' } }));
    await db.engine.run(
      update(User)
        .set({ work: null, home: { ...home, city: 'Bari' } })
        .where(User.c.id.eq(7)),
    );
    expect(await db.engine.all(select(User))).toEqual([
      { id: 7, name: 'Ann', home: { ...home, city: 'Bari' }, work: null },
    ]);
    const session = db.session();
    const merged = await merge(session, User, { id: 7, home });
    expect(merged.home).toEqual(home);
    await session.commit();
    expect(await db.values('select home_city from users')).toEqual(['Rome']);
    const [only] = await db.session().query(User).loadOnly('home').all();
    expect([only!.home, Object.hasOwn(only!, 'name'), Object.hasOwn(only!, 'work')]).toEqual([home, false, false]);
  });

  test('in rows that a session inserts, and in upserts', async () => {
    const session = db.session();
    await insertMany(session, User, [
      { id: 7, name: 'Ann', home },
      { id: 8, name: 'Bob', home, work: { street: 'x', city: 'y' } },
    ]);
    const [user] = await upsert(session, User, [{ id: 7, name: 'Eve', home: { ...home, city: 'Bari' } }], {
      on: ['id'],
    });
    expect([user!.name, user!.home]).toEqual(['Eve', { ...home, city: 'Bari' }]);
    expect(await stored()).toEqual([
      ['Eve', 'Way 1', 'Bari', null, null, null],
      ['Bob', 'Way 1', 'Rome', null, 'x', 'y'],
    ]);
  });

  test('in the schemas of the model', () => {
    const check = insertSchema(User)['~standard'].validate;
    expect(check({ name: 'Ann', home })).toEqual({ value: { name: 'Ann', home } });
    expect(check({ name: 'Ann', home: { ...home, city: 7 }, work: null }).issues).toEqual([
      { message: 'expected well-formed text without NUL, got a number', path: ['home', 'city'] },
    ]);
    expect(check({ name: 'Ann' }).issues).toEqual([
      { message: 'is needed', path: ['home', 'street'] },
      { message: 'is needed', path: ['home', 'city'] },
    ]);
    expect(check({ name: 'Ann', home: null }).issues).toEqual([{ message: 'must not be null', path: ['home'] }]);
    expect(updateSchema(User)['~standard'].validate({ work: null })).toEqual({ value: { work: null } });
  });

  test('what they cannot hold is refused at once, and nothing of it is kept', () => {
    const user = new User({ name: 'Ann', home });
    const refused = (what: RegExp) =>
      expect.objectContaining({
        code: 'InvalidValueError',
        model: 'User',
        message: expect.stringMatching(what) as string,
      }) as Error;
    expect(() => new User({ name: 'Ann', home: null as never })).toThrow(refused(/User\.home: must not be null/));
    expect(() => new User({ name: 'Ann', home: { street: 'x' } as never })).toThrow(
      refused(/User\.home: city is needed/),
    );
    expect(() => (user.home = { ...home, zip: 'x' } as never)).toThrow(
      refused(/has no part 'zip'; it has street, city, note/),
    );
    expect(() => (user.home = 'x' as never)).toThrow(refused(/expected an object of street, city, note/));
    expect(() => (user.home.city = 7 as never)).toThrow(refused(/User\.home\.city: expected/));
    expect(() => (user.home.city = null as never)).toThrow(refused(/User\.home: city must not be null/));
    expect(() => (user.work = { street: 'x', city: '' })).toThrow(refused(/User\.work\.city: is empty/));
    expect([user.home, user.work]).toEqual([home, null]);
    user.home.note = 'y';
    expect(user.home.note).toBe('y');
    for (const bad of [integer().primaryKey(), integer().references('users.id'), integer().default(1), 7])
      expect(() => embedded({ bad: bad as never })).toThrow(/'bad' is a plain column/);
    expect(() => embedded({})).toThrow(/at least one column/);
  });
}
