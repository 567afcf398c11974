import { compileValues } from '../compiler/compile.ts';
import { wireValues } from '../compiler/wire-values.ts';
import type { CallOptions, StatementResult } from '../driver/driver.ts';
import { ConfigurationError } from '../errors/errors.ts';
import { Bind, type List } from '../sql/expression.ts';
import type { StatementNode } from '../sql/nodes.ts';
import type { Attributes } from '../sql/model.ts';
import { param, Param } from '../sql/param.ts';
import type { Plain, ValuesIn } from '../sql/plain.ts';
import type { Select } from '../sql/statement.ts';
import { findWrite, type AnyWrite } from '../sql/write.ts';
import { isRecord, kindOf } from '../util/brand.ts';
import { coreOf, type Engine, type EngineCore } from './engine.ts';
import { plainOf } from './statements.ts';
import { rowReader } from '../sql/row-reader.ts';

/** Values by the names of `param()`. */
export type ParamValues = Readonly<Record<string, unknown>>;

/** A statement that is compiled already. */
export interface PreparedSelect<R, V = ParamValues> {
  readonly sql: string;
  all(values: V, options?: CallOptions): Promise<Plain<R>[]>;
}
export interface PreparedWrite<V = ParamValues> {
  readonly sql: string;
  /** The number of rows written. */
  run(values: V, options?: CallOptions): Promise<number>;
}

class PreparedStatement {
  declare readonly sql: string;
  readonly #engine: EngineCore;
  readonly #node: StatementNode;
  readonly #values: readonly (Bind | List)[];
  readonly #names: ReadonlySet<string>;
  readonly #read: ReturnType<typeof rowReader>;

  constructor(engine: EngineCore, node: StatementNode) {
    const { text, values } = compileValues(node, engine.driver.dialect, engine.driver.limits);
    this.sql = text.sql;
    this.#engine = engine;
    this.#node = node;
    this.#values = values;
    this.#names = new Set(values.flatMap((value: unknown) => (value instanceof Param ? [value.name] : [])));
    this.#read = rowReader(node, text.decoders);
  }

  async all(values?: ParamValues, options?: CallOptions): Promise<unknown[]> {
    const { rows } = await this.#send(values, options);
    return rows.map(this.#read);
  }
  async run(values?: ParamValues, options?: CallOptions): Promise<number> {
    const { changes, rows } = await this.#send(values, options);
    return changes || rows.length;
  }

  async #send(values: ParamValues = {}, options?: CallOptions): Promise<StatementResult> {
    const params = wireValues(this.#bound(values), this.#engine.driver.dialect);
    const mode = this.#node.kind === 'select' ? 'read' : 'write';
    const { results } = await this.#engine.execute({ statements: [{ sql: this.sql, params }], mode }, options);
    return results[0]!;
  }

  /** The values of the statement, with those given in their places. */
  #bound(given: ParamValues): (Bind | List)[] {
    if (!isRecord(given))
      throw new ConfigurationError(`a prepared statement takes an object of values by name, got ${kindOf(given)}`);
    const unknown = Object.keys(given).find((name) => !this.#names.has(name));
    if (unknown !== undefined)
      throw new ConfigurationError(
        `the prepared statement has no param('${unknown}'); it has ${[...this.#names].join(', ') || 'none'}`,
      );
    return this.#values.map((value: Bind | List | Param) => {
      if (!(value instanceof Param)) return value;
      const own = Object.hasOwn(given, value.name) ? given[value.name] : undefined;
      return new Bind(value.check(own), value.type!);
    });
  }
}

/**
 * A statement that is compiled once and run with other values each time. They go by the names of its `param()`s, or by
 * those of columns that are declared, which type them. It holds no connection. Values are checked at each run as others are
 * where a statement is built.
 *
 * @example
 * const byName = prepare(engine, { name: text() }, ({ name }) => select(User).where(User.c.name.eq(name)))
 * await byName.all({ name: 'Ann' })
 * const rename = prepare(engine, update(User).set({ name: param('to') }).where(User.c.id.eq(param('id'))))
 * await rename.run({ id: 1, to: 'Ann' })
 * // update "users" set "name" = ?1 where "users"."id" = ?2
 * @throws ConfigurationError for a param that has no type, and at a run for a name that the statement has not.
 * @throws InvalidValueError at a run for a value that is missing or that the type cannot hold.
 */
export function prepare<D extends object, R>(
  engine: Engine,
  params: D,
  build: (params: Attributes<D, never>) => Select<R>,
): PreparedSelect<R, ValuesIn<D>>;
export function prepare<D extends object>(
  engine: Engine,
  params: D,
  build: (params: Attributes<D, never>) => AnyWrite,
): PreparedWrite<ValuesIn<D>>;
export function prepare<R>(engine: Engine, statement: Select<R>): PreparedSelect<R>;
export function prepare(engine: Engine, statement: AnyWrite): PreparedWrite;
export function prepare(engine: Engine, given: unknown, build?: (params: never) => unknown): unknown {
  const statement = build ? build(declared(given) as never) : given;
  return new PreparedStatement(coreOf(engine), findWrite(statement) ?? plainOf(statement));
}

function declared(columns: unknown): Record<string, unknown> {
  if (!isRecord(columns)) throw new ConfigurationError(`prepare(): expected columns by name, got ${kindOf(columns)}`);
  return Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, param(name, type as never)]));
}
