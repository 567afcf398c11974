import { assertNever } from '../errors/errors.ts';
import type {
  Bind,
  Binary,
  ColumnNode,
  Exists,
  Expression,
  InList,
  InRows,
  InSelect,
  Label,
  Logical,
  Not,
  NullTest,
  Scalar,
  Scoped,
} from './expression.ts';
import type { Call, CaseNode, Raw } from './functions.ts';
import type { SelectNode, SourceNode } from './nodes.ts';

/** Every kind of expression: the passes over a tree switch on `kind`. */
export type ExpressionNode =
  | ColumnNode
  | Bind
  | Binary
  | Logical
  | Not
  | NullTest
  | InList
  | InRows
  | InSelect
  | Exists
  | Scalar
  | Label
  | Scoped
  | Call
  | CaseNode
  | Raw;

/** The direct parts of an expression; parts of a nested select are in `select`. */
export function partsOf(expression: Expression): {
  readonly items: readonly Expression[];
  readonly select?: SelectNode;
} {
  const node = expression as ExpressionNode;
  switch (node.kind) {
    case 'column':
    case 'bind':
      return { items: [] };
    case 'binary':
      return { items: [node.left, node.right] };
    case 'logical':
    case 'in-rows':
      return { items: node.items };
    case 'not':
    case 'null-test':
    case 'label':
    case 'scoped':
    case 'in-list':
      return { items: [node.item] };
    case 'in-select':
      return { items: [node.item], select: node.select };
    case 'exists':
    case 'scalar':
      return { items: [], select: node.select };
    case 'call':
      return { items: callParts(node) };
    case 'case':
      return { items: [...node.branches.flat(), ...(node.otherwise ? [node.otherwise] : [])] };
    case 'raw':
      return { items: node.holes };
    default:
      return assertNever(node, 'expression');
  }
}

function callParts(node: Call): Expression[] {
  const { filter, over } = node.options;
  return [
    ...node.args,
    ...(filter ? [filter] : []),
    ...(over ? [...over.partitionBy, ...over.orderBy.map((by) => by.expression)] : []),
  ];
}

/** Whether `test` holds for the expression or one within it, nested selects included. */
export function someExpression(expression: Expression, test: (node: Expression) => boolean): boolean {
  if (test(expression)) return true;
  const { items, select } = partsOf(expression);
  return items.some((item) => someExpression(item, test)) || (select !== undefined && someInSelect(select, test));
}

/** Whether `test` holds for an expression of the select. */
export function someInSelect(select: SelectNode, test: (node: Expression) => boolean): boolean {
  const some = (expressions: readonly Expression[]): boolean => expressions.some((item) => someExpression(item, test));
  return (
    some(select.outputs.map((output) => output.expression)) ||
    some(select.joins.map((join) => join.on)) ||
    some(select.where) ||
    some(select.groupBy) ||
    some(select.having) ||
    some(select.orderBy.map((by) => by.expression)) ||
    (select.compound?.selects.some((part) => someInSelect(part, test)) ?? false) ||
    sourcesOf(select).some((from) => from.kind === 'derived' && !from.recursive && someInSelect(from.select, test))
  );
}

export function sourcesOf(select: SelectNode): SourceNode[] {
  return [...(select.from ? [select.from] : []), ...select.joins.map((join) => join.source)];
}
