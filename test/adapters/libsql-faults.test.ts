import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Client, createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Driver, DriverTransaction, Unit } from '../../src/driver/driver.ts';
import { CinnabarError, type ErrorCode, type Outcome } from '../../src/errors/base.ts';
import { type Sqld, startSqld } from '../support/sqld.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const token = 'not-for-any-log';
const statement = (sql: string): Unit['statements'][number] => ({ sql, params: [] });
const write = (id: number): Unit => ({ statements: [statement(`insert into t values (${id})`)], mode: 'write' });
const read: Unit = { statements: [statement('select 1 as a')], mode: 'read' };
const reads: Unit = { statements: [...read.statements, ...read.statements], mode: 'read' };

interface Failure {
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly retryable: boolean;
}

/** How the work failed. */
async function failure(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CinnabarError)) throw new Error('not an error of Cinnabar', { cause: error });
  expect(inspect(error, { depth: 9 })).not.toContain(token);
  return { code: error.code, outcome: error.outcome, retryable: error.retryable };
}

const unknown: Failure = { code: 'CommitOutcomeUnknown', outcome: 'unknown', retryable: false };
const lost: Failure = { code: 'ConnectionLost', outcome: 'not committed', retryable: true };
const notSent: Failure = { code: 'ConnectionLost', outcome: 'not sent', retryable: true };

/** A server of its own with a table, the driver through a proxy, and a look at the table past it. */
interface Faulty extends AsyncDisposable {
  readonly server: Sqld;
  readonly proxy: FaultProxy;
  readonly driver: Driver<true>;
  has(id: number): Promise<boolean>;
}

async function startFaulty(): Promise<Faulty> {
  const server = await startSqld();
  const proxy = await startFaultProxy(server.url);
  const direct = createClient({ url: server.url });
  await direct.execute('create table t (id integer primary key)');
  return {
    server,
    proxy,
    driver: libsql(createClient({ url: `http://${proxy.address}`, authToken: token })),
    has: async (id) => {
      const { rows } = await direct.execute({ sql: 'select 1 from t where id = ?', args: [id] });
      return rows.length === 1;
    },
    [Symbol.asyncDispose]: async () => {
      direct.close();
      await proxy[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

let shared: Faulty;
let nextId = 0;

beforeAll(async () => {
  shared = await startFaulty();
});

afterAll(() => shared[Symbol.asyncDispose]());

async function begin(driver: Driver): Promise<DriverTransaction> {
  const tx = await driver.begin?.();
  if (!tx) throw new Error('the driver has no transactions');
  return tx;
}

const html = { kind: 'replace reply', type: 'text/html', body: '<h1>Bad gateway</h1>' } as const;
const json = { kind: 'replace reply', status: 200, type: 'application/json' } as const;

/** Faults after which nobody can say what became of the work. */
const silent: Readonly<Record<string, { fault: Fault; done: boolean }>> = {
  'the request is cut': { fault: { kind: 'cut request' }, done: false },
  'the reply is cut': { fault: { kind: 'cut reply' }, done: true },
  'the reply is truncated': { fault: { kind: 'truncate reply' }, done: true },
  'the reply is HTTP 500': { fault: { ...html, status: 500 }, done: true },
  'the reply is HTTP 502': { fault: { ...html, status: 502 }, done: true },
  'the reply is HTTP 503': { fault: { ...html, status: 503 }, done: true },
  'the reply is HTTP 408': { fault: { ...html, status: 408 }, done: true },
  'the reply is empty': { fault: { ...json, body: '' }, done: true },
  'the reply is not JSON': { fault: { ...json, body: '<html>' }, done: true },
  'the reply is other JSON': { fault: { ...json, body: '{"results":7}' }, done: true },
  'the reply lacks results': { fault: { ...json, body: '{"baton":null,"base_url":null,"results":[]}' }, done: true },
};

describe('over HTTP', () => {
  test.for(Object.entries(silent))(
    'when %s a write is unknown, and a read can be run again',
    async ([, { fault, done }]) => {
      const { driver } = shared;
      const id = ++nextId;
      shared.proxy.next(fault);
      expect(await failure(driver.execute(write(id)))).toEqual(unknown);
      expect(await shared.has(id)).toBe(done);
      for (const unit of [read, reads]) {
        shared.proxy.next(fault);
        expect(await failure(driver.execute(unit))).toEqual(lost);
      }
      await driver.execute(write(++nextId));
    },
  );

  test.for([
    [400, 'DatabaseError', false],
    [401, 'DatabaseError', false],
    [403, 'DatabaseError', false],
    [404, 'DatabaseError', false],
    [429, 'Overloaded', true],
  ] as const)('HTTP %d refuses, before anything ran', async ([status, code, retryable]) => {
    for (const unit of [write(++nextId), read]) {
      shared.proxy.next({ ...html, status });
      expect(await failure(shared.driver.execute(unit))).toEqual({ code, outcome: 'not committed', retryable });
    }
  });

  test('when nobody listens nothing was sent', async () => {
    const gone = await startFaultProxy(shared.server.url);
    await gone[Symbol.asyncDispose]();
    const driver = libsql(createClient({ url: `http://${gone.address}`, authToken: token }));
    for (const unit of [write(++nextId), read, reads]) expect(await failure(driver.execute(unit))).toEqual(notSent);
    const tx = await begin(driver);
    expect(await failure(tx.execute(read))).toEqual(notSent);
    expect(await failure((await begin(driver)).commit(write(++nextId).statements))).toEqual(notSent);
  });

  test('a closed client sends nothing', async () => {
    const client = createClient({ url: `http://${shared.proxy.address}` });
    client.close();
    expect(await failure(libsql(client).execute(write(++nextId)))).toEqual(notSent);
  });

  test('a call that is given up while the reply is held ends at once', async () => {
    const { driver } = shared;
    const started = Date.now();
    for (const [unit, outcome] of [
      [write(++nextId), 'unknown'],
      [read, 'not committed'],
    ] as const) {
      shared.proxy.next({ kind: 'hold reply' });
      const deadline = Date.now() + 50;
      const expected = { code: 'TimeoutError', outcome, retryable: false };
      expect(await failure(driver.execute(unit, { deadline }))).toEqual(expected);
      shared.proxy.next({ kind: 'hold reply' });
      const signal = AbortSignal.timeout(50);
      expect(await failure(driver.execute(unit, { signal }))).toEqual(expected);
    }
    expect(Date.now() - started).toBeLessThan(2000);
  });
});

describe('in a transaction over HTTP', () => {
  // A transaction that lost its client holds the server for seconds, so each test has its own.
  test.for(Object.entries(silent))('when %s before the commit, nothing is committed', async ([, { fault }]) => {
    await using own = await startFaulty();
    const tx = await begin(own.driver);
    const [before, during, after] = [++nextId, ++nextId, ++nextId];
    await tx.execute(write(before));
    own.proxy.next(fault);
    expect(await failure(tx.execute(write(during)))).toEqual(lost);
    const refused = { code: 'TransactionExpired', outcome: 'not sent', retryable: false };
    expect(await failure(tx.execute(write(after)))).toEqual(refused);
    expect(await failure(tx.commit(write(after).statements))).toEqual(refused);
    expect(await tx.rollback()).toEqual({ results: [], trips: 0 });
    for (const id of [before, during, after]) expect(await own.has(id)).toBe(false);
  });

  test.for(Object.entries(silent))('when %s at the commit, the outcome is unknown', async ([, { fault, done }]) => {
    await using own = await startFaulty();
    const tx = await begin(own.driver);
    const [before, last] = [++nextId, ++nextId];
    await tx.execute(write(before));
    own.proxy.next(fault);
    expect(await failure(tx.commit(write(last).statements))).toEqual(unknown);
    for (const id of [before, last]) expect(await own.has(id)).toBe(done);
  });

  test('a call that is given up ends the transaction', async () => {
    await using own = await startFaulty();
    const tx = await begin(own.driver);
    const id = ++nextId;
    await tx.execute(write(id));
    const late = { deadline: Date.now() - 1 };
    expect(await failure(tx.execute(read, late))).toMatchObject({ code: 'TimeoutError', outcome: 'not sent' });
    await tx.execute(read);
    own.proxy.next({ kind: 'hold reply' });
    const given = await failure(tx.execute(read, { deadline: Date.now() + 50 }));
    expect(given).toMatchObject({ code: 'TimeoutError', outcome: 'not committed' });
    expect(await failure(tx.commit([]))).toMatchObject({ code: 'TransactionExpired', outcome: 'not sent' });
    expect(await own.has(id)).toBe(false);
  });
});

describe('over WebSocket', () => {
  const open = (): { client: Client; driver: Driver<true> } => {
    const client = createClient({ url: `ws://${shared.proxy.address}`, authToken: token });
    return { client, driver: libsql(client) };
  };

  test.for(['cut request', 'cut reply', 'truncate reply'] as const)('%s: a write is unknown', async (kind) => {
    const { client, driver } = open();
    await driver.execute(read);
    const id = ++nextId;
    shared.proxy.next({ kind });
    expect(await failure(driver.execute(write(id)))).toEqual(unknown);
    if (kind === 'cut request') expect(await shared.has(id)).toBe(false);
    await driver.execute(read);
    shared.proxy.next({ kind });
    expect(await failure(driver.execute(reads))).toEqual(lost);
    await driver.execute(write(++nextId));
    client.close();
  });

  test('a transaction whose connection is cut commits nothing, and a cut commit is unknown', async () => {
    const { client, driver } = open();
    const [first, second, third] = [++nextId, ++nextId, ++nextId];
    const tx = await begin(driver);
    await tx.execute(write(first));
    shared.proxy.next({ kind: 'cut reply' });
    expect(await failure(tx.execute(write(second)))).toEqual(lost);
    expect(await failure(tx.commit([]))).toMatchObject({ code: 'TransactionExpired', outcome: 'not sent' });
    for (const id of [first, second]) expect(await shared.has(id)).toBe(false);
    const other = await begin(driver);
    await other.execute(read);
    shared.proxy.next({ kind: 'cut reply' });
    expect(await failure(other.commit(write(third).statements))).toEqual(unknown);
    client.close();
  });

  test('when nobody listens nothing was sent', async () => {
    const gone = await startFaultProxy(shared.server.url);
    await gone[Symbol.asyncDispose]();
    const client = createClient({ url: `ws://${gone.address}`, authToken: token });
    expect(await failure(libsql(client).execute(write(++nextId)))).toEqual(notSent);
    client.close();
  });
});

describe('transactions that the server ends', { timeout: 120_000 }, () => {
  test.concurrent.for(['url', 'wsUrl'] as const)('because another waited for five seconds (%s)', async (over) => {
    await using own = await startSqld();
    const [client, other] = [createClient({ url: own[over] }), createClient({ url: own[over] })];
    await client.execute('create table t (id integer primary key)');
    const tx = await begin(libsql(client));
    await tx.execute(write(1));
    await libsql(other).execute(write(2));
    const expired = { code: 'TransactionExpired', outcome: 'not committed', retryable: true };
    expect(await failure(tx.execute(write(3)))).toEqual(expired);
    // The server would run these outside of any transaction, and keep them.
    for (const call of [tx.execute(write(4)), tx.commit(write(5).statements)]) {
      expect(await failure(call)).toMatchObject({ code: 'TransactionExpired', outcome: 'not sent' });
    }
    await tx.rollback();
    const { rows } = await client.execute('select group_concat(id) as ids from t');
    expect(rows[0]?.['ids']).toBe('2');
    client.close();
    other.close();
  });
});

describe('without a network', () => {
  test('a second writer of a file is told to try again', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'cinnabar-busy-'));
    const url = `file:${join(dir, 'busy.db')}`;
    const [client, other] = [createClient({ url }), createClient({ url })];
    await client.execute('create table t (id integer primary key)');
    const tx = await begin(libsql(client));
    await tx.execute(write(1));
    const busy = { code: 'LockTimeout', outcome: 'not committed', retryable: true };
    expect(await failure(libsql(other).execute(write(2)))).toEqual(busy);
    const second = await begin(libsql(other));
    expect(await failure(second.execute(write(2)))).toEqual(busy);
    expect(await second.rollback()).toEqual({ results: [], trips: 0 });
    await tx.commit([]);
    client.close();
    other.close();
    await rm(dir, { recursive: true });
  });

  test('the one connection of a database in memory can be taken', async () => {
    const client = createClient({ url: ':memory:' });
    const driver = libsql(client);
    const tx = await begin(driver);
    await tx.execute(read);
    const taken = { code: 'LockTimeout', outcome: 'not sent', retryable: true };
    expect(await failure(driver.execute(read))).toEqual(taken);
    await tx.rollback();
    await driver.execute(read);
    client.close();
  });
});

test('an integer that a number cannot hold is refused, with the way out', async () => {
  for (const url of [':memory:', shared.server.url, shared.server.wsUrl]) {
    const client = createClient({ url });
    const big: Unit = { statements: [statement('select 9007199254740993 as n')], mode: 'read' };
    const expected = { code: 'InvalidValueError', message: expect.stringContaining('bigint()') };
    await expect(libsql(client).execute(big)).rejects.toMatchObject(expected);
    client.close();
  }
});
