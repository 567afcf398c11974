import { Pool } from 'pg';
import postgresClient from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  array,
  arrayHas,
  cast,
  createAll,
  createAllSql,
  createEngine,
  custom,
  declarativeBase,
  dropAll,
  type Driver,
  type Engine,
  enumType,
  insert,
  integer,
  json,
  jsonGet,
  jsonGroupArray,
  literal,
  max,
  MetaData,
  select,
  Session,
  sql,
  table,
  text,
  update,
} from 'cinnabar';
import {
  assertConsent,
  compare,
  data,
  destructive,
  diff,
  downgrade,
  execute,
  migrate,
  migrationStatus,
  pull,
  reflect,
  render,
  reverse,
  revision,
  revisionSql,
  snapshotOf,
  type Comparison,
  type Operation,
  type RevisionStep,
} from 'cinnabar/migrate';
import { pg } from 'cinnabar/pg';
import { postgres } from 'cinnabar/postgres';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { load, pulled } from '../migrate/pull-cases.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
beforeEach(() =>
  psql(
    url(),
    'drop schema public cascade',
    'create schema public',
    'drop schema if exists "my space" cascade',
    'create schema "my space"',
  ),
);

const ways: Record<string, (url: string) => readonly [Driver, () => Promise<unknown>]> = {
  pg: (to) => {
    const pool = new Pool({ connectionString: to, pipeline: true });
    return [pg(pool), () => pool.end()];
  },
  postgres: (to) => {
    const client = postgresClient(to);
    return [postgres(client), () => client.end({ timeout: 1 })];
  },
};

const mood = enumType('mood', ['sad', 'ok', 'happy']);
const size = enumType('Size', ["it's $$ big", 'small'], { schema: 'my space' });
const Model = declarativeBase();
const LOUD = {
  read: (label: string): string => label.toUpperCase(),
  write: (label: string) => label.toLowerCase() as 'sad',
};
class Person extends Model('people', {
  id: integer().primaryKey(),
  mood: mood().defaultSql('ok'),
  past: array(mood()).default(() => []),
  size: size().nullable(),
}) {}
class Pet extends Model('pets', {
  mood: mood().primaryKey(),
  loud: custom(mood(), LOUD),
}) {}

describe.each(Object.entries(ways))('%s', (_, open) => {
  let engine: Engine;
  let close: () => Promise<unknown>;
  beforeEach(async () => {
    const [driver, end] = open(url());
    engine = createEngine(driver);
    close = end;
    await createAll(engine, Model.metadata);
    return () => close();
  });

  test('a session writes and reads labels, arrays of them and keys, each commit in one round trip', async () => {
    const session = new Session(engine);
    const ann = new Person({ mood: 'happy', past: ['sad', 'ok'], size: 'small' });
    const plain = new Person({});
    session.addAll([ann, plain, new Pet({ mood: 'sad', loud: 'OK' })]);
    const before = session.roundTrips;
    await session.commit();
    expect(session.roundTrips - before).toBe(1);
    expect(plain.mood).toBe('ok');

    ann.mood = 'sad';
    ann.past = ['happy'];
    await session.commit();
    const next = new Session(engine);
    const found = await next
      .query(Person)
      .where(Person.c.mood.in(['sad', 'ok']))
      .orderBy(Person.c.id)
      .all();
    expect(found.map(({ mood: of, past, size: has }) => [of, past, has])).toEqual([
      ['sad', ['happy'], 'small'],
      ['ok', [], null],
    ]);
    expect((await next.get(Pet, 'sad'))?.loud).toBe('OK');
  });

  test('statements compare labels in the order of the type', async () => {
    await engine.run(insert(Person).values(...mood.labels.map((label) => ({ mood: label, past: [label] }))));
    const of = select({ mood: Person.c.mood }).from(Person);
    expect(await engine.all(of.orderBy(Person.c.mood))).toEqual([{ mood: 'sad' }, { mood: 'ok' }, { mood: 'happy' }]);
    expect(await engine.all(of.where(Person.c.mood.gt('sad')).orderBy(Person.c.mood))).toEqual([
      { mood: 'ok' },
      { mood: 'happy' },
    ]);
    expect(await engine.all(of.where(arrayHas(Person.c.past, 'ok')).orderBy(Person.c.mood))).toEqual([{ mood: 'ok' }]);
    expect(await engine.all(of.where(cast(Person.c.mood, text()).like('%a%')).orderBy(Person.c.mood))).toEqual([
      { mood: 'sad' },
      { mood: 'happy' },
    ]);
    const label = jsonGet(literal({ mood: 'ok' }, json()), ['mood'], mood());
    expect(await engine.all(select({ label }).from(Person).where(label.eq('ok')).limit(1))).toEqual([{ label: 'ok' }]);
    const own = jsonGet(literal({ mood: 'ok' }, json()), ['mood'], custom(mood(), LOUD));
    expect(await engine.all(select({ own }).from(Person).where(own.eq('OK')).limit(1))).toEqual([{ own: 'OK' }]);
    const all = jsonGroupArray(Person.c.mood, { orderBy: [Person.c.mood.desc()] });
    expect(await engine.all(select({ all }).from(Person))).toEqual([{ all: ['happy', 'ok', 'sad'] }]);
    expect(await engine.all(select({ best: max(Person.c.mood) }).from(Person))).toEqual([{ best: 'happy' }]);
    await engine.run(update(Person).set({ mood: 'happy', size: "it's $$ big" }).where(Person.c.mood.eq('sad')));
    expect(await engine.all(select({ size: Person.c.size }).from(Person).where(Person.c.size.isNotNull()))).toEqual([
      { size: "it's $$ big" },
    ]);
  });
});

describe('the schema', () => {
  let pool: Pool;
  let engine: Engine;
  beforeAll(() => {
    pool = new Pool({ connectionString: url(), pipeline: true });
    engine = createEngine(pg(pool));
  });
  afterAll(() => pool.end());
  const types = (): Promise<unknown> =>
    psql(
      url(),
      `select t.typname, string_agg(e.enumlabel, ',' order by e.enumsortorder) from pg_type t join pg_enum e on e.enumtypid = t.oid group by t.oid, t.typname order by 1`,
    );

  test('createAll makes each type once, also when it is there or made at the same time; dropAll drops it', async () => {
    const [create = ''] = createAllSql(Model.metadata, postgresDialect, { ifNotExists: true });
    await Promise.all(Array.from({ length: 4 }, () => psql(url(), create)));
    await createAll(engine, Model.metadata);
    await createAll(engine, Model.metadata);
    expect(await types()).toEqual([
      ['Size', "it's $$ big,small"],
      ['mood', 'sad,ok,happy'],
    ]);
    await expect(createAll(engine, Model.metadata, { ifNotExists: false })).rejects.toThrow('42710');
    await dropAll(engine, Model.metadata);
    expect(await types()).toEqual([]);
    await dropAll(engine, Model.metadata);
  });

  test('dropAll keeps all where another table uses a type', async () => {
    await createAll(engine, Model.metadata);
    await psql(url(), 'create table others (mood mood)');
    await expect(dropAll(engine, Model.metadata)).rejects.toThrow('2BP01');
    expect(await psql(url(), `select to_regclass('people')::text`)).toEqual([['people']]);
  });

  test('the database itself refuses another label', async () => {
    await createAll(engine, Model.metadata);
    await expect(psql(url(), `insert into people (mood, past) values ('odd', '{}')`)).rejects.toThrow(
      'invalid input value for enum mood',
    );
  });

  test('a label that only the database knows is refused when it is read', async () => {
    await createAll(engine, Model.metadata);
    await psql(url(), `alter type mood add value 'odd'`, `insert into people (mood, past) values ('odd', '{}')`);
    await expect(engine.all(select({ mood: Person.c.mood }).from(Person))).rejects.toMatchObject({
      code: 'InvalidValueError',
    });
  });

  test('is text as createAllSql gives it', () => {
    const metadata = new MetaData();
    table('people', { id: integer().primaryKey(), mood: mood().defaultSql('ok'), past: array(mood()) }, { metadata });
    expect(createAllSql(metadata, postgresDialect)).toEqual([
      `create type "mood" as enum ('sad', 'ok', 'happy')`,
      `create table "people" ("id" bigint generated by default as identity constraint "pk_people" primary key, "mood" "mood" not null default ('ok'::"mood"), "past" "mood"[] not null)`,
    ]);
  });

  test('mistakes are named before anything is sent', () => {
    const problem = (name: string, labels: readonly string[] = ['a'], other: readonly string[] = labels): unknown => {
      const metadata = new MetaData();
      table('people', { id: enumType(name, labels)().primaryKey(), of: array(enumType(name, other)()) }, { metadata });
      try {
        return createAllSql(metadata, postgresDialect);
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(problem('mood', ['a'], ['a', 'b'])).toBe(
      `people.of: another enumType() is named 'mood' and has other labels`,
    );
    expect(problem('text')).toBe(`the enumType() 'text' has the name of a type of the database: give it another`);
    expect(problem('people')).toMatch('has the name of a table or a view');
    expect(problem('pg_mood')).toMatch('as only the database may');
    expect(problem('mood', ['é'.repeat(32)])).toMatch('longer than 63 bytes');
  });

  const people = (labels: readonly string[], initial?: string): MetaData => {
    const metadata = new MetaData();
    const feeling = enumType('mood', labels);
    table(
      'people',
      {
        id: integer().primaryKey(),
        mood: initial === undefined ? feeling() : feeling().defaultSql(initial),
        past: array(feeling()),
      },
      { metadata },
    );
    return metadata;
  };
  const run = async (operations: readonly Operation[], { current }: Comparison): Promise<void> => {
    const statements = render(operations, postgresDialect, current).flatMap((step) => step.statements);
    await psql(url(), 'begin', ...statements, 'commit');
  };
  /** Carries the difference out; gives the kinds of its operations, and a way back. */
  const migrated = async (to: MetaData): Promise<readonly Operation[]> => {
    const difference = await compare(engine, snapshotOf(to, postgresDialect));
    await run(difference.operations, difference);
    expect((await compare(engine, to)).operations).toEqual([]);
    return difference.operations;
  };
  const kinds = (operations: readonly Operation[]): string[] => operations.map(({ kind }) => kind);

  test('what was created differs from its models in nothing, also where the default schema is named', async () => {
    await createAll(engine, Model.metadata);
    expect((await compare(engine, Model.metadata)).operations).toEqual([]);
    await dropAll(engine, Model.metadata);
    const metadata = new MetaData({ schema: 'public' });
    const named = enumType('order', ['a', 'b'], { schema: 'public' });
    table('orders', { id: integer().primaryKey(), state: named().defaultSql('a'), all: array(named()) }, { metadata });
    await createAll(engine, metadata);
    expect((await compare(engine, metadata)).operations).toEqual([]);
  });

  test('migrations create a type, add labels where they belong, and drop it', async () => {
    expect(kinds(await migrated(people(['sad', 'ok'], 'ok')))).toEqual(['createEnum', 'createTable']);
    await psql(url(), `insert into people (past) values ('{sad}')`);
    const grown = await migrated(people(['low', 'sad', 'ok', 'happy'], 'ok'));
    expect(kinds(grown)).toEqual(['addEnumLabel', 'addEnumLabel']);
    expect(await types()).toEqual([['mood', 'low,sad,ok,happy']]);

    const { current } = await compare(engine, people(['sad']));
    await run(reverse(grown), { current } as Comparison);
    expect((await compare(engine, people(['sad', 'ok'], 'ok'))).operations).toEqual([]);
    expect(await psql(url(), 'select mood, past from people')).toEqual([['ok', '{sad}']]);
    expect(kinds(await migrated(new MetaData()))).toEqual(['dropTable', 'dropEnum']);
  });

  test('a label goes, or moves, with consent, and a row that has it stops the migration', async () => {
    await migrated(people(['sad', 'ok', 'happy'], 'ok'));
    await psql(url(), `insert into people (mood, past) values ('happy', '{ok}')`);
    const fewer = await compare(engine, people(['ok', 'sad'], 'ok'));
    expect(kinds(fewer.operations)).toEqual(['alterEnum']);
    expect(() => assertConsent(fewer.operations, [])).toThrow('mood');
    assertConsent(fewer.operations, ['mood']);
    await expect(run(fewer.operations, fewer)).rejects.toThrow('invalid input value for enum mood: "happy"');
    await psql(url(), `update people set mood = 'ok'`);
    await migrated(people(['ok', 'sad'], 'ok'));
    expect(await psql(url(), `insert into people (past) values ('{sad,ok}') returning mood, past`)).toEqual([
      ['ok', '{sad,ok}'],
    ]);
  });

  const ignore = ({ name }: { readonly name: string }): boolean => name.startsWith('cinnabar_');
  /** Carries the difference out as a revision, takes it back, and carries it out again; gives its operations. */
  const asRevision = async (to: MetaData, more: readonly RevisionStep[] = []): Promise<readonly Operation[]> => {
    const { operations, current } = await compare(engine, to);
    const consent = destructive(operations);
    const down = [...(more.length > 0 ? [execute('delete from people')] : []), ...reverse(operations)];
    const one = revision({ id: 'labels', up: [...operations, ...more], down, consent });
    await migrate(engine, [one]);
    expect((await compare(engine, to, { ignore })).operations).toEqual([]);
    await downgrade(engine, [one], 'base', { consent: destructive(down) });
    expect((await compare(engine, current, { ignore })).operations).toEqual([]);
    await migrate(engine, [one]);
    return operations;
  };

  test('a label is added and is a default in one revision, which knows how far it came', async () => {
    await migrated(people(['sad', 'ok'], 'ok'));
    const operations = await asRevision(people(['low', 'sad', 'ok', "it's"], "it's"), [
      execute(`insert into people (past) values ('{low}')`),
      data('more', (db) => db.execute(`insert into people (mood, past) values ('low', '{}')`)),
    ]);
    expect(kinds(operations)).toEqual(['addEnumLabel', 'addEnumLabel', 'alterColumn']);
    expect(await psql(url(), 'select mood, past from people order by id')).toEqual([
      ["it's", '{low}'],
      ['low', '{}'],
    ]);
    expect(await psql(url(), 'select step, steps from cinnabar_revisions')).toEqual([[2, 2]]);
  });

  test('a table that gets its first column of a new type changes in that alone', async () => {
    await psql(
      url(),
      `create table notes (id bigint generated by default as identity primary key, kind text not null check (kind in ('a', 'b')))`,
    );
    const metadata = new MetaData();
    const columns = {
      id: integer().primaryKey(),
      kind: text().check(({ kind }) => sql`${kind} in ('a', 'b')`, 'known'),
      mood: mood().nullable(),
    };
    table('notes', columns, { metadata });
    expect(kinds((await compare(engine, metadata)).operations)).toEqual(['createEnum', 'addColumn']);
  });

  test('a label is added and only there: one unit', async () => {
    await migrated(people(['sad', 'ok'], 'ok'));
    const to = people(['sad', 'ok', 'happy'], 'ok');
    table('more', { id: integer().primaryKey() }, { metadata: to });
    expect(kinds(await asRevision(to))).toEqual(['addEnumLabel', 'createTable']);
    expect(await psql(url(), 'select step, steps from cinnabar_revisions')).toEqual([[1, 1]]);
  });

  test('labels come, go and move, and a new one is the default, of new tables too', async () => {
    await migrated(people(['sad', 'ok', 'happy'], 'sad'));
    await psql(url(), `insert into people (mood, past) values ('ok', '{happy}')`);
    const to = people(['happy', 'new', 'ok'], 'new');
    table(
      'moods',
      { mood: enumType('mood', ['happy', 'new', 'ok'])().primaryKey().defaultSql('new') },
      { metadata: to },
    );
    expect(kinds(await asRevision(to))).toEqual(['addEnumLabel', 'alterColumn', 'createTable', 'alterEnum']);
    expect(await types()).toEqual([['mood', 'happy,new,ok']]);
    expect(await psql(url(), 'select mood, past from people')).toEqual([['ok', '{happy}']]);
  });

  test('what compares columns of a type goes while it changes, and is there afterwards', async () => {
    await psql(
      url(),
      `create type mood as enum ('sad', 'ok', 'happy')`,
      `create table moods (mood mood primary key, is_ok boolean generated always as (mood = 'ok') stored check (is_ok is not null))`,
      `create table pets (id int primary key, mood mood not null default 'sad' references moods (mood), others mood[] check (not 'sad' = any (others)))`,
      `create index glad on pets (id) where mood > 'sad'`,
      `create unique index by_mood on pets ((case mood when 'ok' then id end))`,
      `create index by_ok on moods (is_ok)`,
      `create view gladly as select id, mood from pets where mood = 'ok'`,
      `create view gladdest as select * from gladly`,
      `insert into moods values ('sad'), ('ok')`,
      `insert into pets values (1, 'ok', '{ok}'), (2, 'sad', null)`,
    );
    const { current } = await compare(engine, { dialect: 'postgres', schemas: [], tables: [], enums: [], views: [] });
    const to = ['ok', 'sad'];
    const operation: Operation = { kind: 'alterEnum', enum: { name: 'mood' }, from: ['sad', 'ok', 'happy'], to };
    await run([operation], await compare(engine, current));
    const wanted = { ...current, enums: [{ name: 'mood', labels: to }] };
    expect((await compare(engine, wanted)).operations).toEqual([]);
    expect(
      await psql(url(), 'select p.id, p.mood, others, is_ok from pets p join moods using (mood) order by p.mood'),
    ).toEqual([
      [1, 'ok', '{ok}', true],
      [2, 'sad', null, false],
    ]);
    expect(await psql(url(), 'select * from gladdest')).toEqual([[1, 'ok']]);
  });

  test('a column of text becomes one of the type with a new label', async () => {
    const before = people(['sad'], 'sad');
    table('notes', { id: integer().primaryKey(), mood: text() }, { metadata: before });
    await migrated(before);
    await psql(url(), `insert into notes (mood) values ('happy')`);
    const to = people(['sad', 'happy'], 'sad');
    table('notes', { id: integer().primaryKey(), mood: enumType('mood', ['sad', 'happy'])() }, { metadata: to });
    expect(kinds(await asRevision(to))).toEqual(['addEnumLabel', 'alterColumn']);
    expect(await psql(url(), 'select mood from notes')).toEqual([['happy']]);
  });

  test('SQL for a label that is used stores it first', async () => {
    const steps = [people(['sad'], 'sad'), people(['sad', 'ok'], 'ok')].map((of) => snapshotOf(of, postgresDialect));
    const empty = { ...steps[0]!, tables: [], enums: [] };
    const [first, second] = [[empty, steps[0]!] as const, [steps[0]!, steps[1]!] as const].map(([from, to], at) =>
      revision({ id: `r${at}`, parents: at === 0 ? [] : ['r0'], up: diff(from, to).operations }),
    );
    const files = await revisionSql([first!, second!], postgresDialect);
    await psql(url(), ...files.flatMap(({ statements }) => statements));
    expect((await compare(engine, people(['sad', 'ok'], 'ok'), { ignore })).operations).toEqual([]);
    expect((await migrationStatus(engine, [first!, second!])).pending).toEqual([]);
  });

  test('a column of text becomes one of the type, and goes back', async () => {
    const texts = new MetaData();
    table(
      'people',
      { id: integer().primaryKey(), mood: text().defaultSql('ok'), past: array(text()) },
      { metadata: texts },
    );
    await migrated(texts);
    await psql(url(), `insert into people (past) values ('{sad}')`);
    expect(kinds(await migrated(people(['sad', 'ok'], 'ok')))).toEqual(['createEnum', 'alterColumn', 'alterColumn']);
    expect(kinds(await migrated(texts))).toEqual(['alterColumn', 'alterColumn', 'dropEnum']);
    expect(await psql(url(), 'select mood, past from people')).toEqual([['ok', ['sad']]]);
  });

  test('models are pulled with the types that they use', async () => {
    await psql(
      url(),
      `create type mood as enum ('sad', 'it''s')`,
      `create type "my space"."Size of" as enum ('s')`,
      `create type "order" as enum ('a')`,
      `create type unused as enum ('a')`,
      `create table moods (id bigserial primary key, mood mood default 'sad', past mood[], "order" "order")`,
      `create table "my space".boxes (id bigserial primary key, size "my space"."Size of" not null default 's')`,
    );
    const { code, models } = await pulled(engine);
    expect(code.split('\n').filter((line) => line.includes('= enumType('))).toEqual([
      `export const mood = enumType('mood', ['sad', 'it\\'s']);`,
      `export const order = enumType('order', ['a']);`,
    ]);
    expect(code).toContain('past: array(mood()).nullable()');
    const { Mood } = models;
    const session = new Session(engine);
    session.add(new Mood({ past: ["it's"], order: 'a' }));
    await session.commit();
    expect(await new Session(engine).query(Mood).one()).toMatchObject({
      mood: 'sad',
      past: ["it's"],
      order: 'a',
    });

    const all = pull(await reflect(engine, { schemas: 'all' }));
    expect(all).toContain(`export const sizeOf = enumType('Size of', ['s'], { schema: 'my space' });`);
    const { Model: pulledModel } = await load(all);
    expect((await compare(engine, pulledModel.metadata)).operations).toEqual([]);
  });
});
