import type { CallOptions } from '../../driver/driver.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { Bind } from '../../sql/expression.ts';
import type { Entity } from '../../sql/model.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { integerType } from '../../types/scalar.ts';
import { kindOf } from '../../util/brand.ts';
import { mapperOfSelect } from '../loading/entity-query.ts';
import { readRoot, type Loading, type Read } from '../loading/load.ts';
import { keyOrder } from '../loading/related.ts';
import { rootQuery } from '../loading/root-query.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { beyond, fromCursor, markOf, reversed, termsOf, toCursor, type Term } from './keyset.ts';
import { countNode, type Query } from './query.ts';
import { builderOf } from './watch.ts';

/** Where a page begins or ends: the values by which its rows are ordered, encoded, not encrypted. */
export type Cursor = string & { readonly '~cursor': true };

/** Which entities of a query: so many after a cursor, or before one, or a page by its number, from 1. */
export type PageOptions = CallOptions & {
  readonly size: number;
  /** How many the whole query yields, in the same trip. */
  readonly count?: boolean;
} & (
    | { readonly after?: string | null; readonly before?: undefined; readonly page?: undefined }
    | { readonly before: string; readonly after?: undefined; readonly page?: undefined }
    | { readonly page: number; readonly after?: undefined; readonly before?: undefined }
  );

export interface Page<E, O = PageOptions> {
  readonly items: E[];
  /** What to pass as `after` for what follows; null where nothing does. */
  readonly next: Cursor | null;
  /** What to pass as `before` for what comes before; null where nothing does. */
  readonly previous: Cursor | null;
  readonly count: O extends { readonly count: true } ? number : number | undefined;
}

/**
 * A page of a query, with the relations that it loads, in one round trip: by keyset (`after`, `before`: rows that come and
 * go meanwhile shift nothing, and no row before is read) or by number (`page`). Rows that are equal in the order come in
 * the order of their keys; NULL comes where the database puts it, or where `nullsFirst()` and `nullsLast()` say.
 *
 * @example
 * const query = session.query(Post).orderBy(Post.c.createdAt.desc()).with({ author: true })
 * const first = await paginate(query, { size: 20, count: true })
 * const second = await paginate(query, { size: 20, after: first.next })
 * // … where ("posts"."created_at", "posts"."id") < (?1, ?2) order by "posts"."created_at" desc, "posts"."id" desc limit ?3
 * @throws InvalidValueError for a cursor of another query, or none; for a size or a page that is no number of rows.
 */
export async function paginate<E extends Entity, const O extends PageOptions>(
  query: Query<E>,
  options: O,
): Promise<Page<E, O>> {
  const { loading, node } = builderOf(query, 'paginate()');
  const { size, count } = options;
  checkOptions(node, options);
  const plan = planPage(loading, node, options);
  const { nodes } = plan.read;
  const answers = await loading.read(count ? [...nodes, countNode(node)] : nodes, options);
  const states = await plan.read.take(answers.slice(0, nodes.length), options);
  const items = states.slice(0, size);
  if (plan.isBackward) items.reverse();
  const cursorOf = (state: InstanceState | undefined): Cursor | null =>
    state ? plan.cursor(state, answers[0]!) : null;
  const { isAfter, isBefore } = around(options, states.length > size);
  return {
    items: items.map((state): unknown => state.entity) as E[],
    next: isAfter ? cursorOf(items[items.length - 1]) : null,
    previous: isBefore ? cursorOf(items[0]) : null,
    count: (count ? Number(answers[nodes.length]![0]![0]) : undefined) as Page<E, O>['count'],
  };
}

function checkOptions({ limit, offset }: SelectNode, { size, page, after, before }: PageOptions): void {
  positive(size, 'size');
  if (limit || offset)
    throw new ConfigurationError('paginate(): the query has limit() or offset(); the size and the cursor say that');
  if ([page, after ?? undefined, before].filter((given) => given !== undefined).length > 1)
    throw new ConfigurationError('paginate(): give one of after, before and page');
}

/** Whether there is something after the page and before it: where it was come from, there is. */
function around({ page, after, before }: PageOptions, isMore: boolean): { isAfter: boolean; isBefore: boolean } {
  if (before !== undefined) return { isAfter: true, isBefore: isMore };
  return { isAfter: isMore, isBefore: typeof after === 'string' || (page ?? 1) > 1 };
}

interface PagePlan {
  readonly read: Read<InstanceState[]>;
  readonly isBackward: boolean;
  cursor(state: InstanceState, rows: readonly (readonly unknown[])[]): Cursor;
}

function planPage(loading: Loading, given: SelectNode, { size, page, after, before }: PageOptions): PagePlan {
  const mapper = mapperOfSelect(given);
  const { dialect } = loading.engine.driver;
  const order = [...given.orderBy, ...keyOrder(mapper, given.orderBy)];
  const isBackward = before !== undefined;
  const orderBy = isBackward ? reversed(order) : order;
  const terms = termsOf(orderBy, dialect);
  const mark = markOf([mapper.table.name, ...termsOf(order, dialect).map(textOf)]);
  const where = [...given.where];
  const from = before ?? after;
  if (from !== undefined && from !== null)
    where.push(beyond(terms, fromCursor(mark, terms, from, `paginate(): ${isBackward ? 'before' : 'after'}`)));
  const offset = page === undefined ? 0 : (positive(page, 'page') - 1) * size;
  const node: SelectNode = {
    ...given,
    where,
    orderBy,
    // One more says whether there are more.
    limit: new Bind(size + 1, integerType, true),
    offset: offset > 0 ? new Bind(offset, integerType, true) : undefined,
  };
  const root = rootQuery(node);
  const { shape } = root;
  const start = root.node.outputs.length;
  const extra = terms.map(({ expression }, at) => ({ name: `o${at}`, expression }));
  const read = readRoot(loading, { ...root, node: { ...root.node, outputs: [...root.node.outputs, ...extra] } });
  const { positions } = shape.candidates[shape.candidates.length - 1]!;
  const keyAt = mapper.key.map((mapped) => positions[mapped.index]!);
  return {
    read,
    isBackward,
    cursor: ({ identity }, rows) => {
      const row = rows.find((cells) => identityOf(keyAt.map((at) => cells[at])) === identity)!;
      return toCursor(
        mark,
        terms.map((_, at) => row[start + at]),
      ) as Cursor;
    },
  };
}

/** What of a term makes a cursor that of another order. */
function textOf({ expression, descending, nulls }: Term): string {
  return `${expression.label} ${descending} ${nulls}`;
}

function positive(n: number, what: string): number {
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new InvalidValueError(`paginate(): ${what}: expected a whole number, 1 or more; got ${kindOf(n)}`);
}

/**
 * All entities of a query, so many at a time, each chunk in one round trip with the relations that it loads. It begins after
 * the last row of the one before, in any order that `paginate()` takes: also over NULL and by expressions, which `stream()`
 * refuses.
 *
 * @example
 * for await (const users of chunks(session.query(User).orderBy(User.c.lastSeen).with({ posts: true }), { size: 500 })) …
 */
export async function* chunks<E extends Entity>(
  query: Query<E>,
  options: CallOptions & { readonly size: number },
): AsyncGenerator<E[]> {
  let after: Cursor | null = null;
  do {
    const page: Page<E> = await paginate(query, { ...options, after });
    if (page.items.length > 0) yield page.items;
    after = page.next;
  } while (after !== null);
}
