import {
  array,
  createAllSql,
  createEngine,
  custom,
  ddl,
  declarativeBase,
  dropAll,
  enumType,
  integer,
  MetaData,
  renderDdl,
  Session,
  table,
} from 'cinnabar';
import { compare, snapshotOf } from 'cinnabar/migrate';
import { expect, test } from 'vitest';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { freshDatabase } from '../support/database.ts';
import { libsqlFiles } from '../support/libsql.ts';

const mood = enumType('mood', ['sad', "it's ok"], { schema: 'elsewhere' });
const Model = declarativeBase();
class Person extends Model('people', {
  id: integer().primaryKey(),
  mood: mood(),
  loud: custom(mood(), { read: (label) => `${label}!`, write: (label) => label.slice(0, -1) as 'sad' }).nullable(),
  past: array(mood()),
}) {}

test('where the database has no types of labels, they are text with a check', async () => {
  expect(createAllSql(Model.metadata, sqliteDialect)).toEqual([
    'create table "people" ("id" integer constraint "pk_people" primary key, "mood" text not null, "loud" text, "past" text not null, ' +
      `constraint "ck_people_mood_label" check ("mood" in ('sad', 'it''s ok')), ` +
      `constraint "ck_people_loud_label" check ("loud" in ('sad', 'it''s ok')))`,
  ]);
  const db = await freshDatabase(libsqlFiles()(), Model.metadata);
  const engine = createEngine(db.driver);
  const session = new Session(engine);
  session.addAll([new Person({ mood: "it's ok", loud: 'sad!', past: ['sad'] }), new Person({ mood: 'sad', past: [] })]);
  await session.commit();
  const [first, second] = await new Session(engine).query(Person).orderBy(Person.c.id).all();
  expect([first?.mood, first?.loud, first?.past, second?.loud]).toEqual(["it's ok", 'sad!', ['sad'], null]);
  await expect(db.run(`insert into people (mood, past) values ('odd', '[]')`)).rejects.toThrow('ck_people_mood_label');

  expect((await compare(engine, Model.metadata)).operations).toEqual([]);
  const metadata = new MetaData();
  const grown = enumType('mood', ['sad', "it's ok", 'happy']);
  table(
    'people',
    { id: integer().primaryKey(), mood: grown(), loud: mood().nullable(), past: array(mood()) },
    { metadata },
  );
  expect(() => snapshotOf(metadata, sqliteDialect)).not.toThrow();
  expect((await compare(engine, metadata)).operations.map(({ kind }) => kind)).toEqual([
    'dropConstraint',
    'addConstraint',
  ]);
  await dropAll(engine, Model.metadata);
});

test('as data, a type comes before the tables that use it, and once', () => {
  const changes = ddl(Model.metadata);
  expect(changes.map(({ kind }) => kind)).toEqual(['createEnum', 'createTable']);
  expect(changes[0]).toEqual({
    kind: 'createEnum',
    enum: { schema: 'elsewhere', name: 'mood', labels: ['sad', "it's ok"] },
  });
  const drop = { kind: 'dropEnum', enum: { schema: 'elsewhere', name: 'mood' } } as const;
  expect(renderDdl([changes[0]!, drop], postgresDialect)).toEqual([
    `create type "elsewhere"."mood" as enum ('sad', 'it''s ok')`,
    'drop type "elsewhere"."mood"',
  ]);
  expect(renderDdl([changes[0]!, drop], sqliteDialect)).toEqual([]);
});

test.each<[string, () => unknown, string]>([
  ['no name', () => enumType('', ['a']), 'needs a name'],
  ['no labels', () => enumType('mood', []), 'at least one label'],
  ['labels in no array', () => enumType('mood', 'a' as never), 'at least one label, in an array'],
  ['a label twice', () => enumType('mood', ['a', 'b', 'a']), `the label 'a' is there twice`],
  ['a label that is no text', () => enumType('mood', [1] as never), 'well-formed text'],
  ['a label with NUL', () => enumType('mood', ['a\0']), 'well-formed text'],
])('%s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('a label that the list has not is refused before any I/O', () => {
  expect(() => new Person({ mood: 'odd' as 'sad', past: [] })).toThrow(/mood.*one of sad, it's ok/);
});
