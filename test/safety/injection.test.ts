import { createClient } from '@libsql/client';
import {
  alias,
  call,
  coalesce,
  concat,
  contains,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  endsWith,
  exists,
  insert,
  integer,
  isCinnabarError,
  like,
  literal,
  not,
  replace,
  rank,
  select,
  Session,
  sql,
  startsWith,
  text,
  union,
  update,
  when,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { recordingDriver } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { createAllSql } from '../../src/engine/schema.ts';
import { injections, isText } from './support/injections.ts';
import { runs } from './support/random.ts';
import { Account, Model, untyped } from './support/shop.ts';
import { tokenize } from './support/sqlite-tokens.ts';

// A hostile value in every place where a value may stand: the texts that are sent are those of a harmless one, and the
// value comes back as it was, or is refused before anything is sent.

class Page extends Model('pages', { slug: text().primaryKey(), title: text() }) {}

const client = createClient({ url: ':memory:' });
const driver = recordingDriver(libsql(client));
const engine = createEngine(driver);
beforeAll(async () => createAll(engine, Model.metadata));
afterAll(() => client.close());

const ids = (rows: readonly { id: number }[]): number[] => rows.map(({ id }) => id).toSorted((a, b) => a - b);
const where = async (condition: Parameters<typeof not>[0]): Promise<number[]> =>
  ids(await engine.all(select({ id: Account.c.id }).from(Account).where(condition)));
const { name, note, id } = Account.c;
const Boss = alias(Account, 'boss');

/** Places of a value: what the program does with it, and what must come of it. Row 1 has the value, row 2 another. */
const places: Record<string, [use: (value: string) => Promise<unknown>, outcome: (value: string) => unknown]> = {
  'eq()': [(value) => where(name.eq(value)), () => [1]],
  'ne()': [(value) => where(name.ne(value)), () => [2]],
  'is()': [(value) => where(note.is(value)), () => [1]],
  'not()': [(value) => where(not(name.eq(value))), () => [2]],
  'in()': [(value) => where(name.in([value, `${value} and more`])), () => [1]],
  'notIn()': [(value) => where(name.notIn([value, 'nobody'])), () => [2]],
  'between()': [(value) => where(name.between(value, value)), () => [1]],
  'contains()': [(value) => where(contains(name, value)), () => [1]],
  'startsWith()': [(value) => where(startsWith(name, value)), () => [1]],
  'endsWith()': [(value) => where(endsWith(name, value)), () => [1]],
  'like() with an escape': [
    (value) => where(like(name, value.slice(0, 10_000).replaceAll(/[!%_]/g, '!$&'), { escape: '!' })),
    () => [1],
  ],
  'filterBy()': [async (value) => ids(await engine.all(select(Account).filterBy({ name: value }))), () => [1]],
  'a relation': [(value) => where(Account.c.boss.has(name.eq(value))), () => [2]],
  'a subquery': [(value) => where(id.in(select({ id: Boss.c.id }).from(Boss).where(Boss.c.name.eq(value)))), () => [1]],
  'exists()': [
    (value) => where(exists(select({ id: Boss.c.id }).from(Boss).where(Boss.c.name.eq(value), Boss.c.id.eq(id)))),
    () => [1],
  ],
  'a common table expression': [
    async (value) => {
      const part = select({ id }).where(name.eq(value)).cte('part');
      return ids(await engine.all(select({ id: part.c.id }).from(part)));
    },
    () => [1],
  ],
  'both sides of a union': [
    async (value) =>
      ids(await engine.all(union(select({ id }).where(name.eq(value)), select({ id }).where(name.ne(value))))),
    () => [1, 2],
  ],
  'a hole of sql``': [(value) => engine.all(select({ v: sql<string>`${value}` })), (v) => [{ v }]],
  'sql.join()': [(value) => where(sql`${name} in (${sql.join([value, 'x'])})` as never), () => [1]],
  'literal()': [(value) => engine.all(select({ v: literal(value, text()) })), (v) => [{ v }]],
  'an argument of a function': [
    (value) => engine.all(select({ v: call('coalesce', text(), value, 'x') })),
    (v) => [{ v }],
  ],
  'coalesce()': [(value) => engine.all(select({ v: coalesce(note, value) }).where(id.eq(2))), (v) => [{ v }]],
  'when()': [(value) => engine.all(select({ v: when(id.eq(1), value).else(value) }).where(id.eq(1))), (v) => [{ v }]],
  'concat() and replace()': [
    (value) => engine.all(select({ v: replace(concat('<', name, '>'), value, value) }).where(id.eq(1))),
    (v) => [{ v: `<${v}>` }],
  ],
  'INSERT': [
    (value) => engine.all(insert(Account).values({ name: value }).returning({ name, note })),
    (v) => [{ name: v, note: null }],
  ],
  'INSERT of rows': [
    (value) => engine.all(insert(Account).values({ name: value }, { name: 'x' }, { name: value }).returning({ name })),
    (v) => [{ name: v }, { name: 'x' }, { name: v }],
  ],
  'INSERT from a select': [
    (value) =>
      engine.all(
        insert(Account)
          .from(select({ name: literal(value, text()), role: literal(value, text()) }) as never)
          .returning({ name }),
      ),
    (v) => [{ name: v }],
  ],
  'UPDATE': [
    (value) => engine.all(update(Account).set({ note: value }).where(id.eq(2)).returning({ note })),
    (v) => [{ note: v }],
  ],
  'DELETE': [(value) => engine.run(deleteFrom(Account).where(name.eq(value), id.ne(1))), () => 0],
  'an upsert': [
    (value) =>
      engine.all(
        insert(Account)
          .values({ id: 2, name: value })
          .onConflict('id')
          .update((excluded) => ({ name: excluded.name, note: value }))
          .returning({ name, note }),
      ),
    (v) => [{ name: v, note: v }],
  ],
  'a value in JSON': [
    (value) =>
      engine.all(
        insert(Account)
          .values({ name: 'x', doc: { a: [value] } })
          .returning({ doc: Account.c.doc }),
      ),
    (v) => [{ doc: { a: [v] } }],
  ],
  'a key in JSON': [
    (value) =>
      engine.all(
        insert(Account)
          .values({ name: 'x', doc: Object.fromEntries([[value, 1]]) })
          .returning({ doc: Account.c.doc }),
      ),
    (v) => [{ doc: Object.fromEntries([[v, 1]]) }],
  ],
  "a type of one's own": [
    (value) =>
      engine.all(
        insert(Account)
          .values({ name: 'x', tags: [value] })
          .returning({ tags: Account.c.tags }),
      ),
    (v) => [{ tags: [v] }],
  ],
  'a key of get()': [async (value) => (await new Session(engine).get(Page, value))?.title, (v) => v],
  'keys of get() together': [
    async (value) => {
      const session = new Session(engine);
      const keys = [value, `${value}!`, `!${value}`];
      const found = await Promise.all(keys.map((key) => session.get(Page, key)));
      return found.map((page) => page?.title);
    },
    (v) => [v, undefined, undefined],
  ],
  'a query of a session': [
    async (value) => ids(await new Session(engine).query(Account).where(name.eq(value)).with({ team: true }).all()),
    () => [1],
  ],
  'a unit of work': [
    async (value) => {
      const session = new Session(engine);
      const boss = new Account({ name: value, note: value });
      const [one, two] = [new Account({ name: value, boss }), new Account({ name: 'x', note: value, boss })];
      session.addAll([boss, one, two]);
      await session.commit();
      [one.note, two.name] = [value, value];
      await session.commit();
      session.delete(one);
      await session.commit();
      const read = await new Session(engine).query(Account).where(Account.c.bossId.eq(boss.id)).all();
      return read.map((account) => [account.name, account.note]);
    },
    (v) => [[v, v]],
  ],
};

/** Places of what is no text: what comes from outside there is refused, whatever it is. */
const closed: Record<string, (value: string) => unknown> = {
  'limit()': (value) => select(Account).limit(untyped(value)),
  'offset()': (value) => select(Account).offset(untyped(value)),
  'orderBy()': (value) => select(Account).orderBy(untyped(value)),
  'groupBy()': (value) => select({ id }).groupBy(untyped(value)),
  'having()': (value) => select({ id }).having(untyped(value)),
  'where()': (value) => select(Account).where(untyped(value)),
  'a join': (value) => select({ id }).from(Account).innerJoin(untyped(value), name.eq('x')),
  'from()': (value) => select({ id }).from(untyped(value)),
  'the name of a function': (value) => call(`${value}(`, text(), name),
  'the type of a function': (value) => call('lower', untyped(value), name),
  'a frame': (value) => rank().over({ frame: value }),
  'loadOnly()': (value) => select(Account).loadOnly(untyped(value)),
  'with()': (value) => new Session(engine).query(Account).with(untyped({ [value]: true })),
  'an attribute of filterBy()': (value) => select(Account).filterBy(Object.fromEntries([[value, 'x']]) as object),
  'an attribute of a row': (value) =>
    insert(Account).values(
      Object.fromEntries([
        ['name', 'x'],
        [value, 'x'],
      ]) as never,
    ),
  'an attribute of UPDATE': (value) => update(Account).set(Object.fromEntries([[value, 'x']]) as object),
  'the target of a conflict': (value) => insert(Account).values({ name: 'x' }).onConflict(untyped(value)).ignore(),
  'an integer': (value) => Account.c.age.eq(untyped(value)),
  'a bigint': (value) => Account.c.big.eq(untyped(value)),
  'a double': (value) => Account.c.rate.eq(untyped(value)),
  'a boolean': (value) => Account.c.active.eq(untyped(value)),
  'a date': (value) => Account.c.born.eq(value),
  'a timestamp': (value) => Account.c.seen.eq(untyped(value)),
  'a uuid': (value) => Account.c.key.eq(value),
  'an enumeration': (value) => Account.c.role.eq(untyped(value)),
  'bytes': (value) => Account.c.data.eq(untyped(value)),
  'a relation': (value) => Account.c.boss.eq(untyped(value)),
  'sql() with a text': (value) => sql(untyped(value)),
  'a separator of sql.join()': (value) => sql.join([1], untyped(value)),
};

/** What comes of it: an answer, or the error. */
async function attempt(use: (value: string) => unknown, value: string): Promise<unknown> {
  try {
    return await use(value);
  } catch (error) {
    return error;
  }
}

const harmless = 'harmless';
/** In the normal suite one in 23, and all of them over the places. */
const step = runs(23, 1);
const some = injections.filter((_, at) => at % step === 0);

async function reset(value: string): Promise<void> {
  await client.batch(
    [
      'delete from accounts',
      'delete from pages',
      { sql: "insert into accounts (id, name, note, active, role) values (1, ?, ?, 1, 'user')", args: [value, value] },
      "insert into accounts (id, name, active, role, boss_id) values (2, '~other', 1, 'user', 1)",
      { sql: 'insert into pages values (?, ?)', args: [value, value] },
    ],
    'write',
  );
  driver.clear();
}

test('there are more than 500 of them, in more than 14 places', () => {
  expect(injections.length).toBeGreaterThan(500);
  expect(Object.keys(places).length).toBeGreaterThan(30);
});

let tried = 0;
afterAll(() => console.log(`injections: ${tried.toLocaleString('en')} values in their places, 0 changed texts`));

describe.for(Object.entries(places).map(([place, uses], at) => [place, at, ...uses] as const))(
  'in %s',
  ([place, offset, use, outcome]) => {
    test('the text stays, and the value comes back', { timeout: 600_000 }, async () => {
      await reset(harmless);
      expect(await use(harmless)).toEqual(outcome(harmless));
      const texts = [...driver.sql];
      expect(texts.length).toBeGreaterThan(0);
      for (let at = offset % step; at < injections.length; at += step) {
        const value = injections[at]!;
        tried++;
        await reset(isText(value) ? value : harmless);
        const answer: unknown = await attempt(use, value);
        if (isText(value) && !(value === '__proto__' && place === 'a key in JSON')) {
          expect(answer, JSON.stringify(value)).toEqual(outcome(value));
          expect(driver.sql, JSON.stringify(value)).toEqual(texts);
        } else if (isCinnabarError(answer, 'InvalidValueError')) {
          expect(driver.calls, JSON.stringify(value)).toHaveLength(0);
        } else {
          // A type of one's own may have a form for what text cannot hold.
          expect(answer, JSON.stringify(value)).toEqual(outcome(value));
        }
      }
    });
  },
);

describe.for(Object.entries(closed))('in the place of %s', ([, use]) => {
  test('no text is taken', async () => {
    driver.clear();
    for (const value of some) {
      tried++;
      const answer: unknown = await attempt(use, value);
      const isRefused = isCinnabarError(answer, 'ConfigurationError') || isCinnabarError(answer, 'InvalidValueError');
      expect(isRefused, `${JSON.stringify(value)}: ${String(answer)}`).toBe(true);
    }
    expect(driver.calls).toHaveLength(0);
  });
});

test('as the key of a row', async () => {
  for (const value of some.filter(isText)) {
    await reset(value);
    const [row] = await engine.all(
      select(Object.fromEntries([[value, name]]))
        .from(Account)
        .where(id.eq(1)),
    );
    expect(Object.entries(row!)).toEqual([[value, value]]);
  }
});

test('as a default or a limit in the text of a table', async () => {
  const tokensOf = (value: string): [ddl: string[], tokens: string[][]] => {
    const Base = declarativeBase();
    Base('defaults', { id: integer().primaryKey(), note: text().defaultSql(sql`${value}`) }).constrain((c) => ({
      checks: { other: c.note.ne(`${value}!`) },
    }));
    const ddl = createAllSql(Base.metadata, sqliteDialect);
    return [ddl, ddl.map((sql) => tokenize(sql).map(({ kind, value }) => `${kind} ${value}`))];
  };
  const [, expected] = tokensOf(harmless);
  for (const value of some) {
    tried++;
    if (!isText(value)) {
      expect(() => tokensOf(value)).toThrow('well-formed text without NUL');
      continue;
    }
    const [ddl, tokens] = tokensOf(value);
    expect(tokens).toEqual(expected.map((all) => all.map((token) => token.replaceAll(harmless, () => value))));
    await client.executeMultiple('drop table if exists defaults');
    for (const sql of ddl) await client.execute(sql);
    const { rows } = await client.execute('insert into defaults (id) values (1) returning note');
    expect(rows[0]![0]).toBe(value);
  }
});
