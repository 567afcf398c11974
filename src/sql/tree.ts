import type { Expression, ExpressionNode } from './expression.ts';
import type { JoinNode, SelectNode, SourceNode } from './nodes.ts';

type Test = (node: Expression) => boolean;

/** Whether `test` holds for the expression or one within it, nested selects included. */
export function someExpression(expression: Expression, test: Test): boolean {
  return someWithin(expression, test, new Set());
}

/** Whether `test` holds for an expression of the select. A recursive CTE, which names itself, is read once. */
export function someInSelect(select: SelectNode, test: Test): boolean {
  return someOf(select, test, new Set());
}

function someWithin(expression: Expression, test: Test, seen: Set<SelectNode>): boolean {
  if (test(expression)) return true;
  const node = expression as ExpressionNode;
  switch (node.kind) {
    case 'fragment':
      return node.pieces.some((piece) => typeof piece !== 'string' && someWithin(piece, test, seen));
    case 'scoped':
      return someWithin(node.item, test, seen);
    case 'select':
      return someOf(node.node, test, seen);
    default:
      return false;
  }
}

function someOf(select: SelectNode, test: Test, seen: Set<SelectNode>): boolean {
  if (seen.has(select)) return false;
  seen.add(select);
  const { outputs, where, groupBy, having, orderBy, compound } = select;
  const joins = joinsOf(select);
  const expressions = [
    ...outputs.map((output) => output.expression),
    ...joins.map((join) => join.on),
    ...where,
    ...groupBy,
    ...having,
    ...orderBy.map((by) => by.expression),
  ];
  return (
    expressions.some((item) => someWithin(item, test, seen)) ||
    (compound?.selects.some((part) => someOf(part, test, seen)) ?? false) ||
    sourcesOf(select).some((from) => from.kind === 'derived' && someOf(from.select, test, seen))
  );
}

/** What a select reads: its FROM and all that is joined to it. */
export function sourcesOf(select: SelectNode): SourceNode[] {
  return [...(select.from ? [select.from] : []), ...joinsOf(select).map((join) => join.source)];
}

/** The joins of a select, those that belong to one of its sources before it. */
function joinsOf(select: SelectNode): JoinNode[] {
  return select.joins.flatMap((join) => [...(join.within ?? []), join]);
}

/** The sources of the columns in an expression; a nested select has its own. */
export function columnSources(expression: Expression, into: Set<SourceNode>): void {
  const node = expression as ExpressionNode;
  if (node.kind === 'column' && node.source !== 'excluded') into.add(node.source);
  else if (node.kind === 'scoped') columnSources(node.item, into);
  else if (node.kind === 'fragment')
    for (const piece of node.pieces) if (typeof piece !== 'string') columnSources(piece, into);
}
