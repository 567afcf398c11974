import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { within } from '../../src/driver/call.ts';
import type { CallOptions, Driver } from '../../src/driver/driver.ts';
import { runTransaction } from '../../src/driver/run-transaction.ts';
import { Turns } from '../../src/driver/turns.ts';
import { translate } from './errors.ts';
import { executeUnit, postgresCapabilities, postgresLimits, type Acquire } from './execute.ts';
import { strangerTo } from './request.ts';
import { ROLLBACK } from './send.ts';
import { resolveTransaction } from './resolve.ts';
import { PostgresTransaction } from './transaction.ts';
import type { Connection } from './wire.ts';

/** A query as clients of the family of `pg` take it. */
interface Query {
  readonly text: string;
  readonly values: unknown[];
  readonly rowMode: 'array';
  readonly types: { getTypeParser(): (text: string) => string };
}

interface QueryResult {
  readonly rows: unknown[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** A client of the family of `pg`, connected now or later. */
export interface FamilyClient {
  readonly pipeline?: boolean | undefined;
  query(query: Query): Promise<QueryResult | QueryResult[]>;
  on(event: 'error', listener: () => void): unknown;
  /** Its connection, where it is one of Node's: a stream that can hold back what is written. */
  readonly connection?: { readonly stream?: { cork?(): void; uncork?(): void } };
}

/** A pool of the family of `pg`. */
export interface FamilyPool {
  connect(): Promise<FamilyClient & { release(broken: boolean): void }>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect', listener: (client: FamilyClient) => void): unknown;
}

/** The driver on connections that `acquire` hands out. A unit is one round trip unless their client cannot send it so. */
export function interactiveDriver(name: string, acquire: Acquire, oneTrip = true): Driver<true> {
  return {
    name,
    interactive: true,
    dialect: postgresDialect,
    limits: postgresLimits,
    capabilities: { ...postgresCapabilities, interactive: true, cancel: false, oneTrip },
    execute: (unit, options) => executeUnit(acquire, unit, options),
    begin: async (options) => new PostgresTransaction(acquire, options),
    runTransaction,
    resolve: (id, options) => resolveTransaction(acquire, id, options),
    close: async () => {},
  };
}

/** Without a listener, the error of a connection that breaks ends the process; the next call finds out by itself. */
const ignore = (): void => {};

const watched = new WeakSet<object>();

/** Listens once, however many drivers are made of a pool: one for each request, perhaps. */
function watch(source: FamilyPool | FamilyClient): boolean {
  if (watched.has(source)) return false;
  watched.add(source);
  source.on('error', ignore);
  return true;
}

/** The driver on a pool, whose clients pipeline or do not. */
export function pooledDriver(name: string, pool: FamilyPool, pipelined: boolean): Driver<true> {
  // The end of a client may come with its beginning, before anybody has it, or when the pool listens to it no more.
  if (watch(pool)) pool.on('connect', watch);
  const acquire: Acquire = async (options) => {
    const client = await reach(options, () => pool.connect());
    watch(client);
    const stranger = strangerTo(client);
    if (stranger) {
      client.release(false);
      throw stranger;
    }
    return { ...connectionOf(client), release: (broken) => client.release(broken) };
  };
  return interactiveDriver(name, acquire, pipelined);
}

/** How long one waits for the only connection, in milliseconds. */
const PATIENCE = 5000;

/** Drivers of one client share its turns. */
const turnsOf = new WeakMap<FamilyClient, Turns>();

/** The driver on the only connection there is: one unit or transaction after the other. */
export function singleDriver(name: string, client: FamilyClient): Driver<true> {
  watch(client);
  const turns = turnsOf.get(client) ?? new Turns(PATIENCE);
  turnsOf.set(client, turns);
  const connection = connectionOf(client);
  /** What a call that was given up left behind is undone before the next has its turn. */
  const recover = (): void => void connection.query(ROLLBACK).then(pass, pass);
  const pass = (): void => turns.pass();
  const acquire: Acquire = async (options) => {
    const stranger = strangerTo(client);
    if (stranger) throw stranger;
    await turns.wait(options);
    return { ...connection, release: (broken) => (broken ? recover() : pass()) };
  };
  return interactiveDriver(name, acquire, client.pipeline === true);
}

/** Whatever fails before there is a connection, nothing was sent. A connection that comes too late goes back. */
async function reach<C extends { release(broken: boolean): void }>(
  options: CallOptions,
  connect: () => Promise<C>,
): Promise<C> {
  const coming = connect();
  try {
    return await within(options, 'not sent', () => coming);
  } catch (error) {
    coming.then((late) => late.release(false)).catch(ignore);
    throw translate(error, 'not sent');
  }
}

const types = { getTypeParser: () => (cell: string) => cell };

function connectionOf(client: FamilyClient): Omit<Connection, 'release'> {
  return {
    pipelined: client.pipeline === true,
    together: (ask) => {
      const stream = client.connection?.stream;
      stream?.cork?.();
      try {
        return ask();
      } finally {
        stream?.uncork?.();
      }
    },
    query: async ({ text, params }) => {
      const answer = await client.query({ text, values: [...params], rowMode: 'array', types });
      // Of several statements in one text there are several; the last one's is asked for.
      const { rows, rowCount, command } = [answer].flat().at(-1)!;
      return { rows: rows as (string | null)[][], changes: rowCount ?? 0, command };
    },
  };
}
