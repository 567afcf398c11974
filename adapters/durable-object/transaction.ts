import { within } from '../../src/driver/call.ts';
import type { CallOptions, DriverTransaction, Statement, Unit, UnitResult } from '../../src/driver/driver.ts';
import { TransactionGate } from '../../src/driver/transaction-gate.ts';
import { DatabaseError } from '../../src/errors/errors.ts';
import { DEFERS, type Connection } from './connection.ts';
import type { DurableObjectStorageLike } from './storage.ts';

/** Ends a transaction of the storage without keeping it. */
class Undo extends Error {}

/** A transaction of the storage that stays open until it is told how to end; one within another is a savepoint. */
class Level {
  declare readonly name: string;
  readonly #ended: Promise<unknown>;
  #end: (isKept: boolean) => void = () => {};

  private constructor(storage: DurableObjectStorageLike, name: string, opened: () => void) {
    this.name = name;
    const verdict = new Promise<boolean>((resolve) => (this.#end = resolve));
    this.#ended = storage.transaction(async () => {
      opened();
      if (!(await verdict)) throw new Undo();
    });
    // It may end before anyone waits for it.
    this.#ended.catch(() => undefined);
  }

  static async open(storage: DurableObjectStorageLike, name: string): Promise<Level> {
    let opened = (): void => {};
    const open = new Promise<void>((resolve) => (opened = resolve));
    const level = new Level(storage, name, opened);
    await Promise.race([open, level.#ended]);
    return level;
  }

  async keep(): Promise<void> {
    this.#end(true);
    await this.#ended;
  }

  async undo(): Promise<void> {
    this.#end(false);
    await this.#ended.catch((reason: unknown) => {
      if (!(reason instanceof Undo)) throw reason;
    });
  }
}

const SAVEPOINT =
  /^\s*(savepoint|release(?:\s+savepoint)?|rollback(?:\s+transaction)?\s+to(?:\s+savepoint)?)\s+(\S+?)\s*;?\s*$/i;

/**
 * A transaction of `storage.transaction`, which has the storage from its first statement to its end. The storage takes no
 * SAVEPOINT, so each is a transaction within it.
 */
export class DurableObjectTransaction implements DriverTransaction {
  readonly #connection: Connection;
  readonly #gate: TransactionGate;
  readonly #levels: Level[] = [];
  /** Whether a statement has put checks of references off. */
  #isDeferred = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#gate = new TransactionGate(connection.limits);
  }

  execute({ statements }: Unit, options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admit(statements);
      this.#connection.admit(statements);
      if (statements.length === 0) return { results: [], trips: 0 };
      await this.#begin(options);
      try {
        const results = await this.#run(statements);
        this.#gate.state = 'open';
        return { results, trips: 1 };
      } catch (error) {
        this.#gate.state = 'failed';
        throw error;
      }
    });
  }

  commit(statements: readonly Statement[], options: CallOptions = {}): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      this.#gate.admitCommit(statements);
      this.#connection.admit(statements);
      if (this.#levels.length === 0 && statements.length === 0) {
        this.#gate.state = 'ended';
        return { results: [], trips: 0 };
      }
      await this.#begin(options);
      try {
        const results = await this.#run(statements);
        this.#connection.checkReferences(this.#isDeferred);
        await this.#end(true);
        return { results, trips: 1 };
      } catch (error) {
        await this.#end(false);
        throw error;
      }
    });
  }

  rollback(): Promise<UnitResult> {
    return this.#gate.inTurn(async () => {
      const isOpen = this.#levels.length > 0;
      if (isOpen) await this.#end(false);
      this.#gate.state = 'ended';
      return { results: [], trips: isOpen ? 1 : 0 };
    });
  }

  async #begin(options: CallOptions): Promise<void> {
    if (this.#levels.length > 0) return within(options, 'not sent', async () => {});
    await this.#connection.turns.wait(options);
    this.#levels.push(await Level.open(this.#connection.storage, ''));
  }

  async #run(statements: readonly Statement[]): Promise<UnitResult['results']> {
    const results: UnitResult['results'][number][] = [];
    for (const statement of statements) {
      this.#isDeferred ||= DEFERS.test(statement.sql);
      const [, verb, name] = SAVEPOINT.exec(statement.sql) ?? [];
      if (verb !== undefined && name !== undefined) {
        await this.#savepoint(verb.toLowerCase(), name);
        results.push({ rows: [], changes: 0 });
      } else {
        results.push(...this.#connection.run([statement]));
      }
    }
    return results;
  }

  async #savepoint(verb: string, quoted: string): Promise<void> {
    const name = quoted.replace(/^"(.*)"$/, '$1').toLowerCase();
    if (verb === 'savepoint') {
      this.#levels.push(await Level.open(this.#connection.storage, name));
      return;
    }
    const at = this.#levels.findLastIndex((level) => level.name === name);
    if (at <= 0)
      throw new DatabaseError('the database refuses the statement: no such savepoint', { outcome: 'not committed' });
    const isKept = verb.startsWith('release');
    for (const level of this.#levels.splice(at).toReversed()) await (isKept ? level.keep() : level.undo());
    if (!isKept) this.#levels.push(await Level.open(this.#connection.storage, name));
  }

  async #end(isKept: boolean): Promise<void> {
    const levels = this.#levels.splice(0).toReversed();
    this.#gate.state = 'ended';
    try {
      for (const level of levels) await (isKept ? level.keep() : level.undo());
    } finally {
      if (this.#isDeferred) this.#connection.checkAtOnce();
      this.#connection.turns.pass();
    }
  }
}
