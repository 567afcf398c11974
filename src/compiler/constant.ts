import { ConfigurationError } from '../errors/errors.ts';
import type { Fragment } from '../schema/fragment.ts';
import { expressionOf, type Expression } from '../sql/expression.ts';
import { someExpression } from '../sql/tree.ts';
import type { Dialect } from './dialect.ts';
import { Renderer } from './render.ts';

/** A fragment as text without parameters, for DDL: values in it are literals of the program, never of its users. */
export function constant(fragment: Fragment, where: string, dialect: Dialect): string {
  const expression = expressionOf(fragment, where);
  return new LiteralRenderer(dialect, expression).text();
}

class LiteralRenderer {
  readonly #dialect: Dialect;
  readonly #expression: Expression;

  constructor(dialect: Dialect, expression: Expression) {
    this.#dialect = dialect;
    this.#expression = expression;
  }

  text(): string {
    const values: string[] = [];
    const holes: never[] = [];
    someExpression(this.#expression, (node) => {
      const hole = node as { readonly kind: string; readonly value?: unknown };
      if (hole.kind === 'in-list')
        throw new ConfigurationError('a list in DDL: write it as comparisons joined by or()');
      if (hole.kind !== 'bind') return false;
      holes.push(hole as never);
      const { type } = node;
      values.push(literal(hole.value === null ? null : this.#dialect.codec(type!).encode(hole.value)));
      return false;
    });
    const renderer = new Renderer({ ...this.#dialect, placeholder: (index) => values[index - 1]! }, holes);
    return renderer.unqualified(() => renderer.expression(this.#expression, true));
  }
}

function literal(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  throw new ConfigurationError('bytes cannot stand in DDL');
}
