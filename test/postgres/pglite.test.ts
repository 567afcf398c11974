import { PGlite } from '@electric-sql/pglite';
import type { WireValue } from 'cinnabar';
import { pglite } from 'cinnabar/pglite';
import { driverCases, runCase } from 'cinnabar/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestDriver } from '../support/database.ts';
import { asSqlite, withDollars } from '../support/postgres-raw.ts';
import { ormCases } from './orm-cases.ts';

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
}, 120_000);
afterAll(() => database.close());

const statement = (sql: string, ...params: WireValue[]) => ({ sql, params });
const write = (...statements: ReturnType<typeof statement>[]) => ({ mode: 'write', statements }) as const;

test('cells are the text of the database, whatever parsers the program has', async () => {
  await database.exec(`create type mood as enum ('sad', 'glad')`);
  await database.refreshArrayTypes();
  const texts = [`9007199254740993::int8`, `'1.10'::numeric`, `true`, `'{"b": 1}'::json`, `'\\x00ff'::bytea`];
  const arrays = [`array['sad', null]::mood[]`, `array[1, null]`, `'2024-01-01 00:00:00.000001'::timestamp`];
  const { results } = await pglite(database).execute({
    mode: 'read',
    statements: [statement(`select ${[...texts, ...arrays].join(', ')}`)],
  });
  expect(results[0]!.rows).toEqual([
    ['9007199254740993', '1.10', 't', '{"b": 1}', '\\x00ff', '{sad,NULL}', '{1,NULL}', '2024-01-01 00:00:00.000001'],
  ]);
});

test('parameters are text too, also where PGlite would want a boolean or bytes', async () => {
  const sql = 'select $1::bool, $2::bytea, $3::jsonb, $4::int8, $5::text[]';
  const params = ['t', new Uint8Array([0, 255]), '{"a": [1]}', '9007199254740993', '{a,NULL}'];
  const { results } = await pglite(database).execute({ mode: 'read', statements: [statement(sql, ...params)] });
  expect(results[0]!.rows).toEqual([['t', '\\x00ff', '{"a": [1]}', '9007199254740993', '{a,NULL}']]);
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

describe('one connection', () => {
  beforeAll(async () => void (await database.exec('create table turns (v int primary key)')));
  const driver = () => pglite(database);

  test('a call beside an open transaction waits for its end, whichever driver of the database it is of', async () => {
    const tx = await driver().begin!();
    await tx.execute(write(statement('insert into turns values (1)')));
    const beside = driver().execute({ mode: 'read', statements: [statement('select count(*) from turns')] });
    await tx.commit([statement('insert into turns values (2)')]);
    expect((await beside).results[0]!.rows).toEqual([['2']]);
  });

  test('no longer than it is told', { timeout: 60_000 }, async () => {
    const alone = await PGlite.create();
    const impatient = pglite(alone, { lockTimeout: 20 });
    const tx = await impatient.begin!();
    await tx.execute(write(statement('select 1')));
    await expect(impatient.execute(write(statement('select 2')))).rejects.toMatchObject({
      code: 'LockTimeout',
      outcome: 'not sent',
      retryable: true,
    });
    await tx.rollback();
    await expect(impatient.execute(write(statement('select 3')))).resolves.toMatchObject({ trips: 1 });
    await alone.close();
    await expect(impatient.execute(write(statement('select 4')))).rejects.toMatchObject({
      code: 'ConnectionLost',
      outcome: 'not sent',
    });
  });

  test('a unit that fails leaves nothing, and the connection to the next', async () => {
    const failing = driver().execute(
      write(statement('insert into turns values (3)'), statement('insert into turns values (1)')),
    );
    await expect(failing).rejects.toMatchObject({ code: 'UniqueViolation', outcome: 'not committed', table: 'turns' });
    expect((await database.query('select v from turns order by v')).rows).toEqual([{ v: 1 }, { v: 2 }]);
  });

  test('a check that was put off to the end fails the COMMIT', async () => {
    await database.exec('create table late (v int references turns deferrable initially deferred)');
    const failing = driver().execute(write(statement('insert into late values (99)'), statement('select 1')));
    await expect(failing).rejects.toMatchObject({ code: 'ForeignKeyViolation', outcome: 'not committed' });
  });

  test(
    'a call that is given up on at any moment says the truth, and leaves no transaction to the next',
    { timeout: 60_000 },
    async () => {
      const seen = new Set<string>();
      const there = async (v: number) =>
        (await database.query('select 1 from turns where v = $1', [v])).rows.length === 1;
      for (let moment = 0; moment < 200; moment++) {
        const id = 1000 + moment;
        const { signal, abort } = abortable();
        const insert = statement('insert into turns values ($1::text::int)', String(id));
        const outcome = driver()
          .execute(write(insert, statement('select 1')), { signal })
          .then(
            () => 'committed',
            (error: unknown) => String(Reflect.get(error as object, 'outcome')),
          );
        for (let passed = 0; passed < moment; passed++) await Promise.resolve();
        abort();
        const said = await outcome;
        seen.add(said);
        if (said === 'committed') expect(await there(id)).toBe(true);
        if (said.startsWith('not')) expect(await there(id), `moment ${moment}: ${said}`).toBe(false);
        await driver().execute(write(statement('select 1')));
        expect(database.isInTransaction()).toBe(false);
      }
      expect([...seen].toSorted()).toEqual(expect.arrayContaining(['committed', 'not sent', 'unknown']));
    },
  );

  test('beside the queries of the program itself', async () => {
    const own = database.transaction(async (tx) => {
      await tx.query('insert into turns values (10)');
      return await tx.query('select count(*)::int as n from turns where v = 11');
    });
    await driver().execute(write(statement('insert into turns values (11)'), statement('select 1')));
    expect((await own).rows).toEqual([{ n: 0 }]);
  });
});

describe('conformance', () => {
  test.for(driverCases)('$name', { timeout: 60_000 }, async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, pglite(database, { lockTimeout: 1000 }));
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });
});

describe('sessions', () => {
  const parsers = (): Record<number, (text: string) => unknown> => ({
    ...Object.fromEntries(Object.keys(database.parsers).map((oid) => [oid, (text: string) => text])),
    ...asSqlite,
  });
  ormCases((): TestDriver => ({
    ...pglite(database),
    raw: async (sql, params) =>
      (await database.query<unknown[]>(withDollars(sql), [...params], { rowMode: 'array', parsers: parsers() })).rows,
  }));
});
