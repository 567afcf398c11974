import {
  type CinnabarError,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  type Driver,
  type Engine,
  insert,
  integer,
  isCinnabarError,
  select,
  Session,
  sql,
  text,
  update,
} from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TransactionOptions } from '../../src/driver/transaction-options.ts';
import { losing } from '../support/losing.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { interactiveWays, type Opened } from '../support/postgres-ways.ts';

const url = postgresDatabase();
const Model = declarativeBase();
class Account extends Model('accounts', {
  id: integer().primaryKey({ generated: false }),
  owner: text().unique(),
  balance: integer(),
}) {}

describe.each(Object.entries(interactiveWays))('a transaction on %s', (_, open) => {
  let opened: Opened;
  let driver: RecordingDriver<true>;
  let engine: Engine<true>;
  beforeAll(async () => {
    opened = await open(url(), url());
    driver = recordingDriver(opened.driver) as RecordingDriver<true>;
    engine = createEngine(driver);
    await createAll(engine, Model.metadata);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    await engine.run(deleteFrom(Account).allRows());
    await engine.run(
      insert(Account).values({ id: 1, owner: 'Ann', balance: 10 }, { id: 2, owner: 'Bob', balance: 10 }),
    );
    driver.clear();
  });
  const balances = async (): Promise<unknown[]> =>
    (await psql(url(), 'select balance::int from accounts order by id')).flat();
  /** Waits for what other connections see. */
  const until = async (condition: string): Promise<void> => {
    while ((await psql(url(), `select 1 where ${condition}`)).length === 0);
  };
  const setting = async (options: TransactionOptions, name: string): Promise<unknown> =>
    engine.transaction(
      async (tx) => (await tx.all(select({ value: sql<string>`current_setting(${name})` })))[0]?.value,
      options,
    );

  test('has the isolation and the settings that it asks for, and leaves none behind', async () => {
    expect(await setting({ isolation: 'serializable' }, 'transaction_isolation')).toBe('serializable');
    expect(await setting({ isolation: 'repeatable read' }, 'transaction_isolation')).toBe('repeatable read');
    expect(await setting({}, 'transaction_isolation')).toBe('read committed');
    expect(await setting({ readOnly: true }, 'transaction_read_only')).toBe('on');
    expect(
      await setting({ isolation: 'serializable', readOnly: true, deferrable: true }, 'transaction_deferrable'),
    ).toBe('on');
    expect(await setting({ statementTimeout: 12_345 }, 'statement_timeout')).toBe('12345ms');
    expect(await setting({ lockTimeout: 6000, statementTimeout: 7 * 60_000 }, 'lock_timeout')).toBe('6s');
    expect(await setting({ idleTimeout: 60_000 }, 'idle_in_transaction_session_timeout')).toBe('1min');
    expect(await setting({}, 'statement_timeout')).toBe('0');
  });

  test('settings ride with BEGIN: they take no round trip', async () => {
    const read = (options: TransactionOptions): Promise<unknown> =>
      engine.transaction((tx) => tx.all(select({ id: Account.c.id }).from(Account)), options);
    await read({});
    driver.clear();
    await read({});
    const { trips } = driver;
    driver.clear();
    await read({ isolation: 'serializable', lockTimeout: 1000, statementTimeout: 1000, idleTimeout: 5000 });
    expect(driver.trips).toBe(trips);
  });

  test('that is read only refuses to write', async () => {
    const work = engine.transaction((tx) => tx.run(update(Account).set({ balance: 0 }).allRows()), { readOnly: true });
    await expect(work).rejects.toMatchObject({ code: 'DatabaseError', outcome: 'not committed' });
    expect(await psql(url(), 'select sum(balance)::int from accounts')).toEqual([[20]]);
  });

  test('a statement over its time, and a lock that does not come free, are typed, and nothing is kept', async () => {
    await expect(
      engine.transaction(
        async (tx) => {
          await tx.run(update(Account).set({ balance: 0 }).allRows());
          await tx.all(select({ slept: sql`pg_sleep(30)` }));
        },
        { statementTimeout: 50 },
      ),
    ).rejects.toMatchObject({ code: 'TimeoutError', outcome: 'not committed' });
    await engine.transaction(async (holder) => {
      await holder.run(update(Account).set({ balance: 1 }).where(Account.c.id.eq(1)));
      await expect(
        engine.transaction((tx) => tx.run(update(Account).set({ balance: 2 }).where(Account.c.id.eq(1))), {
          lockTimeout: 50,
        }),
      ).rejects.toMatchObject({ code: 'LockTimeout', outcome: 'not committed', retryable: true });
    });
    expect(await balances()).toEqual([1, 10]);
  });

  test('that stays idle for too long has expired', async () => {
    const work = engine.transaction(
      async (tx) => {
        const [own] = await tx.all(select({ pid: sql<string>`pg_backend_pid()` }));
        await tx.run(update(Account).set({ balance: 0 }).allRows());
        await until(`not exists (select 1 from pg_stat_activity where pid = ${own!.pid})`);
        await tx.run(update(Account).set({ balance: 1 }).allRows());
      },
      { idleTimeout: 50 },
    );
    await expect(work).rejects.toMatchObject({
      code: expect.stringMatching(/TransactionExpired|ConnectionLost/) as string,
      outcome: expect.stringMatching(/^not /) as string,
      retryable: true,
    });
    expect(await balances()).toEqual([10, 10]);
  });

  test('what cannot be serialized runs again as a whole, on a fresh session, until it succeeds', async () => {
    const attempts = [0, 0];
    /** Each decides by what the other changes. */
    const move = (which: 0 | 1, met: () => Promise<void>): Promise<void> =>
      new Session(engine).transaction(
        async (session) => {
          attempts[which]! += 1;
          const accounts = await session.query(Account).orderBy(Account.c.id).all();
          if (attempts[which] === 1) await met();
          accounts[which]!.balance -= accounts[1 - which]!.balance;
        },
        { isolation: 'serializable', retries: 10, retryDelay: 1 },
      );
    let arrived = 0;
    const both = Promise.withResolvers<void>();
    const met = (): Promise<void> => {
      if (++arrived === 2) both.resolve();
      return both.promise;
    };
    await Promise.all([move(0, met), move(1, met)]);
    expect(attempts[0]! + attempts[1]!).toBeGreaterThanOrEqual(3);
    // As if one ran after the other: the first leaves 0, and the second takes nothing.
    expect(new Set(await balances())).toEqual(new Set([0, 10]));
  });

  test('a deadlock is typed and ends one of the two, which may run again', async () => {
    const tries: number[] = [];
    const lock = (first: number, second: number, met: () => Promise<void>): Promise<void> => {
      let own = 0;
      return engine.transaction(
        async (tx) => {
          tries.push(first);
          await tx.run(
            update(Account)
              .set({ balance: Account.c.balance.plus(1) })
              .where(Account.c.id.eq(first)),
          );
          if (++own === 1) await met();
          await tx.run(
            update(Account)
              .set({ balance: Account.c.balance.plus(1) })
              .where(Account.c.id.eq(second)),
          );
        },
        { retries: 5 },
      );
    };
    let arrived = 0;
    const both = Promise.withResolvers<void>();
    const met = (): Promise<void> => {
      if (++arrived === 2) both.resolve();
      return both.promise;
    };
    await Promise.all([lock(1, 2, met), lock(2, 1, met)]);
    expect(tries.length).toBeGreaterThanOrEqual(3);
    expect(await balances()).toEqual([12, 12]);
  });

  test('after its last try the error says how many there were', async () => {
    let tries = 0;
    const work = engine.transaction(
      async (tx) => {
        tries += 1;
        await tx.all(select({ at: Account.c.balance }).from(Account));
        await psql(url(), 'update accounts set balance = balance + 1');
        await tx.run(update(Account).set({ balance: 0 }).allRows());
      },
      { isolation: 'repeatable read', retries: 2, retryDelay: 1 },
    );
    await expect(work).rejects.toMatchObject({
      code: 'SerializationFailure',
      outcome: 'not committed',
      attempts: 3,
      message: expect.stringContaining('tried 3 times') as string,
    });
    expect(tries).toBe(3);
    expect(await balances()).toEqual([13, 13]);
  });

  test('its handle is fenced: nothing is sent after its end', async () => {
    let kept!: Parameters<Parameters<typeof engine.transaction>[0]>[0];
    await engine.transaction(async (tx) => {
      kept = tx;
      await tx.run(update(Account).set({ balance: 11 }).where(Account.c.id.eq(1)));
    });
    driver.clear();
    await expect(kept.run(update(Account).set({ balance: 0 }).allRows())).rejects.toMatchObject({
      code: 'ConfigurationError',
      outcome: 'not sent',
    });
    await expect(kept.nested((tx) => tx.all(select(Account)))).rejects.toMatchObject({ outcome: 'not sent' });
    expect(driver.trips).toBe(0);
    expect(await balances()).toEqual([11, 10]);
  });

  test('nested() undoes its part alone, and its savepoint rides with the statements', async () => {
    const add = (by: number) =>
      update(Account)
        .set({ balance: Account.c.balance.plus(by) })
        .allRows();
    await engine.transaction(async (tx) => {
      await tx.run(add(1));
      driver.clear();
      await tx.nested((inner) => inner.run(add(10)));
      expect(driver.calls).toHaveLength(1);
      const failing = tx.nested(async (inner) => {
        await inner.run(add(100));
        await inner.run(insert(Account).values({ id: 3, owner: 'Ann', balance: 0 }));
      });
      await expect(failing).rejects.toMatchObject({ code: 'UniqueViolation', columns: ['owner'] });
      driver.clear();
      expect(await tx.nested(async () => 7)).toBe(7);
      expect(driver.calls).toHaveLength(0);
      await tx.nested((inner) => inner.run(add(1000)));
    });
    expect(await balances()).toEqual([1021, 1021]);
  });

  test('a signal ends a call under way; the connection is gone, and the transaction with it', async () => {
    const controller = new AbortController();
    let pid = '';
    const work = engine.transaction(
      async (tx) => {
        pid = (await tx.all(select({ pid: sql<string>`pg_backend_pid()` })))[0]!.pid;
        await tx.run(update(Account).set({ balance: 0 }).allRows());
        const sleeping = tx.all(select({ slept: sql`pg_sleep(30)` }));
        await until(`exists (select 1 from pg_stat_activity where pid = ${pid} and wait_event = 'PgSleep')`);
        controller.abort(new Error('enough'));
        await sleeping;
      },
      { signal: controller.signal },
    );
    await expect(work).rejects.toMatchObject({ code: 'TimeoutError', outcome: 'not committed' });
    await psql(url(), `select pg_terminate_backend(${pid})`);
    const others = await Promise.all(
      Array.from({ length: 5 }, () => engine.all(select({ pid: sql<string>`pg_backend_pid()` }))),
    );
    expect(others.flat().map((row) => row.pid)).not.toContain(pid);
    expect(await balances()).toEqual([10, 10]);
  });

  test('that was asked to identify itself is resolved by its id, without a receipt', async () => {
    const lost = losing(opened.driver as Driver<true>);
    const unreliable = createEngine(lost);
    const run = async (name: string, options: TransactionOptions): Promise<CinnabarError> => {
      const session = new Session(unreliable);
      const work = session.transaction(async (tx) => {
        const [first] = await tx.query(Account).orderBy(Account.c.id).all();
        first!.owner = name;
      }, options);
      const error: unknown = await work.catch((thrown: unknown) => thrown);
      if (!isCinnabarError(error)) throw new Error('expected an error of Cinnabar', { cause: error });
      return error;
    };
    lost.lose('reply');
    const stored = await run('Eve', { identify: true });
    expect(stored).toMatchObject({ outcome: 'unknown', resolvable: true });
    expect(await stored.resolve()).toBe('committed');
    lost.lose('request');
    expect(await (await run('Dan', { identify: true })).resolve()).toBe('not committed');
    lost.lose('reply');
    expect(await run('Cat', {})).toMatchObject({ outcome: 'unknown', resolvable: false });
    expect(await psql(url(), 'select owner from accounts order by id')).toEqual([['Cat'], ['Bob']]);
  });

  test('whose client is gone is ended before one says that it was not stored', async () => {
    const begun = await (opened.driver as Driver<true>).begin!({ identify: true });
    const write = { sql: 'update accounts set balance = 0', params: [] };
    await begun.execute({ mode: 'write', statements: [write] });
    expect(begun.id).toMatch(/^[0-9]+$/);
    expect(await opened.driver.resolve!(begun.id!)).toBe('not committed');
    // A client may send COMMIT before it learns of the end: then it cannot know.
    const refused: unknown = await begun.commit([]).catch((error: unknown) => error);
    expect(isCinnabarError(refused) && refused.outcome).toMatch(/^(?:not sent|not committed|unknown)$/);
    await begun.rollback();
    expect(await balances()).toEqual([10, 10]);
  });

  test('what the driver cannot give is refused before anything is sent', async () => {
    const work = async (): Promise<void> => {};
    const refused = (options: object, code: string): Promise<void> =>
      expect(engine.transaction(work, options)).rejects.toMatchObject({ code, outcome: 'not sent' });
    await refused({ isolation: 'snapshot' }, 'CapabilityError');
    await refused({ isolation: 'serializable; drop table accounts' }, 'CapabilityError');
    await refused({ statementTimeout: -1 }, 'InvalidValueError');
    await refused({ lockTimeout: '1; drop table accounts' }, 'InvalidValueError');
    await refused({ idleTimeout: 0.5 }, 'InvalidValueError');
    await refused({ retries: Number.NaN }, 'InvalidValueError');
    const session = new Session(engine);
    session.add(new Account({ id: 9, owner: 'Eve', balance: 0 }));
    await expect(session.transaction(work, { retries: 1 })).rejects.toThrow(/pending work/);
    expect(driver.calls).toEqual([]);
  });
});
