import { createClient } from '@libsql/client';
import {
  bigint,
  boolean,
  bytes,
  createAll,
  createEngine,
  custom,
  declarativeBase,
  double,
  type Engine,
  enumeration,
  insert,
  integer,
  isCinnabarError,
  json,
  many,
  numeric,
  one,
  plainDate,
  Session,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { type RecordingDriver, recordingDriver } from 'cinnabar/testing';
import { afterAll } from 'vitest';

export const Model = declarativeBase();

/** One column of every type, relations in both directions. */
export class Account extends Model('accounts', {
  id: integer().primaryKey(),
  name: text(),
  note: text().nullable(),
  age: integer().nullable(),
  big: bigint().nullable(),
  rate: double().nullable(),
  price: numeric(10, 2).nullable(),
  active: boolean().default(true),
  born: plainDate().nullable(),
  seen: timestamp().nullable(),
  key: uuid().nullable(),
  role: enumeration('user', 'admin').default('user'),
  doc: json<unknown>().nullable(),
  data: bytes().nullable(),
  tags: custom<readonly string[], string>(text(), {
    read: (stored) => JSON.parse(stored) as string[],
    write: (tags) => {
      if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) throw new TypeError('no list of tags');
      return JSON.stringify(tags);
    },
  }).nullable(),
  bossId: integer().nullable().references('accounts.id'),
  get boss() {
    return one(Account, { by: 'bossId' }).nullable();
  },
  get team() {
    return many(Account, { by: 'bossId' });
  },
}) {}

/** All that a column's attribute can be named by. */
export const attributes = Object.keys(Account.c).filter((name) => name !== 'boss' && name !== 'team');

export interface Shop {
  readonly driver: RecordingDriver<true>;
  readonly engine: Engine<true>;
  session(): Session<true>;
  /** The error with which `work` fails before anything is sent; anything else is an error of the test. */
  refusal(work: () => unknown): Promise<unknown>;
}

/** A database of three accounts, behind a driver that records. */
export async function openShop(): Promise<Shop> {
  const client = createClient({ url: ':memory:' });
  afterAll(() => client.close());
  const driver = recordingDriver(libsql(client));
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  await engine.run(
    insert(Account).values(
      { id: 1, name: 'Ann', age: 40, rate: 1.5 },
      { id: 2, name: 'Bob', age: 20, bossId: 1 },
      { id: 3, name: 'Cy', bossId: 1 },
    ),
  );
  driver.clear();
  return {
    driver,
    engine,
    session: () => new Session(engine),
    async refusal(work) {
      driver.clear();
      let answer: unknown;
      try {
        answer = await work();
      } catch (error) {
        if (driver.calls.length > 0) throw new Error(`sent: ${driver.sql.join('; ')}`, { cause: error });
        if (isCinnabarError(error)) return error;
        throw error;
      }
      throw new Error(`expected a refusal, got ${JSON.stringify(answer)}; sent: ${driver.sql.join('; ')}`);
    },
  };
}

/** What no compiler would let pass: data from outside, where a program was careless. */
export function untyped(value: unknown): any {
  return value;
}
