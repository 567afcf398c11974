import type { Dialect } from '../../compiler/dialect.ts';
import type { Statement, WireValue } from '../../compiler/statement.ts';
import { checksumOf } from '../revisions/checksum.ts';
import type { Revision } from '../revisions/revision.ts';
import { VERSION } from '../version.ts';
import type { RunningHooks } from './hooks.ts';

/** The table of what has been applied, and that of who is applying. */
export const LEDGER = 'cinnabar_revisions';
export const LEASE = 'cinnabar_lease';

/** A row of the ledger: a revision that was applied, or is half applied or half taken back. */
export interface LedgerRow {
  readonly id: string;
  readonly checksum: string;
  /** The digest of the code of its data steps, where it ran from a file. */
  readonly source: string | undefined;
  readonly direction: 'up' | 'down';
  /** Parts that are done, and of how many. */
  readonly step: number;
  readonly steps: number;
  /** Whether the part after those was begun, where that is no unit. */
  readonly begun: boolean;
  readonly startedAt: string;
  /** Undefined while it is half done. */
  readonly finishedAt: string | undefined;
  readonly tool: string;
}

/** Writes a value into a statement: as a parameter, or as text for a file. */
export type Place = (value: WireValue) => string;

const COLUMNS = 'id, checksum, source, direction, step, steps, begun, started_at, finished_at, tool';

export const CREATE_LEDGER: string =
  `create table if not exists ${LEDGER} (id text not null primary key, checksum text not null, source text, ` +
  `dialect text not null, direction text not null, step integer not null, steps integer not null, ` +
  `begun integer not null default 0, started_at text not null, finished_at text, tool text not null)`;
export const CREATE_LEASE: string = `create table if not exists ${LEASE} (id integer not null primary key, owner text not null, expires bigint not null)`;
export const READ_LEDGER: string = `select ${COLUMNS} from ${LEDGER} order by started_at, id`;

/** A statement whose values are parameters. */
export function bound(dialect: Dialect, text: (value: Place) => string): Statement {
  const params: WireValue[] = [];
  const sql = text((value) => dialect.placeholder(params.push(value)));
  return { sql, params };
}

export function plain(sql: string): Statement {
  return { sql, params: [] };
}

export function toLedgerRow(cells: readonly unknown[]): LedgerRow {
  const [id, checksum, source, direction, step, steps, begun, startedAt, finishedAt, tool] = cells;
  const optional = (cell: unknown): string | undefined => (typeof cell === 'string' ? cell : undefined);
  return {
    id: String(id),
    checksum: String(checksum),
    source: optional(source),
    direction: direction === 'down' ? 'down' : 'up',
    step: Number(step),
    steps: Number(steps),
    begun: Number(begun) > 0,
    startedAt: String(startedAt),
    finishedAt: optional(finishedAt),
    tool: String(tool),
  };
}

/** What the ledger is told of a revision. */
export interface Entry {
  readonly id: string;
  readonly checksum: string;
  readonly source: string | undefined;
  readonly steps: number;
  readonly tool: string;
}

/** What the ledger keeps of a revision of so many parts. */
export async function entryOf(revision: Revision, steps = 1): Promise<Entry> {
  const { id, source } = revision;
  return { id, checksum: await checksumOf(revision), source, steps, tool: VERSION };
}

/** The statements that note a whole revision as applied. */
export async function appliedRows(revision: Revision, dialect: Dialect, hooks: RunningHooks): Promise<Statement[]> {
  const entry = await entryOf(revision);
  return [
    bound(dialect, (value) => insertRow(entry, dialect.name, hooks, value)),
    bound(dialect, (value) => advanceRow(revision.id, entry.steps, true, hooks, value)),
  ];
}

/** Begins the row of a revision. It is finished by `advanceRow`. */
export function insertRow(entry: Entry, dialect: string, hooks: RunningHooks, place: Place): string {
  const { id, checksum, source, steps, tool } = entry;
  const values = [place(id), place(checksum), place(source ?? null), place(dialect), `'up'`, '0', String(steps), '0'];
  return (
    `insert into ${LEDGER} (id, checksum, source, dialect, direction, step, steps, begun, started_at, tool) ` +
    `values (${[...values, hooks.instant, place(tool)].join(', ')})`
  );
}

/** Turns the row of an applied revision into that of one which is being taken back. */
export function reverseRow(id: string, steps: number, place: Place): string {
  return `update ${LEDGER} set direction = 'down', step = 0, steps = ${steps}, begun = 0, finished_at = null where id = ${place(id)}`;
}

/** Notes how many parts are done. */
export function advanceRow(id: string, step: number, isLast: boolean, hooks: RunningHooks, place: Place): string {
  const finished = isLast ? `, finished_at = ${hooks.instant}` : '';
  return `update ${LEDGER} set step = ${step}, begun = 0${finished} where id = ${place(id)}`;
}

/** Notes that the next part is begun, which is no unit. */
export function beginPart(id: string, place: Place): string {
  return `update ${LEDGER} set begun = 1 where id = ${place(id)}`;
}

export function deleteRow(id: string, place: Place): string {
  return `delete from ${LEDGER} where id = ${place(id)}`;
}
