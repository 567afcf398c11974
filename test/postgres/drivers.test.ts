import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { ways, type Opened } from '../support/postgres-ways.ts';
import { startRtProxy, type RtProxy } from '../support/rt-proxy.ts';

/** Bytes between one cut and the next: `FAULT_STEP=1` tries each. */
const STEP = Number(process.env['FAULT_STEP'] ?? 13);

const url = postgresDatabase();

const statement = (sql: string, ...params: (string | null)[]) => ({ sql, params });

describe.each(Object.entries(ways))('%s', (_, open) => {
  let proxy: RtProxy;
  let opened: Opened;
  const t = `t_${Math.random().toString(36).slice(2)}`;
  const insert = (id: string) => statement(`insert into ${t} values ($1::text::int, $2::text) returning id`, id, 'x');
  beforeAll(async () => {
    proxy = await startRtProxy({ target: url() });
    const through = new URL(url());
    through.port = String(proxy.port);
    opened = await open(through.href, url());
    await psql(url(), `create table ${t} (id int primary key, v text)`);
  });
  afterAll(async () => {
    await opened.close();
    await proxy.close();
  });

  test('a write unit is atomic, and its error typed', async () => {
    const { driver } = opened;
    const { results } = await driver.execute({ mode: 'write', statements: [insert('1'), insert('2')] });
    expect(results).toEqual([
      { rows: [['1']], changes: 1 },
      { rows: [['2']], changes: 1 },
    ]);
    const failing = driver.execute({ mode: 'write', statements: [insert('3'), insert('1'), insert('4')] });
    await expect(failing).rejects.toMatchObject({
      code: 'UniqueViolation',
      outcome: 'not committed',
      constraint: `${t}_pkey`,
      table: t,
      columns: ['id'],
    });
    expect(await psql(url(), `select count(*)::int from ${t}`)).toEqual([[2]]);
  });

  test('a deferred check that fails at COMMIT is not committed', async () => {
    await psql(url(), `create table ${t}_child (id int references ${t} deferrable initially deferred)`);
    const write = opened.driver.execute({
      mode: 'write',
      statements: [statement(`insert into ${t}_child values (99)`), statement('select 1')],
    });
    await expect(write).rejects.toMatchObject({ code: 'ForeignKeyViolation', outcome: 'not committed' });
  });

  test('a transaction reads its own writes, and is rolled back', async () => {
    const { driver } = opened;
    if (!driver.begin) return expect(driver.interactive).toBe(false);
    const tx = await driver.begin();
    await tx.execute({ mode: 'write', statements: [insert('7')] });
    const { results } = await tx.execute({
      mode: 'read',
      statements: [statement(`select v from ${t} where id = $1::text::int`, '7')],
    });
    expect(results[0]!.rows).toEqual([['x']]);
    await tx.rollback();
    const again = await driver.begin();
    await again.execute({ mode: 'write', statements: [insert('8')] });
    await expect(again.execute({ mode: 'write', statements: [insert('8')] })).rejects.toMatchObject({
      code: 'UniqueViolation',
    });
    await expect(again.commit([])).rejects.toMatchObject({ outcome: 'not sent' });
    await again.rollback();
    expect(await psql(url(), `select id from ${t} where id > 5`)).toEqual([]);
  });

  test('whatever byte of a commit the connection breaks at, the outcome is right', { timeout: 300_000 }, async () => {
    const { driver, proxy: network = proxy } = opened;
    let id = 100;
    const seen = new Set<string>();
    for (const on of ['received', 'sent'] as const) {
      for (let after = 0; ; after += STEP) {
        const key = String(id++);
        for (let tries = 0; tries < 20; tries++) {
          const ready = await driver
            .execute({ mode: 'read', statements: [statement('select 1')] })
            .catch(() => undefined);
          if (ready) break;
        }
        network.inject({ on, after, how: 'cut' });
        const write = driver.execute({ mode: 'write', statements: [insert(key), statement('select 1')] });
        const outcome = await write.then(
          () => 'committed',
          (error: unknown) => String(Reflect.get(error as object, 'outcome')),
        );
        network.inject(undefined);
        seen.add(outcome);
        const there = (await psql(url(), `select 1 from ${t} where id = ${key}`)).length === 1;
        if (outcome === 'committed') expect(there).toBe(true);
        else if (outcome !== 'unknown') expect(there, `${on} ${after}: ${outcome}`).toBe(false);
        if (outcome === 'committed') break;
      }
    }
    // It was cut several times, and not only before anything had happened.
    expect(id).toBeGreaterThan(110);
    expect([...seen].toSorted()).toEqual(expect.arrayContaining(['committed', 'unknown']));
  });

  test('nothing of a transaction is sent after its connection broke', async () => {
    const { driver } = opened;
    if (!driver.begin) return expect(driver.interactive).toBe(false);
    const tx = await driver.begin();
    const own = await tx.execute({ mode: 'read', statements: [statement('select pg_backend_pid()')] });
    await psql(url(), `select pg_terminate_backend(${String(own.results[0]!.rows[0]![0])})`);
    await expect(tx.execute({ mode: 'write', statements: [insert('50')] })).rejects.toMatchObject({
      outcome: expect.stringMatching(/not/) as string,
    });
    await expect(tx.commit([insert('51')])).rejects.toMatchObject({ outcome: 'not sent' });
    expect(await psql(url(), `select id from ${t} where id in (50, 51)`)).toEqual([]);
  });
});
