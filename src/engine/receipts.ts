import type { CallOptions } from '../driver/driver.ts';
import type { Column } from '../schema/column.ts';
import { text, timestamp } from '../schema/columns.ts';
import { MetaData } from '../schema/metadata.ts';
import { dateAdd, now } from '../sql/functions/date.ts';
import { sql } from '../sql/functions/sql-tag.ts';
import { table, type Table } from '../sql/table.ts';
import { deleteFrom } from '../sql/write.ts';
import type { Engine } from './engine.ts';
import type { Receipts } from './receipt.ts';
import { createAll } from './schema.ts';
import { WriteReceipt } from './write-receipt.ts';

/** The columns of the table of receipts. */
export interface ReceiptColumns {
  id: Column<string, 'key'>;
  state: Column<string>;
  keys: Column<string, 'optional'>;
  madeAt: Column<Date, 'optional'>;
}

export type ReceiptsTable = Table<'cinnabar_receipts', ReceiptColumns>;

/**
 * The table of receipts, `cinnabar_receipts`, in a metadata: for programs whose migrations create their tables.
 *
 * @example
 * receiptsTable(Model.metadata)
 * // create table "cinnabar_receipts" ("id" text … primary key, "state" text not null, "keys" text not null, "made_at" …)
 */
export function receiptsTable(metadata: MetaData = new MetaData()): ReceiptsTable {
  const columns: ReceiptColumns = {
    /** Made by the program, for one write. */
    id: text().primaryKey(),
    /** `done`: the write is stored. `void`: it never will be. */
    state: text(),
    /** The keys that the database made for it. */
    keys: text().defaultSql(sql`''`),
    madeAt: timestamp().defaultSql(now()),
  };
  return table('cinnabar_receipts', columns, { metadata });
}

let kept: ReceiptsTable | undefined;
const ledger = (): ReceiptsTable => (kept ??= receiptsTable());

/** Creates the table of receipts where it is not there yet. */
export function createReceipts(engine: Engine): Promise<void> {
  return createAll(engine, ledger().metadata);
}

/** A day, in milliseconds. */
const DAY = 86_400_000;

/**
 * Deletes receipts that are older than a time in milliseconds, a day unless told, and says how many. What became of a write
 * cannot be found out any more when its receipt is gone: keep them for longer than anyone tries.
 *
 * @example
 * await pruneReceipts(engine, { olderThan: 3_600_000 })
 * // delete from "cinnabar_receipts" where "cinnabar_receipts"."made_at" < …
 */
export async function pruneReceipts(
  engine: Engine,
  { olderThan = DAY, ...options }: CallOptions & { readonly olderThan?: number } = {},
): Promise<number> {
  const { c } = ledger();
  const before = dateAdd(now(), { seconds: -Math.ceil(olderThan / 1000) });
  return engine.run(deleteFrom(ledger()).where(c.madeAt.lt(before)), { ...options, receipt: false });
}

/**
 * Lets the writes of an engine leave receipts: a row each in `cinnabar_receipts`, in the same atomic unit. When the reply
 * to a write is lost, `error.resolve()` tells by it whether the write was stored, and the session goes on accordingly.
 *
 * @param options `always: false`: only writes that ask for it by `{ receipt: true }`.
 * @example
 * const engine = createEngine(d1(env.DB), { receipts: receipts() })
 * await createReceipts(engine)
 * try { await session.commit() } catch (error) {
 *   if (!isCinnabarError(error) || !error.resolvable) throw error
 *   if ((await error.resolve()) === 'not committed') await session.commit()
 * }
 */
export function receipts({ always = true }: { readonly always?: boolean } = {}): Receipts {
  return { always, issue: (engine) => new WriteReceipt(engine, ledger()) };
}
