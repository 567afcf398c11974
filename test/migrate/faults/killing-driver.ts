import type { Driver, DriverTransaction, UnitResult } from '../../../src/driver/driver.ts';

/** When a runner dies: before a call leaves, when it has arrived and the reply has not, or when the reply has come. */
export type Moment = 'before' | 'during' | 'after';

/** What a runner that was killed says no more. */
export class Killed extends Error {}

/** A driver whose process dies at one of its calls: nothing leaves it from then on, and its open transaction is lost. */
export class KillingDriver {
  readonly driver: Driver;
  calls = 0;
  readonly #inner: Driver;
  readonly #at: number;
  readonly #moment: Moment;
  #isDead = false;
  #open: DriverTransaction | undefined;

  constructor(inner: Driver, at: number = Infinity, moment: Moment = 'before') {
    this.#inner = inner;
    this.#at = at;
    this.#moment = moment;
    this.driver = {
      ...inner,
      execute: (unit, options) => this.#call(() => inner.execute(unit, options)),
      ...(inner.begin && { begin: async () => this.#transaction(await inner.begin!()) }),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  #transaction(transaction: DriverTransaction): DriverTransaction {
    this.#open = transaction;
    const ended = (result: UnitResult): UnitResult => {
      this.#open = undefined;
      return result;
    };
    return {
      execute: (unit, options) => this.#call(() => transaction.execute(unit, options)),
      commit: (statements, options) => this.#call(async () => ended(await transaction.commit(statements, options))),
      rollback: () => this.#call(async () => ended(await transaction.rollback())),
    };
  }

  async #call(work: () => Promise<UnitResult>): Promise<UnitResult> {
    if (this.#isDead) throw new Killed();
    this.calls += 1;
    const isLast = this.calls === this.#at;
    if (isLast && this.#moment === 'before') await this.#die();
    const result = await work();
    if (isLast) await this.#die(this.#moment === 'after');
    return result;
  }

  /** The server rolls back what the connection leaves open. */
  async #die(isQuiet = false): Promise<void> {
    this.#isDead = true;
    await this.#open?.rollback();
    if (!isQuiet) throw new Killed();
  }

  get name(): string {
    return this.#inner.name;
  }
}
