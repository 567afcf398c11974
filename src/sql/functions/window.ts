import { ATOM, Fragment, joined, type Expression, type Order, type Piece } from '../expression.ts';

/** What stands within the parentheses of OVER. */
export interface WindowNode {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly Order[];
  readonly frame?: string | undefined;
}

export function windowPieces({ partitionBy, orderBy, frame }: WindowNode): Piece[] {
  const clauses: Fragment[] = [];
  const add = (pieces: Piece[]): unknown => clauses.push(new Fragment(pieces, undefined, ATOM));
  if (partitionBy.length > 0) add(['partition by ', ...joined(partitionBy, ', ')]);
  if (orderBy.length > 0) add(orderPieces(orderBy));
  if (frame !== undefined) add([frame]);
  return joined(clauses, ' ');
}

/** ORDER BY within a window or an aggregate. */
export function orderPieces(orderBy: readonly Order[]): Piece[] {
  const terms = orderBy.map(
    ({ expression, suffix }) => new Fragment([expression, suffix], undefined, ATOM, 'orderBy', expression.type),
  );
  return ['order by ', ...joined(terms, ', ')];
}
