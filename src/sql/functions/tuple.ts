import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { booleanType } from '../../types/scalar.ts';
import type { SqlType } from '../../types/sql-type.ts';
import { isBranded, kindOf } from '../../util/brand.ts';
import type { AnyExpr, Condition, Expr, Operand } from '../expr.ts';
import {
  ATOM,
  Fragment,
  List,
  OPERATOR,
  SELECT,
  SelectPart,
  expressionOf,
  isExpression,
  joined,
  operand,
  selectOf,
  within,
  type Expression,
} from '../expression.ts';
import { assertSameForm, inferType } from '../forms.ts';
import type { Select } from '../statement.ts';

type Operands<T extends readonly unknown[]> = { readonly [K in keyof T]: Operand<T[K] & {}> };
type Row<T extends readonly unknown[]> = { readonly [K in keyof T]: T[K] & {} };

/** Several expressions that are compared as one: by the first in which they differ. */
export interface Tuple<T extends readonly unknown[]> {
  eq(others: Operands<T>): Condition;
  ne(others: Operands<T>): Condition;
  gt(others: Operands<T>): Condition;
  gte(others: Operands<T>): Condition;
  lt(others: Operands<T>): Condition;
  lte(others: Operands<T>): Condition;
  /** Rows of values, which bind as one parameter, or a select of as many columns. */
  in(list: readonly Row<T>[] | Select<Record<string, T[number] | null>>): Condition;
  notIn(list: readonly Row<T>[] | Select<Record<string, T[number] | null>>): Condition;
}

type ValuesOf<E extends readonly AnyExpr[]> = {
  -readonly [K in keyof E]: E[K] extends Expr<infer V, string> ? V : never;
};

class TupleNode implements Tuple<never> {
  readonly #items: readonly Expression[];

  constructor(items: readonly Expression[]) {
    this.#items = items;
  }
  eq(others: readonly unknown[]): Expression {
    return this.#compare('=', others, false);
  }
  ne(others: readonly unknown[]): Expression {
    return this.#compare('<>', others, false);
  }
  gt(others: readonly unknown[]): Expression {
    return this.#compare('>', others);
  }
  gte(others: readonly unknown[]): Expression {
    return this.#compare('>=', others);
  }
  lt(others: readonly unknown[]): Expression {
    return this.#compare('<', others);
  }
  lte(others: readonly unknown[]): Expression {
    return this.#compare('<=', others);
  }
  in(list: unknown): Expression {
    return this.#member('in', list);
  }
  notIn(list: unknown): Expression {
    return this.#member('not in', list);
  }

  #compare(symbol: string, others: unknown, orders = true): Expression {
    const items = this.#items;
    const right = this.#row(others, 'tuple()').map((other, at) => operand(other, items[at]!.type, items[at]!.label));
    const left = orders ? items.map(ordered) : items;
    return new Fragment(
      ['(', ...joined(left, ', '), `) ${symbol} (`, ...joined(right, ', '), ')'],
      booleanType,
      OPERATOR,
    );
  }

  #member(symbol: string, list: unknown): Expression {
    const where = `tuple().${symbol === 'in' ? 'in' : 'notIn'}()`;
    const items = this.#items;
    if (isBranded(list, SELECT)) {
      const select = selectOf(list, where);
      if (select.outputs.length !== items.length) {
        throw new ConfigurationError(`${where}: expected ${items.length} columns, got ${select.outputs.length}`);
      }
      select.outputs.forEach(({ expression }, at) =>
        assertSameForm(items[at]!.type, expression.type, items[at]!.label),
      );
      return within(items, new SelectPart(select), symbol);
    }
    if (!Array.isArray(list))
      throw new InvalidValueError(`${where}: expected an array or a select, got ${kindOf(list)}`);
    const rows = (list as unknown[]).map((row) => this.#row(row, where).map((value, at) => scalar(value, items[at]!)));
    const first = rows[0] ?? [];
    return within(
      items,
      new List(
        rows,
        items.map(({ type, label }, at) => type ?? inferType(first[at], label)),
      ),
      symbol,
    );
  }

  #row(row: unknown, where: string): readonly unknown[] {
    if (Array.isArray(row) && row.length === this.#items.length) return row as unknown[];
    const got = Array.isArray(row) ? `${row.length} values` : kindOf(row);
    throw new InvalidValueError(`${where}: expected an array of ${this.#items.length} values, got ${got}`);
  }
}

/** So that the order of its type is looked at where it is rendered. */
function ordered(item: Expression): Expression {
  return new Fragment([item], item.type, ATOM, item.label, item.type);
}

function scalar(value: unknown, { type, label }: Expression): unknown {
  if (isExpression(value)) throw new ConfigurationError(`${label}: a list holds values; for expressions use or()`);
  const known: SqlType = type ?? inferType(value, label);
  const expected = value === null || value === undefined ? 'a value' : known.check(value);
  if (expected === undefined) return value;
  throw new InvalidValueError(`${label}: expected ${expected}, got ${kindOf(value)}`);
}

/**
 * Several expressions that are compared as one: the key of a page, or a composite key.
 *
 * @example
 * tuple(Post.c.views, Post.c.id).gt([100, 7])
 * // ("posts"."views", "posts"."id") > (cast(?1 as integer), cast(?2 as integer))
 * tuple(Line.c.orderId, Line.c.number).in([[1, 1], [1, 2]])
 * // ("lines"."order_id", "lines"."number") in (select value ->> 0, value ->> 1 from json_each(?1))
 *
 * @throws ConfigurationError for fewer than two expressions.
 * @throws InvalidValueError for rows of another length, and for values of another type.
 */
export function tuple<const E extends readonly [AnyExpr, AnyExpr, ...AnyExpr[]]>(...items: E): Tuple<ValuesOf<E>> {
  if (items.length < 2) throw new ConfigurationError('tuple(): expected two expressions or more');
  return new TupleNode(items.map((item) => expressionOf(item, 'tuple()'))) as object as Tuple<ValuesOf<E>>;
}
