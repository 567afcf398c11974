import type { Statement } from '../../compiler/statement.ts';
import type { EngineCore } from '../../engine/engine.ts';
import type { DriverTransaction, UnitResult } from '../../driver/driver.ts';
import { CinnabarError, isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError, LockTimeout } from '../../errors/errors.ts';
import type { Operation } from '../operations/operation.ts';
import type { Revision } from '../revisions/revision.ts';
import { isApart, isData, stepsFor, type ApartStep, type DataStep } from '../revisions/steps.ts';
import { consentRequired, unnamed } from './consent.ts';
import { CollectedData, dataWithin } from './data-step.ts';
import { hooksOf, type RunningHooks } from './hooks.ts';
import { patiently, release, renew } from './lease.ts';
import {
  advanceRow,
  beginPart,
  bound,
  deleteRow,
  entryOf,
  insertRow,
  LEASE,
  LEDGER,
  plain,
  reverseRow,
  type LedgerRow,
  type Place,
} from './ledger.ts';
import { isOperations, partsOf, runsOf, type Part } from './parts.ts';
import type { Progress } from './progress.ts';
import { renderOperations } from './rendering.ts';
import { guardFailure } from '../sqlite/guard-failure.ts';

/** What all revisions of a run share. */
export interface Run {
  readonly core: EngineCore;
  readonly owner: string;
  readonly wait: number;
  readonly signal: AbortSignal | undefined;
  readonly consent: ReadonlySet<string>;
  readonly resume: 'done' | 'again' | undefined;
  readonly report: (progress: Progress) => void;
}

/** The ledger is not as it was read: another runner was faster, or an earlier attempt arrived after all. */
export class LedgerMoved extends Error {}

const MOVED = 'cinnabar:migrate:moved';
const LOST = 'cinnabar:migrate:lease';

/** One revision on its way up or down. */
export class RevisionRun {
  readonly #run: Run;
  readonly #revision: Revision;
  readonly #direction: 'up' | 'down';
  readonly #parts: readonly Part[];
  readonly #hooks: RunningHooks;
  /** Whether the lease goes with the last part. */
  readonly #releases: boolean;

  constructor(run: Run, revision: Revision, direction: 'up' | 'down', releases: boolean) {
    const { driver } = run.core;
    this.#run = run;
    this.#revision = revision;
    this.#direction = direction;
    this.#parts = partsOf(
      stepsFor((direction === 'up' ? revision.up : revision.down) ?? [], driver.dialect.name),
      driver.interactive,
    );
    this.#hooks = hooksOf(driver.dialect);
    this.#releases = releases;
  }

  /** Runs what is left of the revision. `row`: how far an earlier run came. */
  async go(row: LedgerRow | undefined): Promise<void> {
    for (let at = row?.step ?? 0; at < this.#parts.length; at++) {
      const part = this.#parts[at]!;
      const isBegun = row?.step === at;
      this.#run.report({
        kind: 'part',
        revision: this.#revision.id,
        part: at + 1,
        of: this.#parts.length,
        what: describe(part),
      });
      if (part.kind === 'unit') await this.#unit(part.steps, at, isBegun);
      else await this.#alone(part.step, at, isBegun ? row : undefined);
    }
  }

  async #unit(steps: readonly (Operation | DataStep)[], at: number, isBegun: boolean): Promise<void> {
    const { core } = this.#run;
    const before = [...this.#opening(at, isBegun), ...(isBegun || at > 0 ? [] : [await this.#enter()])];
    const after = this.#closing(at);
    const [first] = steps;
    if (core.interactive && steps.some(isData)) return this.#transaction(before, steps, after);
    const collected = first && isData(first) ? first : undefined;
    await this.#attempt(async () => {
      const data = new CollectedData(core);
      await collected?.run(data);
      const operations = steps.filter((step) => !isData(step));
      const own = (await this.#rendered(core, operations)).map(plain);
      return core.execute({ mode: 'write', statements: [...before, ...data.writes, ...own, ...after] });
    });
  }

  /** Everything in one transaction, which the data steps read and write in. */
  async #transaction(
    before: readonly Statement[],
    steps: readonly (Operation | DataStep)[],
    after: readonly Statement[],
  ): Promise<void> {
    const { core } = this.#run;
    await this.#attempt(async () => {
      const transaction = await core.driver.begin!();
      const send = (statements: readonly Statement[]): Promise<UnitResult> =>
        core.watch({ mode: 'write', statements }, () => transaction.execute({ mode: 'write', statements }));
      const within = engineWithin(core, transaction);
      try {
        const waiting = [...before];
        for (const run of runsOf(steps)) {
          const isPlain = isOperations(run) && run.every(({ kind }) => kind === 'sql');
          if (waiting.length > 0 && !isPlain) await send(waiting.splice(0));
          if (isOperations(run)) waiting.push(...(await this.#rendered(within, run)).map(plain));
          else await run.run(dataWithin(within));
        }
        const last = [...waiting, ...after];
        return await core.watch({ mode: 'write', statements: last }, () => transaction.commit(last));
      } catch (error) {
        await transaction.rollback().catch(() => undefined);
        throw error;
      }
    });
  }

  /** A statement that no transaction takes, between two notes in the ledger. */
  async #alone(step: ApartStep | Operation, at: number, row: LedgerRow | undefined): Promise<void> {
    const { core } = this.#run;
    const { dialect } = core.driver;
    const { sql, done, clean } = isApart(step)
      ? { ...step, sql: [step.sql] }
      : { sql: undefined, ...probeOf(step, (name) => dialect.quote(name)) };
    const note = bound(dialect, (value) => beginPart(this.#revision.id, value));
    if (!row?.begun) {
      const enter = row || at > 0 ? [] : [await this.#enter()];
      const opening = [...this.#opening(at, row !== undefined), ...enter, note];
      await this.#attempt(() => core.execute({ mode: 'write', statements: opening }));
    } else if (await this.#isDone(done, at)) {
      return this.#attempt(() =>
        core.execute({ mode: 'write', statements: [...this.#opening(at, true), ...this.#closing(at)] }),
      );
    } else if (clean !== undefined) {
      await core.execute({ mode: 'write', statements: [plain(clean)] });
    }
    const texts = sql ?? (await this.#rendered(core, [step as Operation]));
    for (const text of texts) await this.#explained(() => core.execute({ mode: 'write', statements: [plain(text)] }));
    await this.#attempt(() =>
      core.execute({ mode: 'write', statements: [...this.#opening(at, true), ...this.#closing(at)] }),
    );
  }

  /** Whether a statement that was begun has been done, by its own probe or by what a person says. */
  async #isDone(done: string | undefined, at: number): Promise<boolean> {
    const { core, resume } = this.#run;
    if (resume) return resume === 'done';
    if (done !== undefined) {
      const { results } = await core.execute({ mode: 'read', statements: [plain(done)] });
      const cell = results[0]?.rows[0]?.[0];
      return cell === true || cell === 't' || cell === 'true' || Number(cell) > 0;
    }
    const { id } = this.#revision;
    const command = this.#direction === 'up' ? `upgrade ${id}` : `downgrade`;
    throw new ConfigurationError(
      `revision '${id}' was cut off in step ${at + 1} of ${this.#parts.length} (${describe(this.#parts[at]!)}), which is no unit and may have been done: look, then \`cinnabar ${command} --resume done\`, or \`--resume again\` to run it once more`,
    );
  }

  /** Goes first in each part: it fails unless this runner may go on, and the ledger is as it was read. */
  #opening(at: number, isBegun: boolean): Statement[] {
    const { core, owner, wait } = this.#run;
    const { dialect } = core.driver;
    const guard = bound(dialect, (value) => {
      const row = this.#expected(at, isBegun, value);
      return dialect.unit.fail(
        `case when not exists (select 1 from ${LEASE} where id = 1 and owner = ${value(owner)}) then '${LOST}' when ${row} then '${MOVED}' end`,
      );
    });
    const { lock, patience } = this.#hooks;
    return [...(lock ? [plain(lock)] : []), ...(patience ? [plain(patience(wait))] : []), guard];
  }

  /** SQL for whether the row of the revision is another than expected. */
  #expected(at: number, isBegun: boolean, value: Place): string {
    const row = `select 1 from ${LEDGER} where id = ${value(this.#revision.id)}`;
    if (at > 0 || isBegun) {
      return `not exists (${row} and direction = '${this.#direction}' and step = ${at} and finished_at is null)`;
    }
    return this.#direction === 'up' ? `exists (${row})` : `not exists (${row} and finished_at is not null)`;
  }

  /** Notes that the revision is under way. */
  async #enter(): Promise<Statement> {
    const { core } = this.#run;
    const revision = this.#revision;
    const { dialect } = core.driver;
    const steps = this.#parts.length;
    if (this.#direction === 'down') return bound(dialect, (value) => reverseRow(revision.id, steps, value));
    const entry = await entryOf(revision, steps);
    return bound(dialect, (value) => insertRow(entry, dialect.name, this.#hooks, value));
  }

  /** Notes that a part is done, and keeps the lease or, after everything, gives it back. */
  #closing(at: number): Statement[] {
    const { core, owner } = this.#run;
    const { dialect } = core.driver;
    const isLast = at === this.#parts.length - 1;
    const { id } = this.#revision;
    const row = bound(dialect, (value) =>
      isLast && this.#direction === 'down' ? deleteRow(id, value) : advanceRow(id, at + 1, isLast, this.#hooks, value),
    );
    const lease = bound(dialect, (value) =>
      isLast && this.#releases ? release(owner, value) : renew(owner, this.#hooks, value),
    );
    return [row, lease];
  }

  async #rendered(core: EngineCore, operations: readonly Operation[]): Promise<readonly string[]> {
    const names = unnamed(operations, this.#revision, this.#direction, this.#run.consent);
    if (names.length > 0) throw consentRequired([{ id: this.#revision.id, names }]);
    return (await renderOperations(core, operations)).flatMap(({ statements }) => statements);
  }

  /** Sends a unit until it is known whether it arrived: its guard keeps it from arriving twice. */
  async #attempt(send: () => Promise<UnitResult>): Promise<void> {
    const { wait, signal } = this.#run;
    await this.#explained(async () => {
      let unknown: unknown;
      const result = await patiently({ wait, signal }, async () => {
        try {
          return await send();
        } catch (error) {
          if (!isCinnabarError(error) || error.outcome !== 'unknown' || signal?.aborted) throw error;
          unknown = error;
          return undefined;
        }
      });
      if (!result) throw unknown;
    });
  }

  async #explained(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      const error = guardFailure(thrown) ?? thrown;
      const found = tagIn(thrown);
      if (found === MOVED) throw new LedgerMoved();
      const { id } = this.#revision;
      if (found === LOST) {
        throw new LockTimeout(
          `revision '${id}': this runner stood still for so long that another took over; nothing more was done. Run it again`,
          { retryable: true },
        );
      }
      if (!isCinnabarError(error) || error.message.includes(`'${id}'`)) throw error;
      const { code, message, ...details } = error;
      throw new CinnabarError(code, `revision '${id}' (${this.#direction}): ${message}`, { ...details, cause: error });
    }
  }
}

/** An engine whose statements run within a transaction. */
function engineWithin(core: EngineCore, transaction: DriverTransaction): EngineCore {
  const execute: EngineCore['execute'] = (unit, options) => core.watch(unit, () => transaction.execute(unit, options));
  // Statements of the project's copy of the package are for an engine of that copy.
  const Engine = core.constructor as typeof EngineCore;
  return new Engine({ ...core.driver, execute }, {});
}

function describe(part: Part): string {
  if (part.kind === 'alone') return isApart(part.step) ? part.step.sql : part.step.kind;
  return part.steps.map((step) => (isData(step) ? step.name : step.kind)).join(', ') || 'nothing';
}

/** How one learns whether an index was made, or dropped, that is made apart. */
function probeOf(step: Operation, quote: (name: string) => string): { done?: string; clean?: string } {
  if (step.kind !== 'createIndex' && step.kind !== 'dropIndex') return {};
  const { schema } = step.table;
  const name = `${schema === undefined ? '' : `${quote(schema)}.`}${quote(step.index.name)}`;
  const oid = `to_regclass('${name.replaceAll("'", "''")}')`;
  if (step.kind === 'dropIndex') return { done: `select ${oid} is null` };
  return {
    done: `select coalesce((select indisvalid from pg_index where indexrelid = ${oid}), false)`,
    clean: `drop index concurrently if exists ${name}`,
  };
}

/** What a guard of a unit said, in an error or in what caused it. */
function tagIn(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    const found = [MOVED, LOST].find((tag) => message.includes(tag));
    if (found) return found;
  }
  return undefined;
}
