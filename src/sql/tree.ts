import type { Expression, ExpressionNode, Fragment } from './expression.ts';
import type { JoinNode, SelectNode, SourceNode } from './nodes.ts';

type Test = (node: Expression) => boolean;

/** Whether `test` holds for the expression or one within it, nested selects included. */
export function someExpression(expression: Expression, test: Test): boolean {
  return someWithin([expression], test, true);
}

/** Whether `test` holds for an expression of the select. A recursive CTE, which names itself, is read once. */
export function someInSelect(select: SelectNode, test: Test): boolean {
  return someWithin([select], test, true);
}

/** With a stack of its own: a program may nest expressions deeper than calls can be. */
function someWithin(stack: (Expression | SelectNode)[], test: Test, nested: boolean): boolean {
  const seen = new Set<SelectNode>();
  for (let next = stack.pop(); next; next = stack.pop()) {
    if ('outputs' in next) {
      if (!seen.has(next)) pushSelect(next, stack);
      seen.add(next);
      continue;
    }
    if (test(next)) return true;
    const node = next as ExpressionNode;
    if (node.kind === 'scoped') stack.push(node.item);
    else if (node.kind === 'select' && nested) stack.push(node.node);
    else if (node.kind === 'fragment')
      for (const piece of node.pieces.toReversed()) if (typeof piece !== 'string') stack.push(piece);
  }
  return false;
}

/** All that a select is made of. */
function pushSelect(select: SelectNode, stack: (Expression | SelectNode)[]): void {
  for (const { expression } of select.outputs) stack.push(expression);
  for (const join of joinsOf(select)) stack.push(join.on);
  stack.push(...select.where, ...select.groupBy, ...select.having);
  for (const by of select.orderBy) stack.push(by.expression);
  if (select.compound) stack.push(...select.compound.selects);
  for (const from of sourcesOf(select)) if (from.kind === 'derived') stack.push(from.select);
}

/** What a select reads: its FROM and all that is joined to it. */
export function sourcesOf(select: Pick<SelectNode, 'from' | 'joins'>): SourceNode[] {
  const sources = select.from ? [select.from] : [];
  for (const join of joinsOf(select)) sources.push(join.source);
  return sources;
}

/** The joins of a select, those that belong to one of its sources before it. */
function joinsOf(select: Pick<SelectNode, 'joins'>): JoinNode[] {
  const joins: JoinNode[] = [];
  for (const join of select.joins) {
    if (join.within) joins.push(...join.within);
    joins.push(join);
  }
  return joins;
}

/** The sources of the columns in an expression; a nested select has its own. */
export function columnSources(expression: Expression, into: Set<SourceNode>): void {
  const note = (item: Expression): boolean => {
    const node = item as ExpressionNode;
    if (node.kind === 'column' && node.source !== 'excluded') into.add(node.source);
    return false;
  };
  someWithin([expression], note, false);
}

/** The pieces of a fragment. Those of a chain within a chain of the same operator are its own. */
export function piecesOf(fragment: Fragment): readonly (string | Expression)[] {
  const { chain, pieces } = fragment;
  const isLink = (piece: string | Expression): piece is Fragment => (piece as Partial<Fragment>).chain === chain;
  if (chain === undefined || !pieces.some(isLink)) return pieces;
  const all: (string | Expression)[] = [];
  const stack = [...pieces];
  for (let piece = stack.pop(); piece !== undefined; piece = stack.pop()) {
    if (isLink(piece)) for (const inner of piece.pieces) stack.push(inner);
    else all.push(piece);
  }
  return all.toReversed();
}
