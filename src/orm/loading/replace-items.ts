import { ConfigurationError } from '../../errors/errors.ts';
import type { Many } from '../../sql/relation.ts';
import { kindOf } from '../../util/brand.ts';
import { ManyHandle } from '../state/many.ts';

/**
 * Makes a loaded collection hold these entities and no others: what it lacks is added, what is not among them is taken
 * out. One that is `ordered()` has them in this order.
 *
 * @example
 * const post = await session.query(Post).with({ tags: true }).one()
 * replaceItems(post.tags, [sql, edge])
 * @throws NotLoadedError where the whole is not loaded: nobody knows what to take out.
 * @throws ConfigurationError for a part of the collection: what it leaves out would be taken for what is to go.
 */
export function replaceItems<E>(collection: Many<E>, entities: Iterable<E>): void {
  const handle: unknown = collection;
  if (!(handle instanceof ManyHandle))
    throw new ConfigurationError(`replaceItems(): expected a collection, like user.posts, got ${kindOf(collection)}`);
  const given: unknown = entities;
  const { owner, relation, subset, parts = {} } = handle.collection;
  if ([subset, ...Object.values(parts)].includes(given as readonly object[])) {
    const { name: model } = owner.mapper;
    throw new ConfigurationError(
      `replaceItems(): these are a part of ${model}.${relation.name} of ${owner.label}; what the part leaves out would be taken out of the whole. Load the whole and say what is to stay`,
      { model, attributes: [relation.name] },
    );
  }
  const next = new Set(entities as Iterable<object>);
  const before = handle.items;
  handle.remove(...before.filter((item) => !next.has(item)));
  handle.add(...[...next].filter((item) => !before.includes(item)));
  // One that keeps an order takes that of the list.
  if ('arrange' in handle) (handle as { arrange(items: readonly object[]): void }).arrange([...next]);
}
