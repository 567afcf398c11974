import {
  bigint,
  createAll,
  createAllSql,
  createEngine,
  ddl,
  declarativeBase,
  deleteFrom,
  dropAll,
  extend,
  index,
  insert,
  integer,
  isCinnabarError,
  many,
  MetaData,
  numeric,
  one,
  renderDdl,
  select,
  sql,
  table,
  text,
  timestamp,
  update,
  view,
} from 'cinnabar';
import { expect, test } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

/** What a schema can say, on a database that takes it. */
export function schemaCases(open: OpenDriver): void {
  const given = async (metadata: MetaData): Promise<TestDatabase> => freshDatabase(await open(), metadata);
  const textOf = (db: TestDatabase, name: string): Promise<unknown[]> =>
    db.values('select sql from sqlite_master where name = ?1', name);
  const names = (db: TestDatabase): Promise<unknown[]> =>
    db.values(
      "select name from sqlite_master where name not like 'sqlite\\_%' escape '\\' and name not like '\\_cf%' escape '\\' order by name",
    );

  test('foreign keys: actions, deferrable, composite, named', async () => {
    const metadata = new MetaData();
    const orgs = table(
      'orgs',
      { region: text().primaryKey(), number: integer().primaryKey({ generated: false }), title: text() },
      { metadata, unique: [['title']] },
    );
    const users = table(
      'users',
      {
        id: integer().primaryKey(),
        orgRegion: text().nullable(),
        orgNumber: integer().nullable(),
        orgTitle: text()
          .defaultSql('none')
          .references('orgs.title', { onDelete: 'set default', onUpdate: 'cascade', name: 'to_title' }),
        bossId: integer()
          .nullable()
          .references('users.id', { onDelete: 'set null', onUpdate: 'no action', deferrable: 'deferred' }),
      },
      {
        metadata,
        foreignKeys: [
          {
            columns: ['orgRegion', 'orgNumber'],
            references: 'orgs.region,number',
            onDelete: 'set null',
            onUpdate: 'cascade',
            deferrable: 'immediate',
          },
        ],
      },
    );
    const db = await given(metadata);

    expect(await textOf(db, 'users')).toEqual([
      'CREATE TABLE "users" ("id" integer constraint "pk_users" primary key, "org_region" text, "org_number" integer, "org_title" text not null default (\'none\'), "boss_id" integer, ' +
        'constraint "to_title" foreign key ("org_title") references "orgs" ("title") on delete set default on update cascade, ' +
        'constraint "fk_users_boss_id_users" foreign key ("boss_id") references "users" ("id") on delete set null on update no action deferrable initially deferred, ' +
        'constraint "fk_users_org_region_org_number_orgs" foreign key ("org_region", "org_number") references "orgs" ("region", "number") on delete set null on update cascade deferrable initially immediate)',
    ]);
    await db.engine.run(
      insert(orgs).values({ region: 'eu', number: 1, title: 'one' }, { region: 'eu', number: 0, title: 'none' }),
    );
    await db.engine.batch([
      insert(users)
        .values({ id: 2, bossId: 1, orgTitle: 'one', orgRegion: 'eu', orgNumber: 1 })
        .returning({ id: users.c.id }),
      insert(users).values({ id: 1 }).returning({ id: users.c.id }),
    ]);
    await db.engine.run(update(orgs).set({ number: 7, title: 'two' }).where(orgs.c.title.eq('one')));
    expect(await db.engine.all(select(users).where(users.c.id.eq(2)))).toEqual([
      { id: 2, bossId: 1, orgTitle: 'two', orgRegion: 'eu', orgNumber: 7 },
    ]);
    await db.engine.run(deleteFrom(orgs).where(orgs.c.title.eq('two')));
    await db.engine.run(deleteFrom(users).where(users.c.id.eq(1)));
    expect(await db.engine.all(select(users))).toEqual([
      { id: 2, bossId: null, orgTitle: 'none', orgRegion: null, orgNumber: null },
    ]);
  });

  test('what the actions of keys change is so in the session, or the action is refused', async () => {
    const Model = declarativeBase();
    class Org extends Model('orgs', {
      code: text().primaryKey(),
      name: text(),
      get users() {
        return many(User);
      },
    }) {}
    class User extends Model('users', {
      id: integer().primaryKey(),
      orgCode: text().references('orgs.code', { onUpdate: 'cascade' }),
      get org() {
        return one(Org);
      },
    }) {}
    const db = await given(Model.metadata);
    const session = db.session();
    const user = new User({});
    const org = new Org({ code: 'a', name: 'x', users: [user] });
    session.add(org);
    await session.commit();
    org.code = 'b';
    await session.commit();
    expect(user.orgCode).toBe('b');
    expect(await db.rows('select org_code from users')).toEqual([['b']]);

    const other = db.session();
    const alone = await other.get(Org, 'b');
    alone!.code = 'c';
    await other.commit();
    expect(await db.rows('select org_code from users')).toEqual([['c']]);

    const Base = declarativeBase();
    class Team extends Base('teams', { id: integer().primaryKey() }) {}
    class Player extends Base('players', {
      id: integer().primaryKey(),
      teamId: integer().references('teams.id', { onDelete: 'set default' }),
      get team() {
        return one(Team);
      },
    }) {}
    await expect(createAll(db.engine, Base.metadata)).rejects.toThrow(
      "players.team: the database sets its key to a default that no session can know; 'set default' is for keys without relations",
    );
    expect(Player.tableName).toBe('players');
  });

  test('checks of columns and of tables, with the name of their constraint', async () => {
    const Model = declarativeBase();
    class Person extends Model('people', {
      id: integer().primaryKey(),
      age: integer().check(({ age }) => sql`${age} >= 0`),
      maxAge: integer()
        .check(({ age, maxAge }) => sql`${age} <= ${maxAge}`, 'range')
        .check(sql`max_age < 200`, 'human'),
    }).constrain((c) => ({ checks: { even: sql<boolean>`${c.age} % 2 = 0` } })) {}
    const db = await given(Model.metadata);

    await db.engine.run(insert(Person).values({ age: 2, maxAge: 4 }));
    for (const [values, constraint] of [
      [{ age: -2, maxAge: 4 }, 'ck_people_age'],
      [{ age: 6, maxAge: 4 }, 'ck_people_range'],
      [{ age: 2, maxAge: 400 }, 'ck_people_human'],
      [{ age: 3, maxAge: 4 }, 'ck_people_even'],
    ] as const) {
      const { error } = await db.failure(() => db.engine.run(insert(Person).values(values)));
      expect(isCinnabarError(error, 'CheckViolation') && error.constraint).toBe(constraint);
    }
  });

  test('collations, partial and expression indexes, in any order', async () => {
    const metadata = new MetaData();
    const tags = table(
      'tags',
      { id: integer().primaryKey(), name: text().collate('nocase').unique(), kind: text(), rank: integer() },
      {
        metadata,
        constrain: (c) => ({
          indexes: [
            index(c.rank.desc(), c.kind).where(c.rank.gt(5)),
            index(sql`${c.kind} collate nocase`, sql`${c.rank} % 10`)
              .unique()
              .named('by_kind'),
          ],
        }),
      },
    );
    const db = await given(metadata);

    expect(await textOf(db, 'ix_tags_rank_kind')).toEqual([
      'CREATE INDEX "ix_tags_rank_kind" on "tags" ("rank" desc, "kind") where "rank" > 5',
    ]);
    expect(await textOf(db, 'by_kind')).toEqual([
      'CREATE UNIQUE INDEX "by_kind" on "tags" (("kind" collate nocase), ("rank" % 10))',
    ]);
    await db.engine.run(insert(tags).values({ name: 'Red', kind: 'a', rank: 1 }));
    expect(await db.engine.all(select({ id: tags.c.id }).where(tags.c.name.eq('RED')))).toEqual([{ id: 1 }]);
    for (const values of [
      { name: 'RED', kind: 'b', rank: 2 },
      { name: 'blue', kind: 'A', rank: 11 },
    ]) {
      const { error } = await db.failure(() => db.engine.run(insert(tags).values(values)));
      expect(isCinnabarError(error, 'UniqueViolation')).toBe(true);
    }
  });

  test('generated columns: never written, always read back', async () => {
    const Model = declarativeBase();
    class Person extends Model('people', {
      id: integer().primaryKey(),
      first: text(),
      last: text().nullable(),
      full: text().generatedAs(({ first, last }) => sql`${first} || ' ' || coalesce(${last}, '')`),
      size: integer().generatedAs(({ first }) => sql`length(${first})`, { stored: true }),
      price: numeric(8, 2).default('1.00'),
      double: numeric(8, 2)
        .generatedAs(({ price }) => sql`${price} * 2`)
        .nullable(),
    }) {}
    const db = await given(Model.metadata);
    expect(await textOf(db, 'people')).toEqual([
      'CREATE TABLE "people" ("id" integer constraint "pk_people" primary key, "first" text not null, "last" text, ' +
        `"full" text not null generated always as ("first" || ' ' || coalesce("last", '')) virtual, "size" integer not null generated always as (length("first")) stored, ` +
        '"price" integer not null, "double" integer generated always as ("price" * 2) virtual)',
    ]);

    const session = db.session();
    const people = [new Person({ first: 'Ann', last: 'Lee' }), new Person({ first: 'Bob' })];
    session.addAll(people);
    await session.commit();
    expect(people.map(({ full, size, double }) => [full, size, double])).toEqual([
      ['Ann Lee', 3, '2.00'],
      ['Bob ', 3, '2.00'],
    ]);
    people[0]!.first = 'Anna';
    people[1]!.price = '2.50';
    const { trips } = await db.record(() => session.commit());
    expect(trips).toBe(1);
    expect(people.map(({ full, size, double }) => [full, size, double])).toEqual([
      ['Anna Lee', 4, '2.00'],
      ['Bob ', 3, '5.00'],
    ]);
    people[0]!.last = null;
    await session.commit();
    expect(people[0]!.full).toBe('Anna ');
    expect((await db.record(() => session.commit())).calls).toBe(0);
    expect(await db.session().query(Person).where(Person.c.full.eq('Anna ')).count()).toBe(1);

    const { error, calls } = await db.failure(() => {
      people[1]!.full = 'x';
      return session.commit();
    });
    expect(isCinnabarError(error, 'InvalidValueError') && error.message).toBe(
      'Person.full is computed by the database: it cannot be set',
    );
    expect(calls).toBe(0);
    for (const [write, message] of [
      [
        () => new Person({ first: 'x', full: 'y' } as never),
        "new Person(): 'full' is computed by the database; leave it out",
      ],
      [
        () => insert(Person).values({ first: 'x', full: 'y' } as never),
        'people.full: generatedAs() computes it; leave it out',
      ],
      [() => update(Person).set({ size: 1 }), 'people.size: generatedAs() computes it; leave it out'],
      [
        () => insert(Person).from(select({ first: Person.c.last, full: Person.c.full }) as never),
        'people.full: generatedAs() computes it; leave it out',
      ],
    ] as const) {
      expect(write).toThrow(message);
    }
  });

  test('generated columns of entities whose key moves, and of subclasses in one table', async () => {
    const Model = declarativeBase();
    class Pet extends Model('pets', {
      code: text().primaryKey(),
      kind: text(),
      name: text(),
      shout: text().generatedAs(({ name }) => sql`upper(${name})`),
    }) {}
    class Dog extends extend(
      Pet,
      { kind: 'dog' },
      {
        trick: text().nullable(),
        label: text()
          .nullable()
          .generatedAs(({ trick }) => sql`${trick} || '!'`),
      },
    ) {}
    class Cat extends extend(Pet, { kind: 'cat' }, { lives: integer().default(9) }) {}
    const db = await given(Model.metadata);
    const session = db.session();
    const dog = new Dog({ code: 'd', name: 'rex', trick: 'sit' });
    const cat = new Cat({ code: 'c', name: 'tom' });
    session.addAll([dog, cat]);
    await session.commit();
    expect([dog.shout, dog.label, cat.shout]).toEqual(['REX', 'sit!', 'TOM']);
    [dog.code, cat.code] = ['c', 'd'];
    [dog.name, cat.name, dog.trick] = ['max', 'kit', 'run'];
    await session.commit();
    expect([dog.shout, dog.label, cat.shout]).toEqual(['MAX', 'run!', 'KIT']);
    expect(await db.rows('select code, shout from pets order by code')).toEqual([
      ['c', 'MAX'],
      ['d', 'KIT'],
    ]);
  });

  test('STRICT and WITHOUT ROWID', async () => {
    const metadata = new MetaData();
    const pairs = table(
      'pairs',
      { left: integer().primaryKey({ generated: false }), right: text().primaryKey(), note: text().nullable() },
      { metadata, strict: true, withoutRowid: true },
    );
    const typed = table(
      'typed',
      { id: integer().primaryKey(), n: integer().comment('How many.') },
      { metadata, strict: true, comment: 'Exact.' },
    );
    const db = await given(metadata);

    expect(
      await db.rows("select name, wr, strict from pragma_table_list where name in ('pairs', 'typed') order by name"),
    ).toEqual([
      ['pairs', 1, 1],
      ['typed', 0, 1],
    ]);
    expect(await db.engine.all(insert(pairs).values({ left: 1, right: 'x' }).returning())).toEqual([
      { left: 1, right: 'x', note: null },
    ]);
    expect(await db.engine.all(insert(typed).values({ n: 1 }).returning())).toEqual([{ id: 1, n: 1 }]);
    const { error } = await db.failure(() => db.engine.run(insert(typed).values({ n: sql<number>`'text'` as never })));
    expect(isCinnabarError(error, 'InvalidValueError')).toBe(true);
    expect(ddl(metadata)).toEqual([
      expect.objectContaining({
        table: expect.objectContaining({ name: 'pairs', strict: true, withoutRowid: true }) as unknown,
      }),
      {
        kind: 'createTable',
        table: expect.objectContaining({
          name: 'typed',
          comment: 'Exact.',
          columns: [expect.anything(), expect.objectContaining({ name: 'n', comment: 'How many.' })],
        }) as unknown,
      },
    ]);
  });

  test('AUTOINCREMENT makes no key a second time, one by one or in a graph', async () => {
    const Model = declarativeBase();
    class Room extends Model('rooms', { id: integer().primaryKey({ autoincrement: true }), name: text() }) {}
    class Bed extends Model('beds', {
      id: bigint().primaryKey({ autoincrement: true }),
      roomId: integer().references('rooms.id', { onDelete: 'cascade' }),
      get room() {
        return one(Room, { by: 'roomId' });
      },
    }) {}
    const db = await given(Model.metadata);
    expect(await textOf(db, 'rooms')).toEqual([
      'CREATE TABLE "rooms" ("id" integer constraint "pk_rooms" primary key autoincrement, "name" text not null)',
    ]);
    const session = db.session();
    const add = async (count: number): Promise<unknown[]> => {
      const rooms = Array.from({ length: count }, (_, at) => new Room({ name: `r${at}` }));
      const beds = rooms.map((room) => new Bed({ room }));
      session.addAll(beds);
      const { trips } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      return beds.map(({ id, roomId }, at) => [id, roomId, rooms[at]!.id]);
    };
    expect(await add(3)).toEqual([
      [1n, 1, 1],
      [2n, 2, 2],
      [3n, 3, 3],
    ]);
    await db.engine.run(deleteFrom(Room).allRows());
    expect(await add(2)).toEqual([
      [4n, 4, 4],
      [5n, 5, 5],
    ]);
    await db.engine.run(deleteFrom(Room).where(Room.c.id.eq(5)));
    expect(await add(1)).toEqual([[6n, 6, 6]]);
    await db.engine.run(deleteFrom(Room).allRows());
    expect(await db.engine.all(insert(Room).values({ name: 'x' }).returning({ id: Room.c.id }))).toEqual([{ id: 7 }]);
  });

  test('default values of a type of the column', async () => {
    const metadata = new MetaData();
    const things = table(
      'things',
      {
        id: integer().primaryKey(),
        price: numeric(10, 2).defaultSql('1.50'),
        at: timestamp().defaultSql(new Date(0)),
        big: bigint().defaultSql(2n ** 60n),
        note: text().defaultSql("it's"),
      },
      { metadata },
    );
    const db = await given(metadata);
    expect(await db.engine.all(insert(things).values({}).returning())).toEqual([
      { id: 1, price: '1.50', at: new Date(0), big: 2n ** 60n, note: "it's" },
    ]);
    const bad = table('bad', { id: integer().primaryKey(), n: integer().defaultSql('x' as never) });
    await expect(createAll(db.engine, bad.metadata)).rejects.toThrow('bad.n: expected a safe integer, got a string');
  });

  test('views: after their tables, before them gone, read like tables', async () => {
    const metadata = new MetaData();
    const users = table(
      'users',
      { id: integer().primaryKey(), fullName: text(), balance: numeric(8, 2) },
      { metadata },
    );
    const rich = view('rich', select(users).where(users.c.balance.gt('1.00')), { metadata });
    const names = view(
      'rich_names',
      select({ theName: rich.c.fullName, twice: sql<number>`2 * ${rich.c.id}` }).from(rich),
      { metadata },
    );
    const db = await given(metadata);
    await createAll(db.engine, metadata);
    await db.engine.run(
      insert(users).values({ fullName: 'Ann', balance: '0.50' }, { fullName: "B'ob", balance: '2.50' }),
    );

    expect(await textOf(db, 'rich')).toEqual([
      'CREATE VIEW "rich" ("id", "full_name", "balance") as select "users"."id", "users"."full_name" as "fullName", "users"."balance" from "users" where "users"."balance" > \'100\'',
    ]);
    expect(await db.engine.all(select(rich))).toEqual([{ id: 2, fullName: "B'ob", balance: '2.50' }]);
    expect(
      await db.engine.all(
        select({ n: names.c.theName, t: names.c.twice, u: users })
          .from(names)
          .leftJoin(users, users.c.fullName.eq(names.c.theName)),
      ),
    ).toEqual([{ n: "B'ob", t: 4, u: { id: 2, fullName: "B'ob", balance: '2.50' } }]);
    expect(await db.session().all(select(names).orderBy(names.c.twice.desc()))).toEqual([
      { theName: "B'ob", twice: 4 },
    ]);
    expect(ddl(metadata).map(({ kind }) => kind)).toEqual(['createTable', 'createView', 'createView']);
    await dropAll(db.engine, metadata);
    expect(
      await db.values(
        "select name from sqlite_master where type in ('table', 'view') and name in ('users', 'rich', 'rich_names')",
      ),
    ).toEqual([]);
    expect(() => view('rich', select(users), { metadata })).toThrow("two tables or views are named 'rich'");
  });

  test('tables that all refer to each other go, with their rows, in one unit', async () => {
    const metadata = new MetaData();
    const others = ['a', 'b', 'c', 'd'];
    const tables = others.map((name) =>
      table(
        name,
        {
          id: integer().primaryKey(),
          code: text().nullable(),
          ...Object.fromEntries(
            others.map((to, at) => [
              to,
              integer()
                .nullable()
                .references(`${to}.id`, { onDelete: at % 2 === 0 ? 'cascade' : 'set null' }),
            ]),
          ),
          last: text().nullable().references('d.code', { onDelete: 'cascade' }),
        },
        { metadata, constrain: (c) => ({ indexes: [index(c.code).unique()] }) },
      ),
    );
    const db = await given(metadata);
    for (const item of tables) await db.engine.run(insert(item).values({ id: 1, code: 'x' }));
    for (const item of tables) await db.run(`update ${item.tableName} set a = 1, b = 1, c = 1, d = 1, last = 'x'`);
    const { trips } = await db.record(() => dropAll(createEngine(db.driver), metadata));
    expect(trips).toBe(1);
    expect(await names(db)).toEqual([]);
    await dropAll(db.engine, metadata);
    expect(await names(db)).toEqual([]);
  });

  test('ifNotExists: false and ifExists: false say what is there', async () => {
    const metadata = new MetaData();
    table('things', { id: integer().primaryKey() }, { metadata });
    const db = await given(metadata);

    await expect(createAll(db.engine, metadata, { ifNotExists: false })).rejects.toThrow(
      'table "…" already exists'.replace('"…"', "'…'"),
    );
    await dropAll(db.engine, metadata, { ifExists: false });
    await expect(dropAll(db.engine, metadata, { ifExists: false })).rejects.toThrow('no such table');
  });

  test('the statements of createAll, for a file', async () => {
    const metadata = new MetaData();
    const things = table(
      'things',
      { id: integer().primaryKey(), n: integer() },
      { metadata, constrain: (c) => ({ indexes: [index(c.n)] }) },
    );
    const texts = createAllSql(metadata, sqliteDialect);
    expect(texts).toEqual([
      'create table "things" ("id" integer constraint "pk_things" primary key, "n" integer not null)',
      'create index "ix_things_n" on "things" ("n")',
    ]);
    expect(createAllSql(metadata, sqliteDialect, { ifNotExists: true })[1]).toBe(
      'create index if not exists "ix_things_n" on "things" ("n")',
    );
    const db = await given(new MetaData());
    await db.run(...texts);
    expect(await db.engine.all(insert(things).values({ n: 1 }).returning())).toEqual([{ id: 1, n: 1 }]);
    expect(await names(db)).toEqual(['ix_things_n', 'things']);
  });

  test('changes of a schema as data', async () => {
    const metadata = new MetaData();
    table('orgs', { id: integer().primaryKey() }, { metadata });
    table(
      'things',
      { id: integer().primaryKey(), n: integer() },
      { metadata, constrain: (c) => ({ indexes: [index(c.n)] }) },
    );
    const db = await given(metadata);
    const things = { schema: undefined, name: 'things' };
    const [, created] = ddl(metadata);
    const column = created?.kind === 'createTable' && created.table.columns[1]!;
    const texts = renderDdl(
      [
        { kind: 'dropIndex', index: { schema: undefined, name: 'ix_things_n' } },
        { kind: 'renameColumn', table: things, column: 'n', to: 'm' },
        {
          kind: 'addColumn',
          table: things,
          column: {
            ...(column as Exclude<typeof column, false>),
            name: 'org "id"',
            nullable: true,
            collation: 'nocase',
          },
          foreignKeys: [
            {
              name: 'fk',
              columns: ['org "id"'],
              target: { schema: undefined, name: 'orgs' },
              references: ['id'],
              onDelete: 'cascade',
            },
          ],
          checks: [{ name: 'ck', condition: sql`"org ""id""" > 0` }],
        },
        {
          kind: 'addColumn',
          table: things,
          column: { name: 'x', type: (column as Exclude<typeof column, false>).type, nullable: true },
        },
        { kind: 'dropColumn', table: things, column: 'x' },
        { kind: 'renameTable', table: things, to: 'items' },
      ],
      sqliteDialect,
    );
    expect(texts).toEqual([
      'drop index "ix_things_n"',
      'alter table "things" rename column "n" to "m"',
      'alter table "things" add column "org ""id""" integer collate "nocase" constraint "fk" references "orgs" ("id") on delete cascade constraint "ck" check ("org ""id""" > 0)',
      'alter table "things" add column "x" integer',
      'alter table "things" drop column "x"',
      'alter table "things" rename to "items"',
    ]);
    await db.run(...texts);
    expect(await db.values('select name from pragma_table_info(?1)', 'items')).toEqual(['id', 'm', 'org "id"']);
    expect(await names(db)).toEqual(['items', 'orgs']);
  });

  test('a naming strategy of the program', async () => {
    const Model = declarativeBase({
      naming: {
        primaryKey: (name) => `${name}_pkey`,
        unique: (name, columns) => `${name}_${columns.join('_')}_key`,
        foreignKey: (name, columns) => `${name}_${columns.join('_')}_fkey`,
        check: (name, rule) => `${name}_${rule}_check`,
        index: (name, parts) => `${name}_${parts.join('_')}_idx`,
        column: (attribute) => attribute.toUpperCase(),
      },
    });
    class Node extends Model('nodes', {
      id: integer().primaryKey(),
      name: text()
        .unique()
        .check(({ name }) => sql`length(${name}) > 1`, 'long'),
      upId: integer().nullable().references('nodes.id'),
    }).constrain((c) => ({ indexes: [index(c.upId)] })) {}
    const db = await given(Model.metadata);
    expect(Node.tableName).toBe('nodes');
    expect(await textOf(db, 'nodes')).toEqual([
      'CREATE TABLE "nodes" ("ID" integer constraint "nodes_pkey" primary key, "NAME" text not null, "UPID" integer, ' +
        'constraint "nodes_NAME_key" unique ("NAME"), constraint "nodes_UPID_fkey" foreign key ("UPID") references "nodes" ("ID"), ' +
        'constraint "nodes_long_check" check (length("NAME") > 1))',
    ]);
    expect(await names(db)).toEqual(['nodes', 'nodes_UPID_idx']);
  });

  test('a table of more columns than the database takes', async () => {
    const db = await given(new MetaData());
    const columns = Object.fromEntries(Array.from({ length: 2001 }, (_, at) => [`c${at}`, integer().nullable()]));
    const wide = table('wide', columns);
    const { error, calls } = await db.failure(() => createAll(createEngine(db.driver), wide.metadata));
    expect(isCinnabarError(error, 'LimitExceeded') && error.message).toMatch(
      /^'wide' has 2001 columns; the database takes \d+$/,
    );
    expect(calls).toBe(0);
  });
}
