import {
  and,
  alias,
  call,
  coalesce,
  contains,
  deleteFrom,
  exists,
  insert,
  integer,
  isCinnabarError,
  like,
  literal,
  max,
  not,
  or,
  recursive,
  select,
  sql,
  text,
  union,
  update,
  when,
} from 'cinnabar';
import { afterAll, expect, test } from 'vitest';
import type { TableColumn } from '../../src/schema/table.ts';
import { runs, tryAll } from './support/random.ts';
import { Account, attributes, openShop, untyped } from './support/shop.ts';
import { OwnError, stranger } from './support/strangers.ts';

// Objects where scalars belong, and things where expressions, models, shapes or selects do: each is refused with a typed
// error, and nothing is sent. What may be an object (a JSON document, a filter by nothing) is only what it says.

const shop = await openShop();
const { id, name, note, age } = Account.c;
const ids = select({ id });
const run = async (statement: unknown): Promise<unknown> => shop.engine.all(untyped(statement));
const write = async (statement: unknown): Promise<unknown> => shop.engine.run(untyped(statement));

type Use = (value: never) => unknown;

const columnNames = attributes.filter((attribute) => attribute !== 'doc' && attribute !== 'tags');
const columns = Object.fromEntries(
  columnNames.flatMap((attribute) => {
    const column = untyped(Account.c)[attribute];
    return [
      [`${attribute}.eq()`, (value: never) => run(select(Account).where(column.eq(value)))],
      [`${attribute} in DELETE`, (value: never) => write(deleteFrom(Account).where(column.ne(value)))],
      [`${attribute}.in()`, (value: never) => run(select(Account).where(column.in([value])))],
      [`${attribute} in filterBy()`, (value: never) => run(select(Account).filterBy({ [attribute]: value }))],
      [
        `${attribute} in INSERT`,
        (value: never) => write(insert(Account).values(untyped({ name: 'x', [attribute]: value }))),
      ],
      [
        `${attribute} in UPDATE`,
        (value: never) =>
          write(
            update(Account)
              .set({ [attribute]: value })
              .where(id.eq(1)),
          ),
      ],
      [`${attribute} of new`, (value: never) => construct({ name: 'x', [attribute]: value })],
      [`${attribute} of an entity`, (value: never) => assign(attribute, value)],
    ] as [string, Use][];
  }),
);

const uses: Record<string, Use> = {
  ...columns,
  'gt()': (value) => run(select(Account).where(age.gt(value))),
  'between()': (value) => run(select(Account).where(age.between(1, value))),
  'a list of in()': (value) => run(select(Account).where(age.in(value))),
  'a list of notIn() in DELETE': (value) => write(deleteFrom(Account).where(id.lt(0), age.notIn(value))),
  'like()': (value) => run(select(Account).where(name.like(value))),
  'like() with an escape': (value) => run(select(Account).where(like(name, 'x', { escape: value ?? '' }))),
  'contains()': (value) => run(select(Account).where(contains(name, value))),
  'is()': (value) => run(select(Account).where(note.is(value))),
  'plus()': (value) => run(select({ n: age.plus(value) })),
  'coalesce()': (value) => run(select({ n: coalesce(age, value as number) })),
  'literal()': (value) => run(select({ n: literal<unknown>(value, untyped(integer())) })),
  'when()': (value) => run(select({ n: when(value, 1).else(2) })),
  'what when() yields': (value) => run(select({ n: when(age.gt(1), 1).else(value) })),
  'an argument of call()': (value) => run(select({ n: call('lower', text(), value) })),
  'the name of call()': (value) => run(select({ n: call(value, text(), name) })),
  'the type of call()': (value) => run(select({ n: call('lower', value, name) })),
  'an aggregate': (value) => run(select({ n: max(value) })),
  'a filter of an aggregate': (value) => run(select({ n: max(age).filter(value) })),
  'a window': (value) => run(select({ n: max(age).over({ partitionBy: [value] }) })),
  'the order of a window': (value) => run(select({ n: max(age).over({ orderBy: [value] }) })),
  'a frame': (value) => run(select({ n: max(age).over({ frame: value ?? '' }) })),
  'a hole of sql``': (value) => run(select({ n: sql`${value}` })),
  'sql()': (value) => run(select({ n: sql(value) })),
  'sql.identifier()': (value) => run(select({ n: sql.identifier(value) })),
  'sql.join()': (value) => run(select({ n: sql.join([value, value]) })),
  'where()': (value) => run(select(Account).where(value)),
  'where() of DELETE': (value) => write(deleteFrom(Account).where(value)),
  'where() of DELETE, the second': (value) => write(deleteFrom(Account).where(id.lt(0), value)),
  'where() of UPDATE': (value) => write(update(Account).set({ age: 1 }).where(value)),
  'and()': (value) => write(deleteFrom(Account).where(and(id.gt(0), value))),
  'or()': (value) => write(deleteFrom(Account).where(or(id.lt(0), value))),
  'not()': (value) => write(deleteFrom(Account).where(not(value))),
  'exists()': (value) => write(deleteFrom(Account).where(exists(value))),
  'some()': (value) => write(deleteFrom(Account).where(Account.c.team.some(value))),
  'every()': (value) => write(deleteFrom(Account).where(Account.c.team.every(value))),
  'a relation': (value) => write(deleteFrom(Account).where(Account.c.boss.eq(value))),
  'a relation in filterBy()': (value) => run(select(Account).filterBy({ boss: value })),
  'filterBy()': (value) => run(select(Account).filterBy(value)),
  'orderBy()': (value) => run(select(Account).orderBy(value)),
  'groupBy()': (value) => run(select({ age }).groupBy(value)),
  'having()': (value) => run(select({ age }).groupBy(age).having(value)),
  'limit()': (value) => run(select(Account).limit(value)),
  'offset()': (value) => run(select(Account).limit(1).offset(value)),
  'select()': (value) => run(select(value)),
  'a column of select()': (value) => run(select({ id, x: value })),
  'from()': (value) => run(ids.from(value)),
  'a join': (value) => run(ids.from(Account).innerJoin(value, id.eq(1))),
  'on': (value) => run(ids.from(Account).leftJoin(alias(Account, 'x'), value)),
  'join()': (value) => run(select(Account).join(value)),
  'union()': (value) => run(union(ids, value)),
  'recursive()': (value) => run(select({ n: 1 as never, t: recursive('t', ids, () => value).c.id })),
  'the name of an alias': (value) => run(select({ id: alias(Account, value).c.id })),
  'the name of a subquery': (value) => run(select({ id: ids.subquery(value).c.id })),
  'alias()': (value) => run(alias(value, 'x')),
  'insert()': (value) => write(insert(value).values({ name: 'x' } as never)),
  'values()': (value) => write(insert(Account).values(value)),
  'values(), the second': (value) => write(insert(Account).values({ name: 'x' }, value)),
  'INSERT from a select': (value) => write(insert(Account).from(value)),
  'onConflict()': (value) => write(insert(Account).values({ name: 'x' }).onConflict(value).ignore()),
  'what a conflict sets': (value) =>
    write(
      insert(Account)
        .values({ id: 1, name: 'x' })
        .onConflict('id')
        .update(() => value),
    ),
  'update()': (value) => write(update(value).set({}).allRows()),
  'set()': (value) => write(update(Account).set(value).where(id.eq(1))),
  'deleteFrom()': (value) => write(deleteFrom(value).allRows()),
  'returning()': (value) =>
    run(
      deleteFrom(Account)
        .where(id.lt(0))
        .returning(value ?? {}),
    ),
  'all()': (value) => shop.engine.all(value),
  'run()': (value) => shop.engine.run(value),
  'batch()': (value) => shop.engine.batch([ids, value]),
  'get()': (value) => shop.session().get(Account, value),
  'get() of': (value) => shop.session().get(value, 1 as never),
  'query()': (value) => untyped(shop.session().query(value)).all(),
  'query().where()': (value) => shop.session().query(Account).where(value).all(),
  'query().filterBy()': (value) => shop.session().query(Account).filterBy(value).all(),
  'query().with()': (value) => shop.session().query(Account).with(value).all(),
  'query().with() of a relation': (value) =>
    shop
      .session()
      .query(Account)
      .with({ team: value ?? 'x' })
      .all(),
  'query().loadOnly()': (value) => shop.session().query(Account).loadOnly(value).all(),
  'query().limit()': (value) => shop.session().query(Account).limit(value).all(),
  'add()': (value) => shop.session().add(value),
  'addAll()': (value) => shop.session().addAll([value]),
  'delete()': (value) => shop.session().delete(value),
  'new': (value) => construct(value),
  'a relation of new': (value) => construct({ name: 'x', boss: value ?? 'x' }),
  'a collection of new': (value) => construct({ name: 'x', team: [value] }),
};

async function construct(init: unknown): Promise<void> {
  const session = shop.session();
  session.add(Reflect.construct(Account, [init]) as Account);
  shop.driver.clear();
  await session.commit();
}

async function assign(attribute: string, value: unknown): Promise<void> {
  const session = shop.session();
  const ann = (await session.get(Account, 1))!;
  shop.driver.clear();
  Object.assign(ann, { [attribute]: value });
  await session.commit();
}

/** Whether an object has no attributes: it filters by nothing, sets nothing, loads nothing. */
function isNothing(value: unknown): boolean {
  try {
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  } catch {
    return false;
  }
}

/** What is left out where `undefined` is given, as documented: an attribute of a row or of a new entity. */
function isLeftOut(place: string, value: unknown): boolean {
  return value === undefined && / in INSERT$| of new$|with\(\)$/.test(place);
}

/** Whether each attribute is a column, given a value of its type: then no more is meant than that. */
function isValues(value: unknown): boolean {
  return Object.entries(untyped(value)).every(([attribute, given]) => {
    const { column } = (Account.c as unknown as Record<string, { column?: TableColumn }>)[attribute] ?? {};
    if (!column) return attribute === 'boss' && given === null;
    return given === null ? column.nullable : column.type.check(given) === undefined;
  });
}

/** Whether it names relations, and of them relations. */
function isRelations(value: unknown): boolean {
  return Object.entries(untyped(value)).every(
    ([name, inner]) =>
      (name === 'boss' || name === 'team') &&
      (inner === true || isNothing(inner) || (isRecord(inner) && isRelations(inner))),
  );
}

function isMeant(place: string, value: unknown): boolean {
  if (isLeftOut(place, value)) return true;
  if (isNothing(value)) return /filterBy\(\)$|with\(\).*$|^values\(\)|^a list of/.test(place);
  if (place.startsWith('a list of')) return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item));
  if (!isRecord(value)) return false;
  if (place.startsWith('query().with()')) return isRelations(value);
  return /^(?:.*filterBy\(\)|set\(\)|values\(\).*|what a conflict sets|new)$/.test(place) && isValues(value);
}

function isRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  try {
    return Object.keys(value).length > 0;
  } catch {
    return false;
  }
}

const failures = new Map<string, string>();
let refused = 0;
let nothing = 0;
afterAll(() =>
  console.log(`objects where scalars belong: ${refused} refused, ${nothing} that mean nothing, 0 others sent`),
);

test('an object where a scalar belongs', { timeout: 3_600_000 }, async () => {
  const places = Object.keys(uses);
  await tryAll('objects where scalars belong', runs(3000, 300_000), async (random, at) => {
    const place = places[at % places.length]!;
    const value = stranger(random);
    shop.driver.clear();
    let outcome: unknown;
    try {
      await uses[place]!(value as never);
    } catch (error) {
      outcome = error;
    }
    const isTyped = isCinnabarError(outcome) && outcome.outcome === 'not sent';
    if (isMeant(place, value)) nothing++;
    else if ((isTyped || outcome instanceof OwnError) && shop.driver.calls.length === 0) refused++;
    else failures.set(place, `${String(outcome)}; sent: ${shop.driver.sql.join('; ')}; case ${at}`);
  });
  expect([...failures]).toEqual([]);
  expect(await shop.engine.all(select({ id }).from(Account).orderBy(id).limit(3))).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
  ]);
});
