import { Label, type Expression, type List } from '../sql/expression.ts';
import type { SelectNode } from '../sql/nodes.ts';
import type { Dialect } from './dialect.ts';

/** How many terms of AND or OR stand side by side. */
export const CHAIN_TERMS = 16;

/** In halves while there are many, so that the depth of a long chain stays below the limit of a parser. */
export function balanced(terms: readonly string[], chain: string): string {
  if (terms.length <= CHAIN_TERMS) return terms.join(chain);
  const middle = terms.length >> 1;
  return `(${balanced(terms.slice(0, middle), chain)})${chain}(${balanced(terms.slice(middle), chain)})`;
}

/** How many rows of a list are written where it is no single parameter: a few numbers only, so that few texts are made. */
export function writtenRows({ rows: { length }, counted }: List): number {
  // Repeating a value changes nothing where only the set counts. None stays none.
  if (counted || length === 0) return length;
  return length > 64 ? Math.ceil(length / 4) * 4 : 2 ** Math.ceil(Math.log2(length));
}

/** Where the result has the label, by which it is ordered and grouped; below 0 where what is read is not what is ordered. */
export function labelPlace(expression: Expression, { outputs }: SelectNode, dialect: Dialect): number {
  if (!(expression instanceof Label) || (expression.type && dialect.codec(expression.type).read)) return -1;
  return outputs.findIndex((output) => output.expression === expression);
}

/** Rows that arrive as objects keep their order and their cells only under distinct names that are no numbers. */
export function uniqueName(name: string, used: Set<string>): string {
  const base = /^\d+$/.test(name) || name === '__proto__' || name === '' ? `c_${name}` : name;
  let unique = base;
  for (let count = 2; used.has(unique.toLowerCase()); count++) unique = `${base}_${count}`;
  used.add(unique.toLowerCase());
  return unique;
}
