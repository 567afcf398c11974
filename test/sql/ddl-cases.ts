import {
  and,
  bigint,
  boolean,
  createAll,
  createEngine,
  declarativeBase,
  double,
  dropAll,
  enumeration,
  index,
  insert,
  integer,
  isCinnabarError,
  json,
  lower,
  many,
  type MetaData,
  numeric,
  one,
  or,
  select,
  Session,
  sql,
  text,
  timestamp,
} from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, TestDatabase } from '../support/database.ts';

/** CREATE and DROP, on a database that takes them. */
export function ddlCases(open: OpenDriver): void {
  const empty = async (): Promise<TestDatabase> => freshDatabase(await open(), declarativeBase().metadata);
  const sent = async (db: TestDatabase, work: (driver: RecordingDriver) => Promise<void>): Promise<readonly string[]> =>
    (await db.record(() => work(db.driver))).sql;
  const create = (metadata: MetaData) => (driver: RecordingDriver) => createAll(createEngine(driver), metadata);
  const drop = (metadata: MetaData) => (driver: RecordingDriver) => dropAll(createEngine(driver), metadata);
  const tables = (db: TestDatabase): Promise<unknown[]> =>
    db.values(
      `select name from sqlite_master where type in ('table', 'index') and name not like 'sqlite_%' and name not like '_cf_%' order by name`,
    );

  test('columns, keys, uniques, foreign keys, checks and indexes', async () => {
    const Model = declarativeBase();
    class User extends Model('users', {
      id: integer().primaryKey(),
      name: text().unique(),
      age: integer().nullable(),
      score: double().defaultSql(sql`1.5`),
      big: bigint().named('BIG'),
      price: numeric(10, 2).defaultSql(sql`100`),
      active: boolean().defaultSql(sql`true`),
      madeAt: timestamp().defaultSql(sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`),
      role: enumeration('reader', 'editor'),
      meta: json<unknown>().nullable(),
    }).constrain((c) => ({
      checks: {
        grown: c.age.isNull().eq(true),
        role: c.role.in(['reader', 'editor']),
        mixed: or(
          and(c.age.gte(-1), c.score.lt(0.5)),
          c.name.ne("it's"),
          c.active.eq(false),
          c.price.gt('9.99'),
          c.big.lt(2n ** 60n),
          c.big.plus(1n).gt(5n),
        ),
      },
      indexes: [
        index(c.name, c.age.desc()),
        index(lower(c.name)).unique(),
        index(c.madeAt).where(c.active.eq(true)).named('recent'),
      ],
    })) {}
    class Seat extends Model(
      'seats',
      {
        row: text().primaryKey(),
        number: integer().primaryKey({ generated: false }),
        userId: integer().nullable().references('users.id', { onDelete: 'set null' }),
      },
      { unique: [['row', 'userId']] },
    ) {}
    class Ticket extends Model(
      'tickets',
      { id: integer().primaryKey(), row: text(), number: integer() },
      { foreignKeys: [{ columns: ['row', 'number'], references: 'seats.row,number', onDelete: 'cascade' }] },
    ) {}
    const db = await empty();

    expect(await sent(db, create(Model.metadata))).toEqual([
      'create table if not exists "users" ("id" integer constraint "pk_users" primary key, "name" text not null, "age" integer, "score" real not null default (1.5), "BIG" integer not null, ' +
        '"price" integer not null default (100), "active" integer not null default (true), "made_at" text not null default (strftime(\'%Y-%m-%dT%H:%M:%fZ\', \'now\')), ' +
        '"role" text not null, "meta" text, constraint "uq_users_name" unique ("name"), ' +
        'constraint "ck_users_grown" check (("age" is null) = 1), constraint "ck_users_role" check ("role" in (\'reader\', \'editor\')), ' +
        'constraint "ck_users_mixed" check (("age" >= (-1) and "score" < 0.5) or "name" <> \'it\'\'s\' or "active" = 0 or "price" > \'999\' or "BIG" < \'1152921504606846976\' or ("BIG" + cast(\'1\' as integer)) > cast(\'5\' as integer)))',
      'create index if not exists "ix_users_name_age" on "users" ("name", "age" desc)',
      'create unique index if not exists "uq_users_lower_name" on "users" ((lower("name")))',
      'create index if not exists "recent" on "users" ("made_at") where "active" = 1',
      'create table if not exists "seats" ("row" text not null, "number" integer not null, "user_id" integer, constraint "pk_seats" primary key ("row", "number"), constraint "uq_seats_row_user_id" unique ("row", "user_id"), ' +
        'constraint "fk_seats_user_id_users" foreign key ("user_id") references "users" ("id") on delete set null)',
      'create table if not exists "tickets" ("id" integer constraint "pk_tickets" primary key, "row" text not null, "number" integer not null, ' +
        'constraint "fk_tickets_row_number_seats" foreign key ("row", "number") references "seats" ("row", "number") on delete cascade)',
    ]);

    const session = new Session(db.engine);
    const user = new User({ name: 'Ann', big: 1n, role: 'reader' });
    session.add(user);
    await session.commit();
    expect([user.score, user.price, user.active, user.madeAt instanceof Date]).toEqual([1.5, '1.00', true, true]);
    session.add(new Seat({ row: 'a', number: 1, userId: user.id }));
    session.add(new Ticket({ row: 'a', number: 1 }));
    await session.commit();
    const bad = await db.failure(() =>
      db.engine.run(insert(User).values({ name: 'Bob', big: 1n, role: 'reader', age: 5 })),
    );
    expect(isCinnabarError(bad.error, 'CheckViolation') && bad.error.constraint).toBe('ck_users_grown');
    const twice = await db.failure(() => db.engine.run(insert(User).values({ name: 'ANN', big: 1n, role: 'reader' })));
    expect(isCinnabarError(twice.error, 'UniqueViolation')).toBe(true);
    expect(await drop(Model.metadata)(db.driver).then(() => tables(db))).toEqual([]);
  });

  test('twice is once, and what is there stays', async () => {
    const Model = declarativeBase();
    class Thing extends Model('things', { id: integer().primaryKey(), name: text() }).constrain((c) => ({
      indexes: [index(c.name)],
    })) {}
    const db = await empty();
    await create(Model.metadata)(db.driver);
    await db.engine.run(insert(Thing).values({ name: 'x' }));
    const again = await db.record(() => create(Model.metadata)(db.driver));

    expect(again.trips).toBe(1);
    expect(await db.engine.all(select(Thing))).toEqual([{ id: 1, name: 'x' }]);
    await drop(Model.metadata)(db.driver);
    await drop(Model.metadata)(db.driver);
    expect(await tables(db)).toEqual([]);
  });

  test('tables and rows that refer to each other and to themselves', async () => {
    const Model = declarativeBase();
    class Team extends Model('teams', {
      id: integer().primaryKey(),
      leaderId: integer().nullable().references('people.id'),
      parentId: integer().nullable().references('teams.id'),
      get leader() {
        return one(Person, { by: 'leaderId' }).nullable();
      },
    }) {}
    class Person extends Model('people', {
      id: integer().primaryKey(),
      teamId: integer().references('teams.id'),
      get team() {
        return one(Team, { by: 'teamId' });
      },
      get friends() {
        return many(Person, { through: 'friendships', by: 'oneId', inverse: 'otherId' });
      },
    }) {}
    class Note extends Model('notes', { id: integer().primaryKey(), personId: integer().references('people.id') }) {}
    const db = await empty();
    await create(Model.metadata)(db.driver);
    await db.run(
      'pragma defer_foreign_keys = on',
      'insert into teams values (1, 1, 1), (2, null, 1), (3, 2, null)',
      'insert into people values (1, 1), (2, 2)',
      'insert into friendships (one_id, other_id) values (1, 2), (2, 1)',
      'insert into notes values (1, 1)',
    );

    expect(
      await db
        .session()
        .query(Person)
        .with({ team: { leader: true }, friends: true })
        .count(),
    ).toBe(2);
    expect([Team.tableName, Note.tableName]).toEqual(['teams', 'notes']);
    const { trips } = await db.record(() => drop(Model.metadata)(db.driver));
    expect(trips).toBe(1);
    expect(await tables(db)).toEqual([]);
  });

  test('names of any kind', async () => {
    const Model = declarativeBase();
    class Odd extends Model('order "by" it\'s', {
      'select': integer().primaryKey(),
      'group by': text(),
      'ünï "x"': text().unique(),
      'a.b': integer().nullable(),
      '1': integer().nullable(),
      'constructor_': integer().nullable().named('constructor'),
      'proto': integer().nullable().named('__proto__'),
    }).constrain((c) => ({ indexes: [index(c['group by'], c['a.b'])], checks: { 'it "is"': c['1'].gt(0) } })) {}
    const db = await empty();
    await create(Model.metadata)(db.driver);
    await create(Model.metadata)(db.driver);
    const session = db.session();
    const odd = new Odd({ 'group by': 'g', 'ünï "x"': 'u', 'a.b': 1, '1': 2, 'constructor_': 3, 'proto': 4 });
    session.add(odd);
    session.addAll([new Odd({ 'group by': 'h', 'ünï "x"': 'v' }), new Odd({ 'group by': 'i', 'ünï "x"': 'w' })]);
    await session.commit();
    odd['1'] = 5;
    odd.proto = 6;
    await session.commit();
    const read = await db
      .session()
      .query(Odd)
      .where(Odd.c['group by'].eq('g'), Odd.c.proto.eq(6))
      .orderBy(Odd.c['ünï "x"'].desc())
      .one();

    const row = Object.fromEntries(Object.entries(read));
    expect(row).toEqual({
      'select': 1,
      'group by': 'g',
      'ünï "x"': 'u',
      'a.b': 1,
      '1': 5,
      'constructor_': 3,
      'proto': 6,
    });
    expect(await db.engine.batch([select(Odd).where(Odd.c.select.eq(1)), select({ odd: Odd })])).toEqual([
      [row],
      expect.arrayContaining([{ odd: row }]),
    ]);
    const bad = await db.failure(() => db.engine.run(insert(Odd).values({ 'group by': 'g', 'ünï "x"': 'u' })));
    expect(isCinnabarError(bad.error, 'UniqueViolation')).toBe(true);
    await drop(Model.metadata)(db.driver);
    expect(await tables(db)).toEqual([]);
  });

  test('two indexes of one name are refused before any I/O', async () => {
    const Model = declarativeBase();
    class Thing extends Model('things', { id: integer().primaryKey(), a: integer(), b: integer() }).constrain((c) => ({
      indexes: [index(c.a).where(c.b.gt(0)), index(c.a).where(c.b.lt(0))],
    })) {}
    const db = await empty();
    const { error, calls } = await db.failure(() => create(Model.metadata)(db.driver));

    expect(Thing.tableName).toBe('things');
    expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
      "an index of 'things' and an index of 'things' are both named 'ix_things_a': give one another name",
    );
    expect(calls).toBe(0);
  });

  test('two indexes over one function have names of their own', async () => {
    const Model = declarativeBase();
    class Thing extends Model('things', { id: integer().primaryKey(), a: text(), b: text() }).constrain((c) => ({
      indexes: [index(lower(c.a)), index(lower(c.b))],
    })) {}
    const db = await empty();
    await create(Model.metadata)(db.driver);

    expect(Thing.tableName).toBe('things');
    expect(await tables(db)).toEqual(['ix_things_lower_a', 'ix_things_lower_b', 'things']);
  });

  test('a default of the program is no default of the database', async () => {
    const Model = declarativeBase();
    class Thing extends Model('things', { id: integer().primaryKey(), name: text().default("it's") }) {}
    const db = await empty();
    const [text_] = await sent(db, create(Model.metadata));

    expect(Thing.tableName).toBe('things');
    expect(text_).toBe(
      'create table if not exists "things" ("id" integer constraint "pk_things" primary key, "name" text not null)',
    );
  });

  test('values in DDL are literals, whatever is in them', async () => {
    const Model = declarativeBase();
    class Thing extends Model('things', {
      id: integer().primaryKey(),
      note: text().defaultSql(sql`${"'); drop table x; --"}`),
      tiny: double().defaultSql(sql`${5e-324}`),
      huge: bigint().defaultSql(sql`${-(2n ** 63n)}`),
      quoted: text().defaultSql(sql`${'"\\?1'}`),
    }) {}
    const db = await empty();
    await create(Model.metadata)(db.driver);
    const session = db.session();
    const thing = new Thing({});
    const others = [new Thing({}), new Thing({ note: 'own' })];
    session.add(thing);
    await session.commit();
    session.addAll(others);
    await session.commit();

    expect([thing.note, thing.tiny, thing.huge, thing.quoted]).toEqual([
      "'); drop table x; --",
      5e-324,
      -(2n ** 63n),
      '"\\?1',
    ]);
    expect(others.map((other) => [other.note, other.huge])).toEqual([
      ["'); drop table x; --", -(2n ** 63n)],
      ['own', -(2n ** 63n)],
    ]);
  });

  test('nothing to create, nothing to send', async () => {
    const db = await empty();
    const driver = recordingDriver(db.driver);
    await createAll(createEngine(driver), declarativeBase().metadata);
    await dropAll(createEngine(driver), declarativeBase().metadata);

    expect(driver.calls).toEqual([]);
  });
}
