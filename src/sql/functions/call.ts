import { ConfigurationError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import type { AnyExpr, Expr } from '../expr.ts';
import { ATOM, joined, operand } from '../expression.ts';
import { Opaque } from '../opaque.ts';
import { specOf, type ColumnType } from './typed.ts';

/**
 * Any SQL function by its name, with the type of its result.
 *
 * @example
 * call('soundex', text(), User.c.name)   // soundex("users"."name")
 *
 * @throws ConfigurationError for a name that is none, so that no text from outside becomes SQL.
 */
export function call<V, S extends string = never>(
  name: string,
  type: ColumnType<V>,
  ...args: (AnyExprOf<S> | string | number | bigint | boolean)[]
): Expr<V, S> {
  if (typeof name !== 'string' || !/^[a-z_][a-z\d_]*$/i.test(name)) {
    throw new ConfigurationError(
      `call(): ${typeof name === 'string' ? `'${name}'` : kindOf(name)} is no name of a function`,
    );
  }
  const spec = specOf(type, `call('${name}')`);
  const operands = args.map((argument) => operand(argument, undefined, `${name}()`));
  return new Opaque([`${name}(`, ...joined(operands, ', '), ')'], spec.type, ATOM, `${name}()`);
}
/** An expression of any value over `S`. */
export type AnyExprOf<S extends string> = AnyExpr & Expr<unknown, S>;
