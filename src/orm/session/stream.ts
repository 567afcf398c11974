import { ConfigurationError } from '../../errors/errors.ts';
import { Bind, ColumnNode, logical, type Expression, type Order } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { integerType } from '../../types/scalar.ts';
import { mapperOfSelect } from '../loading/entity-query.ts';
import { keyOrder } from '../loading/related.ts';

/** Rows that one round trip of a stream brings. */
const CHUNK = 1000;

type Load = (node: SelectNode) => Promise<object[]>;

/**
 * The entities of a select, chunk by chunk: each begins after the last row of the one before (keyset pagination), so that
 * rows inserted meanwhile shift nothing.
 */
export async function* streamChunks(node: SelectNode, load: Load): AsyncGenerator<object> {
  const mapper = mapperOfSelect(node);
  const orderBy = [...node.orderBy, ...keyOrder(mapper, node.orderBy)];
  const attributes = orderBy.map((by) => attributeOf(by, node));
  let left = limitOf(node);
  let after: Expression | undefined;
  let offset = node.offset;
  while (left > 0) {
    const size = Math.min(CHUNK, left);
    const where = after ? [...node.where, after] : node.where;
    const chunk = await load({ ...node, where, orderBy, limit: new Bind(size, integerType, true), offset });
    yield* chunk;
    if (chunk.length < size) return;
    left -= size;
    offset = undefined;
    const last = chunk[chunk.length - 1] as Record<string, unknown>;
    after = beyond(
      orderBy,
      attributes.map((attribute) => last[attribute]),
    );
  }
}

function limitOf(node: SelectNode): number {
  const given = (node.limit as Bind | undefined)?.value;
  return typeof given === 'number' ? given : Number.POSITIVE_INFINITY;
}

function attributeOf(by: Order, node: SelectNode): string {
  const { expression } = by;
  const column = expression instanceof ColumnNode ? expression.column : undefined;
  const mapped = column && mapperOfSelect(node).attributeOf(column);
  if (mapped && !column.nullable && by.nulls === undefined) return mapped.attribute;
  throw new ConfigurationError(
    'stream(): order by columns of the model that are not nullable; the next chunk begins after their values',
  );
}

/** Rows after the one with these values: later in the first term, or equal there and later in the next, and so on. */
function beyond(orderBy: readonly Order[], values: readonly unknown[]): Expression {
  const later = orderBy.map(({ expression, descending }, at) => {
    const equal = orderBy.slice(0, at).map((by, before) => by.expression.eq(values[before]));
    const next = descending ? expression.lt(values[at]) : expression.gt(values[at]);
    return logical('and', [...equal, next]);
  });
  return logical('or', later);
}
