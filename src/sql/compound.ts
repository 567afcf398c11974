import { ConfigurationError } from '../errors/errors.ts';
import { ColumnNode, Order, selectOf, type Expression } from './expression.ts';
import { assertSameForm } from './forms.ts';
import type { Compound, SelectNode, SetOperator, SourceNode } from './nodes.ts';
import { rowSelect, selectNode, type Rows } from './select.ts';
import { derived, derivedNode, type Derived } from './source.ts';
import type { Select } from './statement.ts';

function combined(called: string, operator: SetOperator, selects: readonly unknown[]): Rows<never> {
  const nodes = selects.map((item) => selectOf(item, `${called}()`));
  if (nodes.length < 2) throw new ConfigurationError(`${called}(): expected two selects or more`);
  return rowSelect(compoundNode(called, operator, nodes));
}

/** Selects combined. Their columns must fit, one by one. */
function compoundNode(called: string, operator: SetOperator, selects: readonly SelectNode[]): SelectNode {
  const { outputs, shape } = selects[0]!;
  if (selects.some((node) => node.outputs.length !== outputs.length))
    throw new ConfigurationError(`${called}(): the selects have different numbers of columns`);
  for (const node of selects) {
    node.outputs.forEach(({ expression, name }, at) =>
      assertSameForm(outputs[at]!.expression.type, expression.type, `${called}(): ${name}`),
    );
  }
  return selectNode(outputs, shape, { compound: compoundOf(operator, selects) });
}

function compoundOf(operator: SetOperator, selects: readonly SelectNode[]): Compound {
  return {
    operator,
    selects,
    text: (render, most) => {
      const texts = selects.map((select) => alone(select, render(select)));
      return operator === 'except' ? fromFirst(texts, most) : combine(texts, ` ${operator} `, most);
    },
    result: { placeOf, around },
  };
}

/** What has an order or a limit of its own keeps it. */
function alone({ limit, offset, orderBy, compound }: SelectNode, text: string): string {
  return limit || offset || orderBy.length > 0 || compound ? `select * from (${text})` : text;
}

/** More terms than a database takes in one go stand in subqueries. */
function combine(texts: readonly string[], separator: string, most: number): string {
  if (texts.length <= most) return texts.join(separator);
  const size = Math.ceil(texts.length / most);
  const groups = Array.from({ length: Math.ceil(texts.length / size) }, (_, at) =>
    texts.slice(at * size, (at + 1) * size),
  );
  return groups.map((group) => `select * from (${combine(group, separator, most)})`).join(separator);
}

/** What is taken away from the first is all that the others yield: `a except (b union c)`. */
function fromFirst([first, ...others]: readonly string[], most: number): string {
  if (others.length < most) return [first, ...others].join(' except ');
  return `${first} except select * from (${combine(others, ' union ', most)})`;
}

function placeOf({ expression }: Order, node: SelectNode): number {
  const index = node.outputs.findIndex((output) => isSame(output.expression, expression));
  if (index >= 0) return index;
  throw new ConfigurationError('a union is ordered by the columns that its first select yields');
}

function isSame(left: Expression, right: Expression): boolean {
  const [one, other] = [left as ColumnNode, right as ColumnNode];
  return left === right || (one.kind === 'column' && one.source === other.source && one.name === other.name);
}

function around(node: SelectNode): SelectNode {
  const bare: SelectNode = { ...node, orderBy: [], limit: undefined, offset: undefined };
  const source: SourceNode = { kind: 'derived', name: 'union:0', cte: false, recursive: false, select: bare };
  const outputs = node.outputs.map(({ name, expression }) => {
    return { name, expression: new ColumnNode(source, name, expression.type) };
  });
  const orderBy = node.orderBy.map((by) => {
    return new Order(outputs[placeOf(by, node)]!.expression, by.descending, by.nulls);
  });
  return { ...node, outputs, from: source, compound: undefined, orderBy };
}

/**
 * The rows of all, each once. Named, ordered and cut as a whole; a select among them that has an order or a limit of its
 * own keeps it.
 *
 * @example
 * union(select({ id: Cat.c.id }), select({ id: Dog.c.id })).orderBy(Cat.c.id).limit(10)
 * // select "cats"."id" from "cats" union select "dogs"."id" from "dogs" order by 1 limit ?1
 * @throws ConfigurationError where the selects have different numbers of columns.
 */
export function union<R>(...selects: Select<R>[]): Rows<R> {
  return combined('union', 'union', selects);
}

/** The rows of all: `select … union all select …`. */
export function unionAll<R>(...selects: Select<R>[]): Rows<R> {
  return combined('unionAll', 'union all', selects);
}

/** The rows that each of them yields, each once: `select … intersect select …`. */
export function intersect<R>(...selects: Select<R>[]): Rows<R> {
  return combined('intersect', 'intersect', selects);
}

/** The rows of the first that none of the others yields, each once: `select … except select …`. */
export function except<R>(...selects: Select<R>[]): Rows<R> {
  return combined('except', 'except', selects);
}

/**
 * A common table expression that reads itself: `start`, and then what `step` makes of the rows found last, until it finds
 * none. `all: false` leaves out rows that were found before, so that a cycle ends.
 *
 * @example
 * const roots = select({ id: Node.c.id }).from(Node).where(Node.c.parentId.isNull())
 * const tree = recursive('tree', roots, (tree) =>
 *   select({ id: Node.c.id }).from(Node).innerJoin(tree, Node.c.parentId.eq(tree.c.id)))
 * select({ id: tree.c.id }).from(tree)
 * // with recursive "tree" ("id") as (select … union all select …) select "tree"."id" from "tree"
 */
export function recursive<const N extends string, R>(
  name: N,
  start: Select<R>,
  step: (self: Derived<R, N>) => Select<R>,
  { all = true }: { all?: boolean } = {},
): Derived<R, N> {
  const first = selectOf(start, 'recursive()');
  const self = { ...derivedNode(first, name, true, true) };
  const result = derived<R, N>(self);
  const next = selectOf(step(result), 'recursive()');
  // The sources of `step` hold the node itself, which is whole from here on.
  Object.assign(self, { select: compoundNode('recursive', all ? 'union all' : 'union', [first, next]) });
  return result;
}
