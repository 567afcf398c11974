import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite';
import { nodeSqlite, type NodeSqliteOptions } from 'cinnabar/node-sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import type { CallOptions, Driver, DriverTransaction, Unit } from '../../src/driver/driver.ts';

const statement = (sql: string, ...params: (string | number)[]): Unit['statements'][number] => ({ sql, params });
const insert = (id: number): Unit => ({ statements: [statement('insert into t values (?1)', id)], mode: 'write' });
const read: Unit = { statements: [statement('select id from t order by id')], mode: 'read' };

const dir = mkdtempSync(join(tmpdir(), 'cinnabar-node-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;

interface Opened {
  readonly database: DatabaseSync;
  readonly driver: Driver<true>;
}

function open(options?: NodeSqliteOptions, how: DatabaseSyncOptions = {}, path = ':memory:'): Opened {
  const database = new DatabaseSync(path, how);
  database.exec('create table if not exists t (id integer primary key)');
  return { database, driver: nodeSqlite(database, options) };
}

async function begin(driver: Driver<true>): Promise<DriverTransaction> {
  const tx = await driver.begin?.();
  if (!tx) throw new Error('the driver has no transactions');
  return tx;
}

const rows = async (driver: Driver): Promise<unknown> => (await driver.execute(read)).results[0]?.rows;

test.for([undefined, null, {}, 'app.db'])('%s is no database', (database) => {
  expect(() => nodeSqlite(database as never)).toThrow(/expected a database, like new Data/);
});

describe('while a transaction has the connection', () => {
  test('other calls wait for its end, and run in order', async () => {
    const { driver } = open();
    const tx = await begin(driver);
    await tx.execute(insert(1));
    const order: number[] = [];
    const waiting = [2, 3, 4].map((id) => driver.execute(insert(id)).then(() => order.push(id)));
    const other = (await begin(driver)).commit(insert(5).statements).then(() => order.push(5));
    await tx.execute(insert(6));
    expect(order).toEqual([]);
    await tx.commit([]);
    await Promise.all([...waiting, other]);
    expect(order).toEqual([2, 3, 4, 5]);
    expect(await rows(driver)).toEqual([[1], [2], [3], [4], [5], [6]]);
  });

  test('a second transaction starts when the first has ended', async () => {
    const { driver } = open();
    const [first, second] = [await begin(driver), await begin(driver)];
    await first.execute(insert(1));
    const waiting = second.execute(read);
    await first.rollback();
    expect((await waiting).results[0]?.rows).toEqual([]);
    await second.commit(insert(2).statements);
    expect(await rows(driver)).toEqual([[2]]);
  });

  test('who waits for too long gets a LockTimeout, and the next is served all the same', async () => {
    const { driver } = open({ lockTimeout: 30 });
    const tx = await begin(driver);
    await tx.execute(insert(1));
    const refused = { code: 'LockTimeout', outcome: 'not sent', retryable: true };
    await expect(driver.execute(insert(2))).rejects.toMatchObject(refused);
    await expect((await begin(driver)).execute(insert(2))).rejects.toMatchObject(refused);
    const served = driver.execute(insert(3));
    await tx.commit([]);
    await served;
    expect(await rows(driver)).toEqual([[1], [3]]);
  });

  test.for<[string, () => CallOptions]>([
    ['a deadline', () => ({ deadline: Date.now() + 20 })],
    ['a signal', () => ({ signal: AbortSignal.timeout(20) })],
  ])('%s ends the wait, and nothing is sent', async ([, options]) => {
    const { driver } = open();
    const tx = await begin(driver);
    await tx.execute(insert(1));
    const late = { code: 'TimeoutError', outcome: 'not sent' };
    await expect(driver.execute(insert(2), options())).rejects.toMatchObject(late);
    await tx.commit([]);
    expect(await rows(driver)).toEqual([[1]]);
  });

  test('closing the driver rolls it back, and leaves the database open', async () => {
    const { driver, database } = open({ lockTimeout: 20 });
    const tx = await begin(driver);
    await tx.execute(insert(1));
    await driver.close();
    expect(database.isTransaction).toBe(false);
    await expect(tx.execute(insert(2))).rejects.toMatchObject({ code: 'ConnectionLost', outcome: 'not sent' });
    await tx.rollback();
    await expect(driver.execute(read)).rejects.toMatchObject({ code: 'ConnectionLost', outcome: 'not sent' });
    expect(await rows(nodeSqlite(database))).toEqual([]);
  });
});

describe('beside what the program does with the database itself', () => {
  test('a transaction of the program is not ended by a unit that fails', async () => {
    const { driver, database } = open();
    database.exec('begin; insert into t values (1)');
    await expect(driver.execute(insert(2))).rejects.toMatchObject({ code: 'DatabaseError', outcome: 'not committed' });
    expect(database.isTransaction).toBe(true);
    await driver.close();
    database.exec('commit');
    expect(await rows(nodeSqlite(database))).toEqual([[1]]);
  });

  test('a database that it has closed sends nothing', async () => {
    const { driver, database } = open();
    await driver.execute(read);
    database.close();
    for (const unit of [read, insert(1)]) {
      await expect(driver.execute(unit)).rejects.toMatchObject({ code: 'ConnectionLost', outcome: 'not sent' });
    }
    await driver.close();
  });

  test('how it reads rows makes no difference', async () => {
    const { driver } = open({}, { readBigInts: true, returnArrays: false });
    expect((await driver.execute(insert(1))).results[0]?.changes).toBe(1);
    expect(await rows(driver)).toEqual([[1]]);
  });

  test('foreign keys are enforced, unless it says otherwise', async () => {
    const create = statement('create table c (t_id integer references t (id))');
    const orphan: Unit = { statements: [create, statement('insert into c values (7)')], mode: 'write' };
    await expect(open().driver.execute(orphan)).rejects.toMatchObject({ code: 'ForeignKeyViolation' });
    await open({}, { enableForeignKeyConstraints: false }).driver.execute(orphan);
  });
});

describe('on one file', () => {
  const two = (): [Opened, Opened] => {
    const path = join(dir, `${++files}.db`);
    return [open({}, {}, path), open({}, {}, path)];
  };

  test('a second writer is told to try again', async () => {
    const [one, other] = two();
    const tx = await begin(one.driver);
    await tx.execute(insert(1));
    const busy = { code: 'LockTimeout', outcome: 'not committed', retryable: true };
    await expect(other.driver.execute(insert(2))).rejects.toMatchObject(busy);
    const second = await begin(other.driver);
    await expect(second.execute(insert(2))).rejects.toMatchObject(busy);
    await tx.commit([]);
    await second.execute(insert(3));
    await second.commit([]);
    expect(await rows(one.driver)).toEqual([[1], [3]]);
  });

  test('a commit that a reader keeps from the file leaves nothing, and no lock', async () => {
    const [one, other] = two();
    other.database.exec('begin');
    other.database.prepare('select count(*) from t').get();
    await expect(one.driver.execute(insert(1))).rejects.toMatchObject({
      code: 'LockTimeout',
      outcome: 'not committed',
    });
    other.database.exec('commit');
    await other.driver.execute(insert(2));
    expect(await rows(one.driver)).toEqual([[2]]);
  });

  test('a database that cannot be written says so', async () => {
    const [one] = two();
    const path = one.database.location() ?? '';
    const driver = nodeSqlite(new DatabaseSync(path, { readOnly: true }));
    expect(await rows(driver)).toEqual([]);
    await expect(driver.execute(insert(1))).rejects.toMatchObject({ code: 'DatabaseError', outcome: 'not committed' });
  });
});

test('any number of texts goes through the cache of statements', async () => {
  const { driver } = open();
  const texts = Array.from({ length: 700 }, (_, at) => `select ${at} as n, ?1 as v`);
  for (const round of [1, 2]) {
    for (const [at, sql] of texts.entries()) {
      const { results } = await driver.execute({ statements: [statement(sql, round)], mode: 'read' });
      expect(results[0]?.rows).toEqual([[at, round]]);
    }
  }
});

test('an integer that a number cannot hold is refused, with the way out, and its write undone', async () => {
  const { driver } = open();
  const sql = 'insert into t values (9007199254740993) returning id';
  const refused = { code: 'InvalidValueError', outcome: 'not committed', message: expect.stringContaining('bigint()') };
  await expect(driver.execute({ statements: [statement(sql)], mode: 'write' })).rejects.toMatchObject(refused);
  expect(await rows(driver)).toEqual([]);
});

test('whole numbers are bound as such, unless the text gives them their type', async () => {
  const { driver } = open();
  const sql = 'select typeof(?1), typeof(cast(?2 as integer))';
  const statements = [undefined, true].map((typed) => ({ sql, params: [7, 7], typed }));
  const { results } = await driver.execute({ statements, mode: 'read' });
  expect(results.map((result) => result.rows[0])).toEqual([
    ['integer', 'integer'],
    ['real', 'integer'],
  ]);
});
