import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import { isColumn, type Column } from '../schema/column.ts';
import type { SqlType } from '../types/sql-type.ts';
import { kindOf } from '../util/brand.ts';
import type { Expr } from './expr.ts';
import { Expression } from './expression.ts';

/** A value that a prepared statement is given at each run. To the compiler it is as any other value. */
export class Param extends Expression {
  readonly kind = 'bind' as const;
  declare readonly name: string;
  declare readonly bare: boolean;
  declare readonly nullable: boolean;
  readonly #type: SqlType | undefined;

  constructor(name: string, type: SqlType | undefined, bare = false, nullable = false) {
    super();
    this.name = name;
    this.#type = type;
    this.bare = bare;
    this.nullable = nullable;
  }

  get type(): SqlType | undefined {
    return this.#type;
  }
  get value(): never {
    throw new ConfigurationError(`param('${this.name}') has a value in a statement of prepare() only`);
  }
  override get label(): string {
    return `param('${this.name}')`;
  }
  override beside(type: SqlType | undefined): Expression {
    return this.#type || !type ? this : new Param(this.name, type, this.bare, this.nullable);
  }
  alone(nullable: boolean = this.nullable): Expression {
    return new Param(this.name, this.#type, true, nullable);
  }

  /** What the program gave for it, checked. */
  check(given: unknown): unknown {
    if (given === null && this.nullable) return null;
    const expected = given === undefined || given === null ? 'a value' : this.#type!.check(given);
    if (expected === undefined) return given;
    throw new InvalidValueError(`${this.label}: expected ${expected}, got ${kindOf(given)}`);
  }
}

/**
 * A value by its name, for `prepare()`. It has the type of the column beside it; elsewhere its own is needed.
 *
 * @example
 * const byName = prepare(engine, select(User).where(User.c.name.eq(param('name'))))
 * await byName.all({ name: 'Ann' })
 * sql`date(${param('at', timestamp())}, '+1 day')`
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
export function param<V>(name: string, type?: Column<V, any>): Expr<V> {
  if (typeof name !== 'string' || name === '')
    throw new ConfigurationError(`param(): expected a name, got ${kindOf(name)}`);
  if (type === undefined) return new Param(name, undefined);
  if (!isColumn(type)) throw new ConfigurationError(`param('${name}'): its type is a column, like integer()`);
  return new Param(name, type.spec.type, false, type.spec.nullable);
}
