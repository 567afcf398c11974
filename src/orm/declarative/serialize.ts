import { ConfigurationError } from '../../errors/errors.ts';
import type { Loaded, With } from '../../sql/loading.ts';
import type { Entity } from '../../sql/model.ts';
import type { Json } from '../../sql/plain.ts';
import { kindOf } from '../../util/brand.ts';
import { columnsToJson, stateOf } from '../state/entity.ts';
import { handleOf } from '../state/handle.ts';
import { ManyHandle } from '../state/many.ts';
import type { OneHandle } from '../state/one.ts';

/**
 * The visible columns of an entity and the relations of `shape`, which must be loaded. What else the session happens to
 * have loaded never shows.
 *
 * @example
 * serialize(user, { posts: { tags: true } }) // { id, name, posts: [{ id, title, tags: [{ id, label }] }] }
 * @throws NotLoadedError when a relation of `shape` is not loaded.
 */
export function serialize<E extends Entity, const W extends With<E>>(
  entity: Loaded<E, NoInfer<W>>,
  shape: W,
): Json<E, W> {
  return toJson(entity, shape) as Json<E, W>;
}

function toJson(entity: unknown, shape: unknown): Record<string, unknown> {
  const state = stateOf(entity, 'serialize()');
  const json = columnsToJson(state);
  if (shape === true) return json;
  if (typeof shape !== 'object' || shape === null) {
    throw new ConfigurationError(`serialize(): a shape is true or an object of relations, got ${kindOf(shape)}`);
  }
  for (const [name, inner] of Object.entries(shape)) {
    const relation = state.mapper.relations.get(name);
    if (!relation) {
      throw new ConfigurationError(
        `serialize(): ${state.mapper.name} has no relation '${name}'; it has ${[...state.mapper.relations.keys()].join(', ')}`,
      );
    }
    const handle = handleOf(state, relation) as ManyHandle | OneHandle;
    if (handle instanceof ManyHandle) json[name] = handle.items.map((item) => toJson(item, inner));
    else json[name] = handle.value === null ? null : toJson(handle.value, inner);
  }
  return json;
}
