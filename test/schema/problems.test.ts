import {
  createAll,
  createAllSql,
  createEngine,
  ddl,
  declarativeBase,
  index,
  integer,
  isCinnabarError,
  MetaData,
  select,
  sql,
  table,
  text,
  view,
} from 'cinnabar';
import { recordingDriver } from 'cinnabar/testing';
import { expect, test } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { libsqlMemory } from '../support/libsql.ts';

// What a database would refuse, or take and mean something else: all of it in one error, before any I/O.

const open = libsqlMemory();

/** The mistakes that `createAll` lists, and that nothing was sent. */
async function mistakes(metadata: MetaData): Promise<string[]> {
  const driver = recordingDriver(open());
  const error: unknown = await createAll(createEngine(driver), metadata).catch((caught: unknown) => caught);
  expect(driver.calls).toEqual([]);
  if (!isCinnabarError(error, 'ConfigurationError')) throw error;
  return error.message.split('\n- ');
}

const key = integer().primaryKey();

test('every mistake of a schema is in one error', async () => {
  const metadata = new MetaData();
  table('Users', { id: key, a: integer(), b: integer().named('A') }, { metadata });
  table('users', { id: key }, { metadata });
  table('sqlite_things', { id: key }, { metadata });
  table('empty', {}, { metadata });
  table('computed', { a: integer().generatedAs(sql`1`) }, { metadata });
  table(
    'half',
    {
      a: integer()
        .generatedAs(sql`1`)
        .defaultSql(5)
        .primaryKey({ generated: false }),
      b: text(),
    },
    { metadata },
  );
  table('rowless', { id: key }, { metadata, withoutRowid: true });
  table('keyless', { a: text() }, { metadata, withoutRowid: true });
  table('names', { id: key, a: text().named('a\0b'), b: text().named('\uD800'), c: text().named('') }, { metadata });
  const checked = table(
    'checked',
    {
      id: key,
      a: integer()
        .check(sql`a > 0`)
        .check(sql`a > 1`),
    },
    { metadata },
  );
  view('checked', select(checked), { metadata: new MetaData() });
  view('empty', select({ one: checked.c.id }), { metadata });

  expect(await mistakes(metadata)).toEqual([
    '15 mistakes in the schema:',
    "a table and a table are both named 'users': give one another name",
    "a table and a view are both named 'empty': give one another name",
    "a key of 'Users' and a key of 'users' are both named 'pk_users': give one another name",
    "a column of 'Users' and a column of 'Users' are both named 'A'",
    "'empty' has no column that is written",
    "'computed' has no column that is written",
    'half.a is generatedAs() and cannot be a primary key',
    'half.a is generatedAs() and cannot have a default',
    "'rowless' is withoutRowid: its key is not generated; primaryKey({ generated: false })",
    "'keyless' is withoutRowid and needs a primary key",
    "a constraint of 'checked' and a constraint of 'checked' are both named 'ck_checked_a'",
    "a table is named 'sqlite_things', as only the database may",
    "the name of a column of 'names' holds NUL or is no well-formed text",
    "the name of a column of 'names' holds NUL or is no well-formed text",
    "a column of 'names' has an empty name",
  ]);
});

test('foreign keys that lead nowhere, or that their action would break', async () => {
  const metadata = new MetaData();
  table(
    'orgs',
    { id: key, code: text().unique(), title: text(), part: text() },
    {
      metadata,
      constrain: (c) => ({ indexes: [index(c.part).unique().where(c.title.ne('x')), index(c.title, c.part).unique()] }),
    },
  );
  table('lost', { id: key, a: integer().references('nowhere.id'), b: integer().references('orgs.nope') }, { metadata });
  expect(await mistakes(metadata)).toEqual([
    '2 mistakes in the schema:',
    "lost.a refers to the table 'nowhere', which no model has; known: 'orgs', 'lost'",
    "table 'orgs' has no attribute 'nope'; it has id, code, title, part",
  ]);

  const other = new MetaData();
  table(
    'orgs',
    { id: key, code: text().unique(), title: text(), part: text() },
    {
      metadata: other,
      constrain: (c) => ({ indexes: [index(c.part).unique().where(c.title.ne('x')), index(c.title, c.part).unique()] }),
    },
  );
  table(
    'users',
    {
      id: key,
      code: text().references('orgs.code'),
      title: text().references('orgs.title'),
      part: text().references('orgs.part'),
      orgId: integer().references('orgs.id', { onDelete: 'set null', onUpdate: 'set null' }),
      half: text()
        .generatedAs(sql`'x'`)
        .references('orgs.code', { onUpdate: 'cascade', name: 'again' }),
    },
    { metadata: other, foreignKeys: [{ columns: ['part', 'title'], references: 'orgs.part,title', name: 'both' }] },
  );
  expect(await mistakes(other)).toEqual([
    '5 mistakes in the schema:',
    'users.title refers to orgs.title, which is no key: make it unique()',
    'users.part refers to orgs.part, which is no key: make it unique()',
    "users.org_id: onDelete 'set null', and org_id is not nullable()",
    "users.org_id: onUpdate 'set null', and org_id is not nullable()",
    'users.half is generatedAs(): no action of its foreign key can change it',
  ]);
});

test('a database apart is not referred to', async () => {
  const metadata = new MetaData();
  table('orgs', { id: key }, { metadata });
  const users = table('users', { id: key, orgId: integer().references('orgs.id') }, { metadata, schema: 'archive' });
  view('everyone', select({ id: users.c.id }), { metadata });
  expect(await mistakes(metadata)).toEqual([
    '2 mistakes in the schema:',
    "users.org_id refers to 'orgs', which is in another database: no foreign key goes there",
    "the view 'everyone' reads what is in another database",
  ]);
  // Without a dialect the data says nothing of one.
  expect(ddl(metadata).map(({ kind }) => kind)).toEqual(['createTable', 'createTable', 'createView']);
});

test('names that a database finds too long', () => {
  const metadata = new MetaData();
  table('a'.repeat(64), { id: key }, { metadata });
  const strict = { ...sqliteDialect, ddl: { ...sqliteDialect.ddl, nameBytes: 63 } };
  expect(() => createAllSql(metadata, strict)).toThrow(
    `the name of a table is longer than 63 bytes: '${'a'.repeat(64)}'`,
  );
  expect(createAllSql(metadata, sqliteDialect)).toHaveLength(1);
});

test('where a table cannot refer to one that is created later, its key is added afterwards', () => {
  const metadata = new MetaData();
  table('left', { id: key, rightId: integer().references('right.id') }, { metadata });
  table(
    'right',
    { id: key, leftId: integer().references('left.id'), selfId: integer().references('right.id') },
    { metadata },
  );
  const statements = createAllSql(metadata, { ...sqliteDialect, forwardReferences: false });
  expect(statements.map((sql) => [/^\w+ table "\w+"/.exec(sql)?.[0], sql.split('references').length - 1])).toEqual([
    ['create table "left"', 0],
    ['create table "right"', 2],
    ['alter table "left"', 1],
  ]);
  expect(statements[1]!.match(/references "\w+" \("id"\) deferrable initially immediate/g)).toEqual([
    'references "left" ("id") deferrable initially immediate',
    'references "right" ("id") deferrable initially immediate',
  ]);
  expect(statements[2]).toBe(
    'alter table "left" add constraint "fk_left_right_id_right" foreign key ("right_id") references "right" ("id") deferrable initially immediate',
  );
});

test('the name of a constraint is never too long, and the same each time', () => {
  const name = 'a_table_with_a_name_that_is_rather_long_already';
  const made = (): string[] => {
    const Model = declarativeBase();
    class Long extends Model(name, {
      id: key,
      aColumnWithALongName: text().unique(),
      anotherColumnWithALongName: text().unique(),
    }).constrain((c) => ({ indexes: [index(c.aColumnWithALongName, c.anotherColumnWithALongName)] })) {}
    expect(Long.tableName).toBe(name);
    return ddl(Model.metadata).flatMap((change) =>
      change.kind === 'createTable'
        ? change.table.uniques.map((unique) => unique.name)
        : change.kind === 'createIndex'
          ? [change.index.name]
          : [],
    );
  };
  const names = made();
  expect(names).toEqual(made());
  expect(new Set(names).size).toBe(3);
  for (const item of names) {
    expect(new TextEncoder().encode(item)).toHaveLength(63);
    expect(item).toMatch(/^(?:uq|ix)_a_table_with_a_name_that_is_rather_long_already_.*_[\da-f]{8}$/);
  }
});

test('a long name of any letters is cut between them', () => {
  const Model = declarativeBase();
  class Long extends Model('ü'.repeat(40), { id: key, name: text().unique() }) {}
  const [change] = ddl(Model.metadata);
  const [unique] = change?.kind === 'createTable' ? change.table.uniques : [];
  expect(Long.tableName).toHaveLength(40);
  expect(unique?.name).toMatch(/^uq_ü{25}_[\da-f]{8}$/);
});

test('rules that are none', async () => {
  const metadata = new MetaData();
  table(
    'things',
    { id: key, a: integer().check((() => 5) as never), b: integer().generatedAs('x' as never) },
    {
      metadata,
      constrain: () => ({ indexes: [5 as never] }),
    },
  );
  expect(await mistakes(metadata)).toEqual(['things: indexes are made by index(…)']);
  const other = new MetaData();
  table('things', { id: key, b: integer().generatedAs('x' as never) }, { metadata: other });
  table('more', { id: key, b: integer().check(({ nope }) => sql`${nope} > 1`) }, { metadata: other });
  expect(await mistakes(other)).toEqual([
    '2 mistakes in the schema:',
    'generatedAs() of things.b: expected an expression, got a string',
    'sql``: expected a value, got undefined',
  ]);
});
