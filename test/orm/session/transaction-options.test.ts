import {
  createAll,
  createEngine,
  declarativeBase,
  type Driver,
  type Engine,
  insert,
  integer,
  LockTimeout,
  select,
  Session,
  text,
  update,
} from 'cinnabar';
import { d1 } from 'cinnabar/d1';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { recordingDriver } from 'cinnabar/testing';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { libsqlFiles } from '../../support/libsql.ts';

const Model = declarativeBase();
class User extends Model('users', { id: integer().primaryKey(), name: text().unique() }) {}

const files = libsqlFiles();
const drivers: Record<string, () => Driver<true>> = {
  'libsql': files,
  'node-sqlite': () => nodeSqlite(new DatabaseSync(':memory:')),
};

async function opened(open: () => Driver<true>) {
  const driver = recordingDriver(open());
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  await engine.run(insert(User).values({ id: 1, name: 'Ann' }));
  driver.clear();
  return { driver, engine };
}
const names = async (engine: Engine): Promise<string[]> =>
  (await engine.all(select(User).orderBy(User.c.id))).map(({ name }) => name);

describe.each(Object.entries(drivers))('a transaction on %s', (_, open) => {
  test('is serializable, and nothing else', async () => {
    const { engine, driver } = await opened(open);
    const work = (session: Session<true>): Promise<User[]> => session.query(User).all();
    expect(await new Session(engine).transaction(work, { isolation: 'serializable' })).toHaveLength(1);
    driver.clear();
    for (const isolation of ['read committed', 'repeatable read'] as const) {
      await expect(new Session(engine).transaction(work, { isolation })).rejects.toMatchObject({
        code: 'CapabilityError',
        message: expect.stringContaining("it has 'serializable'") as string,
      });
    }
    // The client of libSQL begins a transaction that says it is read only, and writes in it all the same.
    for (const setting of [{ lockTimeout: 5 }, { readOnly: true }]) {
      await expect(new Session(engine).transaction(work, setting)).rejects.toMatchObject({
        code: 'CapabilityError',
        message: expect.stringContaining(Object.keys(setting)[0]!) as string,
      });
    }
    expect(driver.calls).toEqual([]);
  });

  test('of an engine commits what it did, in the round trips of its statements', async () => {
    const { engine, driver } = await opened(open);
    const before = engine.roundTrips;
    const result = await engine.transaction(async (tx) => {
      const [ann] = await tx.all(select(User));
      await tx.batch([
        update(User)
          .set({ name: `${ann!.name}a` })
          .where(User.c.id.eq(1)),
        select(User),
      ]);
      return ann!.id;
    });
    expect(result).toBe(1);
    expect(await names(engine)).toEqual(['Anna']);
    expect(driver.calls.map(({ kind }) => kind)).toEqual(['transaction', 'transaction', 'commit', 'unit']);
    expect(engine.roundTrips - before).toBe(4);
  });

  test('of an engine undoes everything when it fails, and is over then', async () => {
    const { engine } = await opened(open);
    let kept: Parameters<Parameters<typeof engine.transaction>[0]>[0] | undefined;
    const failure = new Error('mine');
    await expect(
      engine.transaction(async (tx) => {
        kept = tx;
        await tx.run(insert(User).values({ name: 'Bob' }));
        throw failure;
      }),
    ).rejects.toBe(failure);
    await expect(kept!.all(select(User))).rejects.toMatchObject({ code: 'ConfigurationError', outcome: 'not sent' });
    expect(await names(engine)).toEqual(['Ann']);
  });

  test('nested() takes no trip of its own, and undoes its part alone', async () => {
    const { engine, driver } = await opened(open);
    await engine.transaction(async (tx) => {
      await tx.nested(async () => {
        await tx.run(insert(User).values({ name: 'Bob' }));
        await tx.nested(() => tx.run(insert(User).values({ name: 'Cat' })));
      });
      expect(driver.calls).toHaveLength(2);
      await expect(tx.nested(() => tx.run(insert(User).values({ name: 'Bob' })))).rejects.toMatchObject({
        code: 'UniqueViolation',
      });
      await expect(
        tx.nested(async () => {
          await tx.nested(() => tx.run(insert(User).values({ name: 'Dan' })));
          throw new Error('mine');
        }),
      ).rejects.toThrow('mine');
      await tx.nested(async () => {});
    });
    expect(driver.calls.at(-1)).toMatchObject({ kind: 'commit', statements: [] });
    expect(await names(engine)).toEqual(['Ann', 'Bob', 'Cat']);
  });

  test('that ends while a savepoint is open is refused, and nothing is kept', async () => {
    const { engine } = await opened(open);
    const { promise, resolve } = Promise.withResolvers<void>();
    let nested: Promise<unknown> | undefined;
    await expect(
      engine.transaction(async (tx) => {
        await tx.run(insert(User).values({ name: 'Bob' }));
        nested = tx.nested(async () => {
          await promise;
          await tx.run(insert(User).values({ name: 'Cat' }));
        });
        nested.catch(() => undefined);
      }),
    ).rejects.toMatchObject({ code: 'SessionBusyError' });
    resolve();
    await expect(nested).rejects.toMatchObject({ outcome: 'not sent' });
    expect(await names(engine)).toEqual(['Ann']);
  });

  test('runs again on a fresh session, at most as often as it may, and the last error counts the tries', async () => {
    const { engine } = await opened(open);
    const seen: Session[] = [];
    const busy = async (session: Session<true>): Promise<void> => {
      seen.push(session);
      expect(await session.query(User).count()).toBe(1);
      session.add(new User({ name: `of ${seen.length}` }));
      await session.flush();
      throw new LockTimeout('busy', { retryable: true, outcome: 'not committed' });
    };
    await expect(new Session(engine).transaction(busy, { retries: 3, retryDelay: 0 })).rejects.toMatchObject({
      code: 'LockTimeout',
      attempts: 4,
      message: 'busy (tried 4 times)',
    });
    expect(new Set(seen).size).toBe(4);
    const failing = async (): Promise<void> => {
      seen.push(new Session(engine));
      throw new Error('of the program');
    };
    await expect(new Session(engine).transaction(failing, { retries: 3 })).rejects.toThrow('of the program');
    expect(seen).toHaveLength(5);
    expect(await names(engine)).toEqual(['Ann']);
  });

  test('never runs again when nobody knows what became of it', async () => {
    const { engine } = await opened(open);
    let tries = 0;
    const unknown = async (): Promise<void> => {
      tries += 1;
      throw new LockTimeout('busy', { retryable: true, outcome: 'unknown' });
    };
    await expect(engine.transaction(unknown, { retries: 3 })).rejects.toMatchObject({ outcome: 'unknown' });
    expect(tries).toBe(1);
  });

  test('a flush whose time is up sends nothing, and may be tried again', async () => {
    const { engine } = await opened(open);
    await new Session(engine).transaction(async (session) => {
      session.add(new User({ name: 'Bob' }));
      const late = session.flush({ deadline: Date.now() - 1 });
      await expect(late).rejects.toMatchObject({ code: 'TimeoutError', outcome: 'not sent' });
      await session.flush({ signal: new AbortController().signal });
      expect((await session.query(User).all()).map(({ name }) => name)).toEqual(['Ann', 'Bob']);
    });
    expect(await names(engine)).toEqual(['Ann', 'Bob']);
  });

  test('a signal ends it between two calls and in a pause', async () => {
    const { engine } = await opened(open);
    const controller = new AbortController();
    await expect(
      engine.transaction(
        async (tx) => {
          await tx.run(insert(User).values({ name: 'Bob' }));
          controller.abort();
        },
        { signal: controller.signal },
      ),
    ).rejects.toMatchObject({ code: 'TimeoutError', outcome: 'not sent' });
    const later = new AbortController();
    await expect(
      engine.transaction(
        async () => {
          later.abort();
          throw new LockTimeout('busy', { retryable: true, outcome: 'not committed' });
        },
        { signal: later.signal, retries: 1 },
      ),
    ).rejects.toMatchObject({ code: 'TimeoutError' });
    expect(await names(engine)).toEqual(['Ann']);
  });
});

test('an engine of D1 has none, in its type and at run time', async () => {
  const engine = createEngine(d1({ prepare: () => undefined } as never));
  // @ts-expect-error -- D1 has no interactive transactions
  const work = engine.transaction(async () => {});
  await expect(work).rejects.toMatchObject({ code: 'CapabilityError' });
});
