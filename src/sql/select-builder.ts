import { InvalidValueError } from '../errors/errors.ts';
import { integerType } from '../types/scalar.ts';
import { kindOf } from '../util/brand.ts';
import { Bind, SELECT, expressionOf, orderOf, type Expression, type SelectHolder } from './expression.ts';
import { lockOf, type LockOptions } from './lock.ts';
import type { SelectNode } from './nodes.ts';
import type { rows } from './statement.ts';

/** What a builder is made of: its tree, or the builder before it and the part that it changes. */
export type BuilderStep = [
  node: SelectNode | undefined,
  from?: SelectBuilder,
  part?: keyof SelectNode,
  given?: unknown,
];

/** The mark of `Select`, which no object has: a type only. */
export interface SelectBuilder {
  readonly [rows]: never;
}

/** Builds a SELECT of what a model has too: each call returns a new one, which notes what it changes. */
export abstract class SelectBuilder implements SelectHolder {
  #node: SelectNode | undefined;
  readonly #from: SelectBuilder | undefined;
  readonly #part: keyof SelectNode | undefined;
  readonly #value: unknown;

  constructor(node: SelectNode | undefined, from?: SelectBuilder, part?: keyof SelectNode, given?: unknown) {
    this.#node = node;
    this.#from = from;
    this.#part = part;
    this.#value = given;
  }

  get brand(): symbol {
    return SELECT;
  }

  /** The tree, put together when it is first asked for. */
  get node(): SelectNode {
    if (this.#node) return this.#node;
    const steps: SelectBuilder[] = [this];
    let start = this.#from!;
    for (; !start.#node; start = start.#from!) steps.push(start);
    const node: { -readonly [P in keyof SelectNode]: SelectNode[P] } = { ...start.#node };
    for (let step = steps.pop(); step; step = steps.pop()) assign(node, step.#part!, step.#value as never);
    return (this.#node = node);
  }

  /** The same select with another value of a part, or with more in it where it is a list. */
  change<K extends keyof SelectNode>(part: K, given: SelectNode[K]): this {
    return this.derive(undefined, this, part, given);
  }
  /** A builder of the same class. */
  protected abstract derive(...of: BuilderStep): this;

  get whole(): SelectNode {
    return this.node;
  }

  where(...conditions: unknown[]): this {
    return this.change('where', expressions(conditions, 'where()'));
  }
  orderBy(...by: unknown[]): this {
    return this.change('orderBy', by.map(orderOf));
  }
  limit(n: number): this {
    return this.change('limit', rowCount(n, 'limit()'));
  }
  offset(n: number): this {
    return this.change('offset', rowCount(n, 'offset()'));
  }
  forUpdate(options?: LockOptions): this {
    return this.change('lock', lockOf('update', options));
  }
  forNoKeyUpdate(options?: LockOptions): this {
    return this.change('lock', lockOf('no key update', options));
  }
  forShare(options?: LockOptions): this {
    return this.change('lock', lockOf('share', options));
  }
  forKeyShare(options?: LockOptions): this {
    return this.change('lock', lockOf('key share', options));
  }
}

/** Sets a part, or adds to it where it is a list. By name each: it is what every select is put together with. */
function assign(
  node: { -readonly [P in keyof SelectNode]: SelectNode[P] },
  part: keyof SelectNode,
  given: never,
): void {
  switch (part) {
    case 'from':
      node.from = given;
      break;
    case 'joins':
      node.joins = added(node.joins, given);
      break;
    case 'where':
      node.where = added(node.where, given);
      break;
    case 'groupBy':
      node.groupBy = added(node.groupBy, given);
      break;
    case 'having':
      node.having = added(node.having, given);
      break;
    case 'orderBy':
      node.orderBy = added(node.orderBy, given);
      break;
    default:
      node[part] = given;
  }
}

function added<T>(items: readonly T[], more: readonly T[]): readonly T[] {
  return items.length === 0 ? more : [...items, ...more];
}

export function expressions(items: readonly unknown[], where: string): readonly Expression[] {
  return items.map((item) => expressionOf(item, where));
}

function rowCount(n: number, where: string): Bind {
  if (Number.isSafeInteger(n) && n >= 0) return new Bind(n, integerType, true);
  throw new InvalidValueError(`${where}: expected a whole number of rows, 0 or more; got ${kindOf(n)}`);
}
