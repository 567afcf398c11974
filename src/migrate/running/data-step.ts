import type { Statement } from '../../compiler/statement.ts';
import type { EngineCore } from '../../engine/engine.ts';
import { plainOf } from '../../engine/statements.ts';
import { CapabilityError } from '../../errors/errors.ts';
import { findWrite, writeOf, type AnyWrite } from '../../sql/write.ts';
import type { Select } from '../../sql/statement.ts';
import type { Plain } from '../../sql/plain.ts';
import { splitSql } from '../revisions/split-sql.ts';
import type { MigrationData } from '../revisions/steps.ts';
import { plain } from './ledger.ts';

/** The database within an open transaction. */
export function dataWithin(core: EngineCore): MigrationData {
  const send = async (mode: 'read' | 'write', sql: string): Promise<readonly (readonly unknown[])[]> =>
    (await core.execute({ mode, statements: splitSql(sql).map(plain) })).results.at(-1)?.rows ?? [];
  return {
    dialect: core.driver.dialect.name,
    all: (statement) => core.all(statement),
    rows: (sql) => send('read', sql),
    run: async (statement) => void (await core.run(statement)),
    execute: async (sql) => void (await send('write', sql)),
  };
}

/** The database where there is no transaction: reads go at once, and writes are kept for the unit of the revision. */
export class CollectedData implements MigrationData {
  readonly #core: EngineCore;
  readonly writes: Statement[] = [];

  constructor(core: EngineCore) {
    this.#core = core;
  }

  get dialect(): string {
    return this.#core.driver.dialect.name;
  }

  async all<R>(statement: Select<R>): Promise<Plain<R>[]> {
    if (findWrite(statement) || plainOf(statement).kind !== 'select') {
      throw new CapabilityError(
        `a data step on ${this.#core.driver.name}, which has no transactions, cannot wait for what its writes return: they go when it has ended`,
      );
    }
    return this.#core.all(statement);
  }

  async rows(sql: string): Promise<readonly (readonly unknown[])[]> {
    const { results } = await this.#core.execute({ mode: 'read', statements: splitSql(sql).map(plain) });
    return results.at(-1)?.rows ?? [];
  }

  async run(statement: AnyWrite): Promise<void> {
    const { dialect, limits } = this.#core.driver;
    const node = { ...writeOf(statement, 'run()'), returning: [], shape: [] };
    const parts = node.kind === 'insert' && node.many ? node.many.split(node, dialect, limits) : [node];
    for (const part of parts) this.writes.push(this.#core.prepare(part));
  }

  async execute(sql: string): Promise<void> {
    this.writes.push(...splitSql(sql).map(plain));
  }
}
