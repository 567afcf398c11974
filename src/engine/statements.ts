import { compile, type Compiled } from '../compiler/compile.ts';
import type { Dialect } from '../compiler/dialect.ts';
import type { CallOptions, Driver, Unit, UnitResult } from '../driver/driver.ts';
import { ConfigurationError } from '../errors/errors.ts';
import { selectOf, type SelectHolder } from '../sql/expression.ts';
import type { Rewriting, SelectNode, StatementNode } from '../sql/nodes.ts';
import type { Plain } from '../sql/plain.ts';
import type { Select } from '../sql/statement.ts';
import { findWrite, writeOf, type AnyWrite } from '../sql/write.ts';
import { nameFailure } from './name-failure.ts';
import type { WriteOptions } from './receipt.ts';

/** What a statement of a batch answers. */
export type Answer<S> = S extends Select<infer R> ? Plain<R>[] : number;

/** What runs statements: an engine, or one of its transactions. */
export interface Statements {
  /** The rows, each model's columns as plain data. */
  all<R>(statement: Select<R>, options?: CallOptions): Promise<Plain<R>[]>;
  /** The number of rows written. */
  run(statement: AnyWrite, options?: WriteOptions): Promise<number>;
  /** Several statements, one round trip: the rows of each, or the number of rows it wrote. With a write among them, all or none. */
  batch<const S extends readonly (Select<unknown> | AnyWrite)[]>(
    statements: S,
    options?: WriteOptions,
  ): Promise<{ [I in keyof S]: Answer<S[I]> }>;
}

/** Compiles statements, sends them as units, and reads the answers. */
export abstract class StatementRunner implements Statements {
  declare readonly driver: Driver;

  /** Whether what it runs is of an open transaction. */
  declare readonly inTransaction?: true;

  constructor(driver: Driver) {
    this.driver = driver;
  }

  abstract execute(unit: Unit, options?: CallOptions): Promise<UnitResult>;

  /** Runs a unit that writes. */
  protected write(unit: Unit, options?: WriteOptions): Promise<UnitResult> {
    return this.execute(unit, options);
  }

  prepare(node: StatementNode, rewriting?: Rewriting): Compiled {
    return compile(node, this.driver.dialect, this.driver.limits, rewriting);
  }

  async all<R>(statement: Select<R>, options?: CallOptions): Promise<Plain<R>[]> {
    const [rows] = await this.#run([plainOf(statement)], options);
    return rows as Plain<R>[];
  }

  async batch<const S extends readonly (Select<unknown> | AnyWrite)[]>(
    statements: S,
    options?: WriteOptions,
  ): Promise<{ [I in keyof S]: Answer<S[I]> }> {
    const nodes = statements.map((statement) => findWrite(statement) ?? plainOf(statement));
    return (nodes.length > 0 ? await this.#run(nodes, options) : []) as { [I in keyof S]: Answer<S[I]> };
  }

  async run(statement: AnyWrite, options?: WriteOptions): Promise<number> {
    const [written] = await this.#run([{ ...writeOf(statement, 'run()'), returning: [], shape: [] }], options);
    return written as number;
  }

  /** The rows that each statement yields, or the number of those it wrote. */
  async #run(nodes: readonly StatementNode[], options?: WriteOptions): Promise<unknown[]> {
    const { dialect, limits } = this.driver;
    // Those of one statement have one place.
    const parts = nodes.map((node) =>
      (node.kind === 'insert' && node.many ? node.many.split(node, dialect, limits) : [node]).map((part) =>
        this.prepare(part),
      ),
    );
    const statements = parts.flat();
    const mode = nodes.every((node) => node.kind === 'select') ? 'read' : 'write';
    // Those of a unit that writes are of its transaction.
    if (mode === 'read' && !this.inTransaction) assertLockLasts(nodes, dialect);
    const unit: Unit = { statements, mode, snapshot: statements.length > 1 };
    const { results } = await (mode === 'read'
      ? this.execute(unit, options)
      : this.write(unit, options).catch((error: unknown) => {
          throw nameFailure(error, nodes);
        }));
    let at = 0;
    return nodes.map((node, index) => {
      const own = parts[index]!;
      const answers = results.slice(at, (at += own.length));
      if (node.kind !== 'select' && node.returning.length === 0)
        return answers.reduce((sum, { changes }) => sum + changes, 0);
      const read = node.reader!(node, own[0]!.decoders);
      return own.length === 1 ? answers[0]!.rows.map(read) : answers.flatMap(({ rows }) => rows.map(read));
    });
  }
}

/** Refuses a lock that would end with its statement. */
export function assertLockLasts(nodes: readonly object[], { locks }: Dialect): void {
  if (locks && nodes.some((node) => (node as Partial<SelectNode>).lock)) throw new ConfigurationError(locks.outside);
}

/** The tree of a select, or of a write with RETURNING. */
export function statementOf(statement: unknown): StatementNode {
  const write = findWrite(statement);
  if (!write) return selectOf(statement, 'all()');
  if (write.returning.length > 0) return write;
  throw new ConfigurationError(`all(): ${write.kind} without returning() yields no rows; use run()`);
}

/** The tree of a statement whose rows are plain. */
export function plainOf(statement: unknown): StatementNode {
  const node = statementOf(statement);
  return (statement as Partial<SelectHolder>).plain ?? node;
}
