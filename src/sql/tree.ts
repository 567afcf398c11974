import type { Expression, ExpressionNode } from './expression.ts';
import type { SelectNode, SourceNode } from './nodes.ts';

/** Whether `test` holds for the expression or one within it, nested selects included. */
export function someExpression(expression: Expression, test: (node: Expression) => boolean): boolean {
  if (test(expression)) return true;
  const node = expression as ExpressionNode;
  switch (node.kind) {
    case 'fragment':
      return node.pieces.some((piece) => typeof piece !== 'string' && someExpression(piece, test));
    case 'scoped':
      return someExpression(node.item, test);
    case 'select':
      return someInSelect(node.node, test);
    default:
      return false;
  }
}

/** Whether `test` holds for an expression of the select. */
export function someInSelect(select: SelectNode, test: (node: Expression) => boolean): boolean {
  const { outputs, joins, where, groupBy, having, orderBy, compound } = select;
  const expressions = [
    ...outputs.map((output) => output.expression),
    ...joins.map((join) => join.on),
    ...where,
    ...groupBy,
    ...having,
    ...orderBy.map((by) => by.expression),
  ];
  return (
    expressions.some((item) => someExpression(item, test)) ||
    (compound?.selects.some((part) => someInSelect(part, test)) ?? false) ||
    sourcesOf(select).some((from) => from.kind === 'derived' && !from.recursive && someInSelect(from.select, test))
  );
}

function sourcesOf(select: SelectNode): SourceNode[] {
  return [...(select.from ? [select.from] : []), ...select.joins.map((join) => join.source)];
}
