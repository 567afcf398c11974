import type { CallOptions, DriverTransaction, Statement, Unit, UnitResult } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { Journal } from './journal.ts';

/** An interactive transaction of a session: the driver's handle, its savepoints, and how to undo it in memory. */
export class TransactionScope {
  readonly #engine: EngineCore;
  readonly #driver: DriverTransaction;
  readonly #journals: Journal[] = [new Journal()];

  private constructor(engine: EngineCore, driver: DriverTransaction) {
    this.#engine = engine;
    this.#driver = driver;
  }

  static async begin(engine: EngineCore): Promise<TransactionScope> {
    return new TransactionScope(engine, await engine.driver.begin!());
  }

  get journal(): Journal {
    return this.#journals[this.#journals.length - 1]!;
  }
  get depth(): number {
    return this.#journals.length;
  }

  execute(unit: Unit, options?: CallOptions): Promise<UnitResult> {
    return this.#engine.watch(unit, () => this.#driver.execute(unit, options));
  }

  commit(statements: readonly Statement[]): Promise<UnitResult> {
    return this.#engine.watch({ mode: 'write', statements }, () => this.#driver.commit(statements));
  }

  async rollback(): Promise<void> {
    await this.#engine.watch({ mode: 'write', statements: [] }, () => this.#driver.rollback());
  }

  async savepoint(): Promise<void> {
    await this.#run(`savepoint ${this.#name(this.depth)}`);
    this.#journals.push(new Journal());
  }

  async release(): Promise<void> {
    const inner = this.#journals.pop()!;
    await this.#run(`release savepoint ${this.#name(this.depth)}`);
    inner.mergeInto(this.journal);
  }

  async rollbackTo(): Promise<Journal> {
    const inner = this.#journals.pop()!;
    const name = this.#name(this.depth);
    await this.execute({
      mode: 'write',
      statements: [`rollback to savepoint ${name}`, `release savepoint ${name}`].map((sql) => ({ sql, params: [] })),
    });
    return inner;
  }

  #name(depth: number): string {
    return `cinnabar_${depth}`;
  }

  async #run(sql: string): Promise<void> {
    await this.execute({ mode: 'write', statements: [{ sql, params: [] }] });
  }
}
