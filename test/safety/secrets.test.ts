import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { inspect } from 'node:util';
import { createClient } from '@libsql/client';
import {
  call,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  type Driver,
  type Engine,
  insert,
  integer,
  isCinnabarError,
  json,
  type LogEvent,
  select,
  Session,
  sql,
  text,
  update,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { d1Database } from './support/d1.ts';
import { Account, untyped } from './support/shop.ts';

// A secret in every place of a statement that then fails: the error, its stack, its JSON and what a log shows of it name
// columns and rules, and never the secret; nor does what an engine logs.

const Model = declarativeBase();
class Vault extends Model(
  'vaults',
  {
    id: integer().primaryKey(),
    name: text().unique(),
    note: text(),
    size: integer(),
    doc: json<unknown>().nullable(),
    ownerId: integer().nullable().references('vaults.id'),
  },
  { strict: true },
).constrain((c) => ({ checks: { named: c.note.ne('') } })) {}

const secret = (): string => `s3cret-${randomUUID()}`;
const drivers: Record<string, () => Promise<{ driver: Driver; close: () => unknown }>> = {
  'libsql': async () => {
    const client = createClient({ url: ':memory:' });
    return { driver: libsql(client), close: () => client.close() };
  },
  'node-sqlite': async () => {
    const database = new DatabaseSync(':memory:');
    return { driver: nodeSqlite(database), close: () => database.close() };
  },
  'd1': async () => {
    const worker = await d1Database();
    return { driver: worker.driver, close: () => worker[Symbol.asyncDispose]() };
  },
};

/** All that a program or a log may show of an error, the error that it came of included. */
function shown(error: unknown): string {
  const causes: unknown[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) causes.push(at);
  return causes
    .flatMap((at) => [String(at), (at as Error).stack, JSON.stringify(at), inspect(at, { depth: 9, showHidden: true })])
    .join('\n');
}

const QUOTED = 'a path of JSON that is none';

/** What fails in the database, by its code. Each statement has the secret as a value. */
const failing: Record<string, [code: string | RegExp, (engine: Engine, hidden: string) => Promise<unknown>]> = {
  'a value that is there already': [
    'UniqueViolation',
    async (engine, hidden) => {
      await engine.run(insert(Vault).values({ name: hidden, note: hidden, size: 1 }));
      return engine.run(insert(Vault).values({ name: hidden, note: hidden, size: 1 }));
    },
  ],
  'a check': [
    'CheckViolation',
    (engine, hidden) => engine.run(insert(Vault).values({ name: hidden, note: '', size: 1, doc: { a: hidden } })),
  ],
  'a key to nowhere': [
    'ForeignKeyViolation',
    (engine, hidden) => engine.run(insert(Vault).values({ name: hidden, note: hidden, size: 1, ownerId: 999 })),
  ],
  'NULL by an expression': [
    'NotNullViolation',
    (engine, hidden) =>
      engine.run(insert(Vault).values({ name: hidden, note: untyped(sql`nullif(${hidden}, ${hidden})`), size: 1 })),
  ],
  'a text where a number is stored': [
    'InvalidValueError',
    (engine, hidden) => engine.run(insert(Vault).values({ name: hidden, note: hidden, size: untyped(sql`${hidden}`) })),
  ],
  [QUOTED]: [
    'DatabaseError',
    (engine, hidden) => engine.all(select({ v: call('json_extract', text(), '{}', hidden) })),
  ],
  'JSON that is none': [
    'DatabaseError',
    (engine, hidden) => engine.all(select({ v: call('json', text(), `{${hidden}`) })),
  ],
  'a unit of work': [
    /Violation$/,
    async (engine, hidden) => {
      const session = new Session(engine);
      session.addAll([
        new Vault({ name: hidden, note: hidden, size: 1 }),
        new Vault({ name: hidden, note: hidden, size: 2 }),
      ]);
      await session.commit();
    },
  ],
  'an update of many': [
    'UniqueViolation',
    async (engine, hidden) => {
      await engine.run(
        insert(Vault).values(
          { name: `${hidden}1`, note: hidden, size: 1 },
          { name: `${hidden}2`, note: hidden, size: 1 },
        ),
      );
      return engine.run(update(Vault).set({ name: hidden }).where(Vault.c.note.eq(hidden)));
    },
  ],
};

describe.for(Object.keys(drivers))('on %s', (name) => {
  let engine: Engine;
  let close: () => unknown;
  const log: LogEvent[] = [];
  beforeAll(async () => {
    const opened = await drivers[name]!();
    engine = createEngine(opened.driver, { log: (event) => log.push(event) });
    ({ close } = opened);
    await createAll(engine, Model.metadata);
  }, 60_000);
  afterAll(() => close());

  test.for(Object.entries(failing))('%s', async ([what, [code, fail]]) => {
    const hidden = secret();
    log.length = 0;
    const error: unknown = await fail(engine, hidden).catch((caught: unknown) => caught);
    expect(isCinnabarError(error), String(error)).toBe(true);
    if (typeof code === 'string') expect(error).toMatchObject({ code });
    else expect((error as { code: string }).code).toMatch(code);
    const own = { ...(error as object), cause: undefined };
    expect([String(error), (error as Error).stack, JSON.stringify(error), inspect(own)].join('\n')).not.toContain(
      hidden,
    );
    // SQLite quotes a path of JSON that it could not read, and the error of the driver is its own.
    if (what !== QUOTED) expect(shown(error)).not.toContain(hidden);
    expect(log.at(-1)!.error).toBe(error);
    expect(JSON.stringify(log)).not.toContain(hidden);
  });
});

describe('before anything is sent', () => {
  const columns = Object.keys(Account.c).filter((attribute) => attribute !== 'boss' && attribute !== 'team');

  test.for(columns)('%s', async (attribute) => {
    const column = untyped(Account.c)[attribute];
    const hidden = secret();
    const wrong: unknown[] = [
      { [hidden]: hidden },
      [hidden],
      new Map([[hidden, hidden]]),
      Symbol(hidden),
      `${hidden}\0`,
      `${hidden}\ud800`,
    ];
    if (!['name', 'note', 'doc'].includes(attribute)) wrong.push(hidden);
    for (const value of wrong) {
      for (const use of [
        () => column.eq(value),
        () => column.in([value]),
        () => column.between(value, value),
        () => select(Account).filterBy(untyped({ [attribute]: value })),
        () => insert(Account).values(untyped({ name: 'x', [attribute]: value })),
        () => update(Account).set(untyped({ [attribute]: value })),
        () => Reflect.construct(Account, [{ name: 'x', [attribute]: value }]),
      ]) {
        let error: unknown;
        try {
          use();
        } catch (caught) {
          error = caught;
        }
        // A JSON document takes objects, and a type of one's own what it writes.
        if (error === undefined && ['doc', 'tags'].includes(attribute)) continue;
        if (error === undefined && /construct/.test(use.toString())) continue;
        expect(isCinnabarError(error), String(error)).toBe(true);
        expect(shown(error)).not.toContain(hidden);
      }
    }
  });
});

test('credentials of a client', async () => {
  const hidden = secret();
  for (const url of ['http://127.0.0.1:1', 'ws://127.0.0.1:1']) {
    const client = createClient({ url, authToken: hidden });
    const log: LogEvent[] = [];
    const engine = createEngine(libsql(client), { log: (event) => log.push(event) });
    const error: unknown = await engine
      .run(deleteFrom(Vault).where(Vault.c.name.eq(hidden)))
      .catch((caught: unknown) => caught);
    expect(isCinnabarError(error), String(error)).toBe(true);
    expect(shown(error)).not.toContain(hidden);
    expect(JSON.stringify(log)).not.toContain(hidden);
    expect(inspect(engine, { depth: 1 })).not.toContain(hidden);
    client.close();
  }
});
