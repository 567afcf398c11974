import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { Bind, ColumnNode, logical, type Expression, type Order } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { integerType } from '../../types/scalar.ts';
import { mapperOfSelect } from '../loading/entity-query.ts';
import { readRoot, type Loading } from '../loading/load.ts';
import { keyOrder } from '../loading/related.ts';
import { limitOf, rootQuery } from '../loading/root-query.ts';
import type { MappedColumn } from '../mapping/mapper.ts';

/** Rows that one round trip of a stream brings. */
const CHUNK = 1000;

/**
 * The entities of a select, chunk by chunk: each begins after the last row of the one before (keyset pagination), so that
 * rows inserted meanwhile shift nothing.
 */
export async function* streamChunks(
  given: SelectNode,
  loading: Loading,
  options?: CallOptions,
): AsyncGenerator<object> {
  const mapper = mapperOfSelect(given);
  const orderBy = [...given.orderBy, ...keyOrder(mapper, given.orderBy)];
  const terms = orderBy.map((by) => termOf(by, given));
  const only = given.only && [...given.only, ...terms.map((mapped) => mapped.attribute)];
  const codecs = mapper.codecs(loading.engine.driver.dialect);
  let left = limitOf(given);
  let after: Expression | undefined;
  let { offset } = given;
  while (left > 0) {
    const size = Math.min(CHUNK, left);
    const where = after ? [...given.where, after] : given.where;
    const node: SelectNode = { ...given, only, where, orderBy, limit: new Bind(size, integerType, true), offset };
    const root = rootQuery(node);
    const read = readRoot(loading, root);
    const rows = await loading.read(read.nodes, options);
    for (const { entity } of await read.take(rows, options)) yield entity;
    const chunk = rows[0]!;
    if (chunk.length < size) return;
    left -= size;
    offset = undefined;
    // The row as it came: the program may have changed the entity since.
    const last = chunk[chunk.length - 1]!;
    const { positions } = root.shape.candidates[root.shape.candidates.length - 1]!;
    after = beyond(
      orderBy,
      terms.map(({ index }) => codecs[index]!.decode(last[positions[index]!])),
    );
  }
}

function termOf(by: Order, node: SelectNode): MappedColumn {
  const { expression } = by;
  const column = expression instanceof ColumnNode ? expression.column : undefined;
  const mapped = column && mapperOfSelect(node).attributeOf(column);
  if (mapped && !column.nullable && by.nulls === undefined) return mapped;
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
