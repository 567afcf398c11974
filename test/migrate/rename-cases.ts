import { createEngine, type Driver, index, insert, integer, MetaData, select, sql, table, text } from 'cinnabar';
import { compare, destructive, render, type Renames } from 'cinnabar/migrate';
import { expect } from 'vitest';
import { TestDatabase } from '../support/database.ts';

function first(metadata: MetaData) {
  const orgs = table('orgs', { id: integer().primaryKey(), title: text().unique() }, { metadata });
  const users = table(
    'users',
    {
      id: integer().primaryKey(),
      name: text().check(({ name }) => sql`length(${name}) > 1`, 'long'),
      orgId: integer().nullable().references('orgs.id', { onDelete: 'cascade' }),
      bossId: integer().nullable().references('users.id', { onDelete: 'set null' }),
    },
    { metadata, constrain: (c) => ({ indexes: [index(sql`lower(${c.name})`).named('ix_low')] }) },
  );
  return { orgs, users };
}

function second(metadata: MetaData) {
  const firms = table('firms', { id: integer().primaryKey(), label: text().unique() }, { metadata });
  const people = table(
    'people',
    {
      id: integer().primaryKey(),
      fullName: text().check(({ fullName }) => sql`length(${fullName}) > 1`, 'long'),
      firmId: integer().nullable().references('firms.id', { onDelete: 'cascade' }),
      bossId: integer().nullable().references('people.id', { onDelete: 'set null' }),
      // Another change in the same breath, which makes the table anew where there is no other way.
      age: integer().defaultSql(7),
    },
    { metadata, constrain: (c) => ({ indexes: [index(sql`lower(${c.fullName})`).named('ix_low')] }) },
  );
  return { firms, people };
}

const RENAMES: Renames = {
  tables: { orgs: 'firms', users: 'people' },
  columns: { 'orgs.title': 'label', 'users.name': 'full_name', 'users.org_id': 'firm_id' },
};

/** Renames tables and columns that are full of rows: asked first, then declared. */
export async function tryRename(driver: Driver): Promise<void> {
  const db = new TestDatabase(driver);
  const engine = createEngine(driver);
  const run = async (metadata: MetaData, renames: Renames = {}): Promise<void> => {
    const { operations, questions, current } = await compare(engine, metadata, { renames, unknown: 'drop' });
    expect(questions).toEqual([]);
    const statements = render(operations, driver.dialect, current).flatMap((step) => step.statements);
    if (statements.length > 0) await db.run(...statements);
    expect((await compare(engine, metadata)).operations).toEqual([]);
  };
  const before = new MetaData();
  const { orgs, users } = first(before);
  await run(before);
  await engine.run(insert(orgs).values({ title: 'One' }, { title: 'Two' }));
  await engine.run(
    insert(users).values({ name: 'Ann', orgId: 1 }, { name: 'Bob', orgId: 2, bossId: 1 }, { name: 'Cy', bossId: 2 }),
  );

  const after = new MetaData();
  const { firms, people } = second(after);
  const asked = await compare(engine, after, { unknown: 'drop' });
  expect(asked.questions.map(({ kind, from }) => `${kind} ${from}`)).toEqual(['tables orgs', 'tables users']);
  expect(asked.questions[1]!.to).toContain('people');
  expect(destructive(asked.operations)).toEqual(expect.arrayContaining(['orgs', 'users']));
  const declared = await compare(engine, after, { renames: RENAMES, unknown: 'drop' });
  expect(destructive(declared.operations)).toEqual([]);
  await run(after, RENAMES);
  expect(await engine.all(select({ label: firms.c.label }).from(firms).orderBy(firms.c.id))).toEqual([
    { label: 'One' },
    { label: 'Two' },
  ]);
  const shape = {
    id: people.c.id,
    name: people.c.fullName,
    firm: people.c.firmId,
    boss: people.c.bossId,
    age: people.c.age,
  };
  expect(await engine.all(select(shape).from(people).orderBy(people.c.id))).toEqual([
    { id: 1, name: 'Ann', firm: 1, boss: null, age: 7 },
    { id: 2, name: 'Bob', firm: 2, boss: 1, age: 7 },
    { id: 3, name: 'Cy', firm: null, boss: 2, age: 7 },
  ]);
  await run(new MetaData());
}
