import {
  alias,
  bigint,
  boolean,
  bytes,
  call,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  integer,
  isCinnabarError,
  json,
  min,
  numeric,
  select,
  Session,
  sum,
  text,
  timestamp,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

const Model = declarativeBase();
class Row extends Model('rows', {
  id: integer().primaryKey(),
  at: timestamp().nullable(),
  flag: boolean().nullable(),
  big: bigint().nullable(),
  price: numeric(10, 2).nullable(),
  doc: json<unknown>().nullable(),
  raw: bytes().nullable(),
  whole: integer().nullable(),
}) {}

/** Values that another program stored, or that an expression made. */
export function storedCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      'drop table rows',
      'create table rows (id integer primary key, at, flag, big, price, doc, raw, whole)',
    );
  });

  test.for([
    ['what SQLite says of an instant is of UTC', 'at', `'2020-01-31 23:59:59'`, new Date('2020-01-31T23:59:59Z')],
    ['with milliseconds', 'at', `'2020-01-31 23:59:59.5'`, new Date('2020-01-31T23:59:59.500Z')],
    ['with T and without Z', 'at', `'2020-01-31T23:59'`, new Date('2020-01-31T23:59:00Z')],
    ['of another zone', 'at', `'2020-01-31T23:59:59+02:00'`, new Date('2020-01-31T21:59:59Z')],
    ['current_timestamp', 'at', `datetime('2020-01-31 01:02:03')`, new Date('2020-01-31T01:02:03Z')],
    ['a flag of another number', 'flag', '2', true],
    ['NULL', 'at', 'null', null],
    ['a document with space', 'doc', `' {"a" : [1]} '`, { a: [1] }],
  ] as const)('%s', async ([, attribute, literal, value]) => {
    await db.run('delete from rows', `insert into rows (id, ${attribute}) values (1, ${literal})`);

    expect((await db.session().get(Row, 1))![attribute]).toEqual(value);
    expect(await db.engine.all(select({ value: Row.c[attribute] as typeof Row.c.at }))).toEqual([{ value }]);
  });

  test.for([
    ['at', `'canary'`, 'timestamp'],
    ['at', '1580515199', 'timestamp'],
    ['flag', `'canary'`, 'boolean'],
    ['flag', `'false'`, 'boolean'],
    ['big', `'canary'`, 'bigint'],
    ['big', '1.5', 'bigint'],
    ['price', `'canary'`, 'numeric'],
    ['price', '1.5', 'numeric'],
    ['doc', `'{canary'`, 'json'],
    ['doc', `x'00'`, 'json'],
    ['raw', `'canary'`, 'bytes'],
  ] as const)('%s holds %s: an error that does not show it', async ([attribute, literal, type]) => {
    await db.run('delete from rows', `insert into rows (id, ${attribute}) values (1, ${literal})`);
    const reads = [
      () => db.session().get(Row, 1),
      () => db.engine.all(select(Row)),
      () => db.session().all(select({ value: Row.c[attribute] as typeof Row.c.at })),
    ];

    for (const read of reads) {
      const { error } = await db.failure(read);
      expect(isCinnabarError(error, 'InvalidValueError') && error.message).toMatch(
        new RegExp(`^(?:rows\\.${attribute}|value): what was read is no ${type}$`),
      );
      expect(`${(error as Error).stack} ${String((error as Error).cause)}`).not.toContain('canary');
    }
  });

  test('an integer that another program stored beyond what a number holds is refused, and no other is read', async () => {
    await db.run('delete from rows', 'insert into rows (id, whole) values (1, 9007199254740993)');
    const reads = [
      () => db.session().get(Row, 1),
      () => db.engine.all(select(Row)),
      () => db.session().all(select({ value: Row.c.whole })),
      () => db.engine.all(select({ least: min(Row.c.whole) }).from(Row)),
    ];
    for (const read of reads) {
      const { error } = await db.failure(read);
      expect(isCinnabarError(error, 'InvalidValueError')).toBe(true);
      expect(String(error)).not.toContain('90071992547409');
    }
    await db.run('update rows set whole = -9007199254740991');
    expect((await db.session().get(Row, 1))!.whole).toBe(-9007199254740991);
  });

  test('a sum beyond a safe integer is an error, not another number', async () => {
    await db.run(
      'delete from rows',
      'insert into rows (id, whole, big) values (1, 9007199254740991, 9007199254740991), (2, 9007199254740991, 9007199254740991)',
    );
    const { error } = await db.failure(() => db.engine.all(select({ total: sum(Row.c.whole) }).from(Row)));
    const inner = select({ total: sum(Row.c.whole) })
      .from(Row)
      .subquery('sums');
    const nested = await db.failure(() => db.engine.all(select({ total: inner.c.total })));

    expect(isCinnabarError(error, 'InvalidValueError')).toBe(true);
    expect(isCinnabarError(nested.error, 'InvalidValueError')).toBe(true);
    expect(await db.engine.all(select({ total: sum(Row.c.big) }).from(Row))).toEqual([{ total: 18014398509481982n }]);
    expect(await db.session().all(select({ most: call('max', integer(), Row.c.whole) }))).toEqual([
      { most: 9007199254740991 },
    ]);
  });

  describe('what is no row of a session', () => {
    test('an alias stands under a name', () => {
      expect(() => select(alias(Row, 'other') as never)).toThrow(
        'select(): an alias stands under a name: select({ other: … })',
      );
    });

    test('rows that a DELETE returns are entities of no session', async () => {
      const Base = declarativeBase();
      class Thing extends Base('things', { id: integer().primaryKey(), name: text() }) {}
      const engine = createEngine(db.driver);
      await createAll(engine, Base.metadata);
      await db.run(`insert into things values (1, 'one'), (2, 'two')`);
      const session = new Session(engine);
      const known = (await session.get(Thing, 1))!;
      const gone = await session.all(deleteFrom(Thing).allRows().returning());

      expect(gone.map((thing) => thing.name)).toEqual(['one', 'two']);
      expect(gone[0]).toBe(known);
      expect(await session.get(Thing, 1)).toBeNull();
      expect(await session.get(Thing, 2)).toBeNull();
      gone[1]!.name = 'changed';
      expect((await db.record(() => session.commit())).calls).toBe(0);
      await db.run('drop table things');
    });
  });
}
