import { decodeCell } from '../compiler/decode.ts';
import type { UnitReceipt } from '../compiler/unit/unit-receipt.ts';
import type { CallOptions, Statement, UnitResult } from '../driver/driver.ts';
import { isCinnabarError, setFinder, type Found, type Resolution } from '../errors/base.ts';
import type { Table } from '../schema/table.ts';
import { select } from '../sql/entity-select.ts';
import { ATOM, expressionOf, selectOf } from '../sql/expression.ts';
import { insert } from '../sql/insert.ts';
import { Opaque } from '../sql/opaque.ts';
import { update, writeOf, type AnyWrite } from '../sql/write.ts';
import { textType } from '../types/scalar.ts';
import type { EngineCore } from './engine.ts';
import { lostAnswers, type MadeKeys } from './lost-answers.ts';
import type { LostUnit, Receipt } from './receipt.ts';
import type { ReceiptsTable } from './receipts.ts';

/** The row of one write in the table of receipts. */
export class WriteReceipt implements Receipt {
  readonly #engine: EngineCore;
  readonly #table: ReceiptsTable;
  readonly #id = crypto.randomUUID();
  readonly #inserts: { readonly table: Table; readonly rows: number }[] = [];

  constructor(engine: EngineCore, table: ReceiptsTable) {
    this.#engine = engine;
    this.#table = table;
  }

  /** Drawn keys are known to the end; others are those of the insert just before. */
  get #isDrawn(): boolean {
    return this.#engine.driver.dialect.unit.keys.drawn !== undefined;
  }

  readonly unit: UnitReceipt = {
    begin: () => {
      this.#inserts.length = 0;
      return this.#isDrawn ? [] : [this.#row()];
    },
    made: (inserted, rows) => {
      this.#inserts.push({ table: inserted, rows });
      if (this.#isDrawn) return [];
      const { dialect } = this.#engine.driver;
      const key = dialect.unit.lastKey(dialect.quote(inserted.generatedKey!.name));
      const { c } = this.#table;
      const pieces = [expressionOf(c.keys, 'keys'), ` || ${key} || ';'`];
      const keys = new Opaque(pieces, textType, ATOM);
      return [this.#write(update(this.#table).set({ keys }).where(c.id.eq(this.#id)))];
    },
    end: (kept) => (this.#isDrawn ? [this.#row(kept)] : []),
  };

  #write(write: AnyWrite): Statement {
    return this.#engine.prepare(writeOf(write, 'receipt'));
  }

  #row(kept: readonly string[] = []): Statement {
    const noted = kept.map((keys) => `cast(${keys} as text) || ';'`).join(' || ');
    const keys = (noted === '' ? '' : new Opaque([noted], textType, ATOM)) as string;
    return this.#write(insert(this.#table).values({ id: this.#id, state: 'done', keys }));
  }

  async seal(
    statements: readonly Statement[],
    send: (statements: readonly Statement[]) => Promise<UnitResult>,
  ): Promise<UnitResult> {
    try {
      const { results, trips } = await send([...statements, this.#row()]);
      return { results: results.slice(0, -1), trips };
    } catch (error) {
      this.lost(error);
      throw error;
    }
  }

  lost(error: unknown, unit?: LostUnit): void {
    if (!isCinnabarError(error)) return;
    if (error.outcome !== 'unknown') {
      if (error.code === 'DatabaseError' && mentions(error.cause, 'cinnabar_receipts'))
        error.message += '. Receipts need their table: createReceipts(engine) makes it';
      return;
    }
    setFinder(error, async (options = {}) => {
      const { resolution, keys } = await this.#find(options);
      return { resolution, settle: this.#settle(resolution, keys, unit, options) } as Found;
    });
  }

  #settle(resolution: Resolution, keys: string, unit: LostUnit | undefined, options: CallOptions): Found['settle'] {
    if (resolution !== 'committed' || !unit) return undefined;
    return async () => unit.settle(await lostAnswers(this.#engine, unit, this.#keysOf(keys), options));
  }

  /**
   * Whether the write was stored. Where its receipt is not there, another takes its place, so that the write can never be
   * stored from then on; where it is being written, the database waits for that to end.
   */
  async #find(options: CallOptions): Promise<{ readonly resolution: Resolution; readonly keys: string }> {
    const { c } = this.#table;
    const statements = [
      this.#write(insert(this.#table).values({ id: this.#id, state: 'void' }).onConflict('id').ignore()),
      this.#engine.prepare(
        selectOf(select({ state: c.state, keys: c.keys }).from(this.#table).where(c.id.eq(this.#id)), 'receipt'),
      ),
    ];
    for (let tries = 1; ; tries++) {
      try {
        const { results } = await this.#engine.execute({ statements, mode: 'write' }, options);
        const [state, keys] = results[1]!.rows[0]!;
        return { resolution: state === 'done' ? 'committed' : 'not committed', keys: String(keys) };
      } catch (error) {
        // The same again is safe, whatever became of it.
        const isAgain = isCinnabarError(error) && (error.retryable || error.code === 'CommitOutcomeUnknown');
        if (!isAgain || tries === TRIES) throw error;
      }
    }
  }

  /** The keys of each table, in the order of its rows. */
  #keysOf(noted: string): MadeKeys {
    const { dialect } = this.#engine.driver;
    const keys = new Map<Table, unknown[]>();
    const parts = noted.split(';').slice(0, -1);
    const decode = (table: Table, part: string): unknown => {
      const column = table.generatedKey!;
      const codec = dialect.codec(column.type);
      return decodeCell(codec, codec.read || dialect.typedParameters ? part : Number(part), column);
    };
    if (this.#isDrawn) {
      const tables = [...new Set(this.#inserts.map((made) => made.table))];
      for (const [at, table] of tables.entries())
        keys.set(
          table,
          parts[at]!.slice(1, -1)
            .split(',')
            .map((part) => decode(table, part)),
        );
      return keys;
    }
    for (const [at, { table, rows }] of this.#inserts.entries()) {
      const last = decode(table, parts[at]!) as number | bigint;
      const own = Array.from({ length: rows }, (_, place) => {
        const before = rows - 1 - place;
        return typeof last === 'bigint' ? last - BigInt(before) : last - before;
      });
      keys.set(table, [...(keys.get(table) ?? []), ...own]);
    }
    return keys;
  }
}

/** How often the answer is asked for, where the connection breaks again. */
const TRIES = 5;

function mentions(cause: unknown, name: string): boolean {
  return cause instanceof Error && cause.message.includes(name);
}
