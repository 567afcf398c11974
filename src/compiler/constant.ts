import type { Expression } from '../sql/expression.ts';
import { literal } from '../util/literal.ts';
import type { Dialect } from './dialect.ts';
import { withoutParameters } from './render.ts';

/** A fragment as text without parameters, for DDL. */
export function constant(expression: Expression, dialect: Dialect): string {
  return withoutParameters(expression, dialect, literal);
}
