// `npm run faults` goes through all of it; a run of the suite, through a part.
import { randomInt, randomUUID } from 'node:crypto';
import {
  createAll,
  createEngine,
  createReceipts,
  declarativeBase,
  type Engine,
  insert,
  integer,
  isCinnabarError,
  type Outcome,
  receipts,
  select,
  Session,
  sql,
  text,
  update,
  uuid,
  type CinnabarError,
} from 'cinnabar';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { interactiveWays, ways, type Opened } from '../support/postgres-ways.ts';
import { startRtProxy, type RtProxy } from '../support/rt-proxy.ts';

const KILLS = Number(process.env['FAULT_KILLS'] ?? 60);
/** Bytes between one cut and the next. */
const STEP = Number(process.env['FAULT_STEP'] ?? 29);
const ACCOUNTS = 10;
const WORKERS = 4;
const TIMEOUT = 900_000;

const url = postgresDatabase();
const Model = declarativeBase();
class Account extends Model('accounts', { id: integer().primaryKey({ generated: false }), balance: integer() }) {}
class Transfer extends Model('transfers', {
  id: uuid().primaryKey(),
  source: integer(),
  target: integer(),
  amount: integer(),
  note: text().nullable(),
}) {}

const probe = select({ one: sql`1` });

/** How a transfer ended, as far as its program knows. */
type End = 'committed' | Outcome;

/** A driver behind a proxy that cuts, and an engine whose writes leave receipts. */
async function openBehindProxy(open: (typeof ways)[string]): Promise<Opened & { network: RtProxy; engine: Engine }> {
  const proxy = await startRtProxy({ target: url() });
  const through = new URL(url());
  through.port = String(proxy.port);
  const opened = await open(through.href, url());
  const engine = createEngine(opened.driver, { receipts: receipts() });
  await createAll(engine, Model.metadata);
  await createReceipts(engine);
  const close = async (): Promise<void> => {
    await opened.close();
    await proxy.close();
  };
  return { ...opened, close, engine, network: opened.proxy ?? proxy };
}

/** What became of a write, asked for until there is an answer. */
async function resolved(error: CinnabarError): Promise<End> {
  for (;;) {
    try {
      return await error.resolve();
    } catch (failed) {
      // The connection that asks may be killed as well.
      if (!isCinnabarError(failed)) throw failed;
    }
  }
}

describe.each(Object.entries(interactiveWays))('connections of %s that are killed at any moment', (_, open) => {
  let opened: Awaited<ReturnType<typeof openBehindProxy>>;
  beforeAll(async () => {
    opened = await openBehindProxy(open);
  });
  afterAll(() => opened.close());

  test('lose no transfer, double none, and leave none unresolved', { timeout: TIMEOUT }, async () => {
    await psql(url(), 'truncate accounts, transfers');
    const engine = opened.engine as Engine<true>;
    const accounts = Array.from({ length: ACCOUNTS }, (__, at) => ({ id: at + 1, balance: 1000 }));
    await engine.run(insert(Account).values(...accounts));
    const ends = new Map<string, End>();
    const counts = { unknown: 0, early: 0, killed: 0 };

    /** Read, decide, write: locked in the order of their keys, so that there are no deadlocks. */
    const byTransaction = async (id: string, source: number, target: number, amount: number): Promise<void> => {
      let isDone = false;
      try {
        await new Session(engine).transaction(async (session) => {
          const found = await session
            .query(Account)
            .where(Account.c.id.in([source, target]))
            .orderBy(Account.c.id)
            .forUpdate()
            .all();
          for (const account of found) account.balance += account.id === target ? amount : -amount;
          await session.flush();
          session.add(new Transfer({ id, source, target, amount }));
          isDone = true;
        });
      } catch (error) {
        if (isCinnabarError(error) && error.outcome === 'unknown' && !isDone) counts.early += 1;
        throw error;
      }
    };
    const byUnit = async (id: string, source: number, target: number, amount: number): Promise<void> => {
      const move = (account: number, by: number) =>
        update(Account)
          .set({ balance: Account.c.balance.plus(by) })
          .where(Account.c.id.eq(account));
      const moves = [move(source, -amount), move(target, amount)] as const;
      const [first, second] = source < target ? moves : [moves[1], moves[0]];
      await engine.batch([first, second, insert(Transfer).values({ id, source, target, amount })]);
    };
    const transfer = async (): Promise<void> => {
      const id = randomUUID();
      const source = randomInt(1, ACCOUNTS + 1);
      const target = (source % ACCOUNTS) + 1;
      const send = randomInt(2) === 0 ? byTransaction : byUnit;
      try {
        await send(id, source, target, randomInt(1, 50));
        ends.set(id, 'committed');
      } catch (error) {
        if (!isCinnabarError(error)) throw error;
        if (error.outcome === 'unknown') counts.unknown += 1;
        ends.set(id, error.outcome === 'unknown' ? await resolved(error) : error.outcome);
      }
    };
    const isOver = (): boolean => counts.killed >= KILLS;
    const worker = async (): Promise<void> => {
      while (!isOver()) await transfer();
    };
    const kill = async (): Promise<void> => {
      while (!isOver()) {
        // Some transfers go through in between.
        const before = ends.size;
        while (ends.size < before + randomInt(3)) await new Promise((resolve) => setImmediate(resolve));
        if (randomInt(2) === 0) {
          opened.network.inject({ on: randomInt(2) === 0 ? 'sent' : 'received', after: randomInt(2500), how: 'cut' });
          counts.killed += 1;
          continue;
        }
        const ended = await psql(
          url(),
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid() order by random() limit 1`,
        );
        counts.killed += ended.length;
      }
    };
    await Promise.all([kill(), ...Array.from({ length: WORKERS }, worker)]);
    opened.network.inject(undefined);

    const there = new Set((await psql(url(), 'select id::text from transfers')).map(([id]) => String(id)));
    const wrong = [...ends].filter(([id, end]) => (end === 'committed') !== there.has(id));
    const strangers = [...there].filter((id) => !ends.has(id));
    const drift = await psql(
      url(),
      `select a.id from accounts a where balance <> 1000
         + (select coalesce(sum(amount), 0) from transfers where target = a.id)
         - (select coalesce(sum(amount), 0) from transfers where source = a.id)`,
    );
    const [[total]] = (await psql(url(), 'select sum(balance)::int from accounts')) as [[number]];
    const of = (end: End): number => [...ends.values()].filter((value) => value === end).length;
    console.log(
      `${KILLS} kills under ${ends.size} transfers: ${of('committed')} committed, ${of('not committed')} not, ` +
        `${of('not sent')} not sent; ${counts.unknown} unknown at first, all resolved; ${wrong.length} wrong`,
    );
    expect({ wrong, strangers, drift, early: counts.early }).toEqual({ wrong: [], strangers: [], drift: [], early: 0 });
    expect(total).toBe(ACCOUNTS * 1000);
    expect(of('unknown')).toBe(0);
    expect(of('committed')).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(ways))('a commit by %s', (_, open) => {
  let opened: Awaited<ReturnType<typeof openBehindProxy>>;
  beforeAll(async () => {
    opened = await openBehindProxy(open);
  });
  afterAll(() => opened.close());

  test('that breaks at any byte, either way, is resolved by its receipt', { timeout: TIMEOUT }, async () => {
    await psql(url(), 'truncate transfers');
    const { engine, network } = opened;
    const counts: Partial<Record<End, number>> = {};
    let cuts = 0;
    let unknown = 0;
    for (const on of ['received', 'sent'] as const) {
      for (let after = 0; ; after += STEP) {
        const id = randomUUID();
        // A pool may hand out a connection that broke before.
        for (let tries = 0; tries < 20; tries++) if (await engine.all(probe).catch(() => undefined)) break;
        const session = new Session(engine);
        session.add(new Transfer({ id, source: 1, target: 2, amount: after, note: null }));
        network.inject({ on, after, how: 'cut' });
        let isAcknowledged = false;
        const end = await session.commit().then(
          (): End => {
            isAcknowledged = true;
            return 'committed';
          },
          async (error: unknown): Promise<End> => {
            network.inject(undefined);
            if (!isCinnabarError(error)) throw error;
            if (error.outcome !== 'unknown') return error.outcome;
            unknown += 1;
            return resolved(error);
          },
        );
        network.inject(undefined);
        const isThere = (await psql(url(), `select 1 from transfers where id = '${id}'`)).length === 1;
        expect(isThere, `${on} ${after}: ${end}`).toBe(end === 'committed');
        counts[end] = (counts[end] ?? 0) + 1;
        cuts += 1;
        if (isAcknowledged) break;
      }
    }
    console.log(`${cuts} cuts: ${JSON.stringify(counts)}, ${unknown} unknown at first, all resolved right`);
    expect(unknown).toBeGreaterThan(0);
  });
});
