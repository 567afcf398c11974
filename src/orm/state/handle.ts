import { ConfigurationError, NotLoadedError } from '../../errors/errors.ts';
import type { RelationKind, RelationMapping } from '../mapping/mapper.ts';
import { stateOf } from './entity.ts';
import type { InstanceState } from './instance-state.ts';

/** What entities have to do with relations of one kind alone. */
export interface StateKind extends RelationKind {
  /** What `user.posts` or `post.author` is. */
  handle(state: InstanceState, relation: RelationMapping): object;
  /** Takes what `new` was given for the relation. */
  init(state: InstanceState, relation: RelationMapping, given: Readonly<Record<string, unknown>>): void;
  /**
   * Notes what was loaded for the keys of its owners.
   *
   * @param isForKeys whether it was asked for the keys that they have in memory, and not for those of their rows.
   */
  receive?(
    owners: readonly InstanceState[],
    relation: RelationMapping,
    targets: readonly InstanceState[],
    isForKeys: boolean,
  ): void;
}

export function kindOfRelation(relation: RelationMapping): StateKind {
  // Those who declare relations, `many()` and `one()`, bring no less.
  return relation.kind as StateKind;
}

/** A relation of one entity. */
export function handleOf(state: InstanceState, relation: RelationMapping): object {
  return kindOfRelation(relation).handle(state, relation);
}

export function path(state: InstanceState, relation: RelationMapping): string {
  return `${state.mapper.name}.${relation.name}`;
}

export function notLoaded(state: InstanceState, relation: RelationMapping, property: string): Error {
  return new NotLoadedError(
    `${path(state, relation)}.${property}: the relation of ${state.label} is not loaded. Await it, load it with the query: with({ ${relation.name}: true }), or session.load(entity, { ${relation.name}: true })`,
    { model: state.mapper.name, attributes: [relation.name] },
  );
}

export function subsetOf(state: InstanceState, relation: RelationMapping): readonly object[] {
  const subset = state.collections?.get(relation)?.subset;
  if (subset) return subset;
  throw notLoaded(state, relation, 'subset');
}

export function partsOf(state: InstanceState, relation: RelationMapping): Readonly<Record<string, readonly object[]>> {
  const parts = state.collections?.get(relation)?.parts;
  if (parts) return parts;
  throw notLoaded(state, relation, 'parts');
}

export async function load(state: InstanceState, relation: RelationMapping): Promise<void> {
  if (!state.context) {
    throw new NotLoadedError(
      `${path(state, relation)} is not loaded, and ${state.label} is in no session that could load it`,
      {
        model: state.mapper.name,
        attributes: [relation.name],
      },
    );
  }
  await state.context.load(state, relation);
}

export function assertWritable({ view }: RelationMapping, where: string): void {
  if (view) throw new ConfigurationError(`${where}: the relation is viewOnly; change the one that is written`);
}

/** The other entity of a change to a relation, checked. */
export function member(state: InstanceState, relation: RelationMapping, entity: unknown, what: string): InstanceState {
  const where = `${path(state, relation)}.${what}`;
  assertWritable(relation, where);
  const other = stateOf(entity, where);
  if (!other.mapper.isA(relation.target)) {
    throw new ConfigurationError(`${where}: expected a ${relation.target.name}, got a ${other.mapper.name}`);
  }
  if (state.context && other.context && state.context !== other.context) {
    throw new ConfigurationError(
      `${where}: ${state.label} and ${other.label} are in different sessions: load both in one, or merge() one of them`,
      { model: state.mapper.name, attributes: [relation.name] },
    );
  }
  return other;
}
