import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import type { Expression } from '../../sql/expression.ts';
import type { One, OneRelation, RelationOptions } from '../../sql/relation.ts';
import { kindOf } from '../../util/brand.ts';
import type { MappedColumn, Mapper, RelationMapping } from '../mapping/mapper.ts';
import { RelationSpec } from '../mapping/relation.ts';
import { EntityBase } from './entity.ts';
import { assertWritable, load, member, notLoaded, partsOf, path, subsetOf, type StateKind } from './handle.ts';
import { identityOf } from './identity-map.ts';
import type { InstanceState } from './instance-state.ts';
import { collectionOf, pointTo, remember, targetOf } from './links.ts';
import { encoded, isChanged, rawValues } from './snapshot.ts';

type TableName = string;

/**
 * A to-one relation, always inside a getter.
 *
 * @example
 * get author() { return one(User, { by: 'authorId' }) }
 * get manager() { return one(User, { by: 'managerId' }).nullable() }
 */
export function one<C>(target: C | TableName, options: RelationOptions = {}): OneRelation<C, never> {
  const spec: object = new RelationSpec(toOne, target, options, false);
  return spec as OneRelation<C, never>;
}

const toOne: StateKind = {
  many: false,
  handle: (state, relation) => new OneHandle(state, relation),
  init: (state, relation, given) => {
    new OneHandle(state, relation).set(given[relation.name] as object);
    if (relation.way === 'forward') checkAgreement(state, relation, given);
  },
  receive: receiveTargets,
  refersTo: keyConditions,
};

/** What `post.author` is. */
export class OneHandle implements One<object | null> {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    this.#state = state;
    this.#relation = relation;
  }

  /** Null for none, undefined when it is not in memory. */
  #find(): object | null | undefined {
    const { way, link } = this.#relation;
    if (way === 'forward') {
      const target = targetOf(this.#state, link!);
      return target && target.entity;
    }
    const items = collectionOf(this.#state, this.#relation).peek();
    return items && (items[0] ?? null);
  }

  get loaded(): boolean {
    return this.#find() !== undefined;
  }
  get value(): object | null {
    const value = this.#find();
    if (value !== undefined) return value;
    throw notLoaded(this.#state, this.#relation, 'value');
  }
  get subset(): readonly object[] {
    return subsetOf(this.#state, this.#relation);
  }
  get parts(): Readonly<Record<string, readonly object[]>> {
    return partsOf(this.#state, this.#relation);
  }
  peek(): object | null | undefined {
    return this.#find();
  }

  set(entity: object | null): void {
    const [state, relation] = [this.#state, this.#relation];
    if (entity === null && !relation.nullable) {
      throw new ConfigurationError(`${path(state, relation)}.set(null): the relation is not nullable()`);
    }
    assertWritable(relation, `${path(state, relation)}.set()`);
    const other = entity === null ? null : member(state, relation, entity, 'set()');
    const link = relation.link!;
    if (relation.way === 'forward') return pointTo(state, link, other);
    if (other) return pointTo(other, link, state);
    if (!this.loaded) throw notLoaded(state, relation, 'set(null)');
    for (const held of collectionOf(state, relation).peek() ?? []) pointTo(EntityBase.state(held)!, link, null);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a relation loads it: that is its interface
  then<A = object | null, B = never>(
    resolve?: ((value: object | null) => A | PromiseLike<A>) | null,
    reject?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#load().then(resolve, reject);
  }
  async #load(): Promise<object | null> {
    if (!this.loaded) await load(this.#state, this.#relation);
    return this.value;
  }
}

function receiveTargets(
  owners: readonly InstanceState[],
  relation: RelationMapping,
  targets: readonly InstanceState[],
  isForKeys: boolean,
): void {
  const link = relation.link!;
  const byReference = new Map(
    targets.map((target) => [identityOf(rawValues(target, link.references)), target] as const),
  );
  for (const owner of owners) {
    const values = owner.values(link.columns);
    if (values.some((value) => value === null || value === undefined)) continue;
    const target = byReference.get(identityOf(encoded(owner.codecs, link.columns, values)));
    if (target) loadedTarget(owner, relation, target);
    // A key that refers to no row. What was asked is what the row has, so not one that the program changed since.
    else if (isForKeys || !link.columns.some((mapped) => isChanged(owner, mapped))) {
      loadedTarget(owner, relation, targetOf(owner, link) ?? null);
    }
  }
}

/** A key that is given beside its relation must be that of the entity. */
function checkAgreement(
  state: InstanceState,
  relation: RelationMapping,
  given: Readonly<Record<string, unknown>>,
): void {
  for (const { attribute, type } of relation.link!.columns) {
    const [key, related] = [given[attribute], state.entity[attribute]];
    if (key === undefined || key === related) continue;
    if (key !== null && related !== null && related !== undefined && type.equals(key, related)) continue;
    throw new ConfigurationError(
      `new ${state.mapper.name}(): '${attribute}' and '${relation.name}' disagree; give one of them`,
      { model: state.mapper.name, attributes: [attribute, relation.name] },
    );
  }
}
/** Notes a target that was loaded for the present key. */
export function loadedTarget(state: InstanceState, relation: RelationMapping, target: InstanceState | null): void {
  const link = relation.link!;
  if (!state.known(link)?.changed) remember(state, link, target, state.values(link.columns), false);
}

/** Conditions under which a foreign key refers to `entity`, or to nothing. */
function keyConditions(
  mapper: Mapper,
  { link, target }: RelationMapping,
  entity: unknown,
  where: string,
): Expression[] {
  const { columns, references } = link!;
  const node = (mapped: MappedColumn): Expression => mapper.source.columns.get(mapped.attribute)!;
  if (entity === null) return link!.emptied.map((mapped) => node(mapped).isNull());
  if (!target.class || !(entity instanceof target.class))
    throw new InvalidValueError(`${where}: expected a ${target.name} or null, got ${kindOf(entity)}`);
  return columns.map((mapped, at) => {
    const value: unknown = Reflect.get(entity, references[at]!.attribute);
    if (value === undefined || value === null)
      throw new InvalidValueError(`${where}: the entity has no key yet; commit it first`);
    return node(mapped).eq(value);
  });
}
