import { ConfigurationError } from '../../errors/errors.ts';
import { SELECT } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { isBranded, kindOf } from '../../util/brand.ts';
import type { Mapper, RelationMapping } from '../mapping/mapper.ts';
import { mapperOfSelect } from './entity-query.ts';
import { LOAD_BY, type Branch, type LoadSpec } from './strategy.ts';

/** Reads what `with()` was given: relations by name, each `true`, relations of the target, a select of it, or a way to load. */
export function branchesOf(mapper: Mapper, relations: unknown, where: string): Branch[] {
  if (relations === undefined) return [];
  if (typeof relations !== 'object' || relations === null) {
    throw new ConfigurationError(
      `${where}: expected relations by name, like { posts: true }, got ${kindOf(relations)}`,
    );
  }
  return Object.entries(relations).flatMap(([name, value]): Branch[] => {
    const relation = mapper.relations.get(name);
    if (!relation) {
      const known = [...mapper.relations.keys()].join(', ') || 'none';
      throw new ConfigurationError(`${where}: ${mapper.name} has no relation '${name}'; it has ${known}`);
    }
    if (value === undefined || value === false) return [];
    if (relation.kind!.neverLoaded)
      throw new ConfigurationError(`${where}: ${mapper.name}.${name} is write-only: query its select()`);
    return branchOf(relation, value, `${where}.${name}`);
  });
}

export function branchOf(relation: RelationMapping, value: unknown, where: string): Branch[] {
  if (value === true) return [{ relation, part: undefined, branches: [] }];
  if (isBranded(value, LOAD_BY)) return (value as LoadSpec).branches(relation, where);
  if (!isBranded(value, SELECT))
    return [{ relation, part: undefined, branches: branchesOf(relation.target, value, where) }];
  const part = (value as { readonly node?: unknown }).node as SelectNode;
  const mapper = mapperOfSelect(part);
  if (!mapper.isA(relation.target)) {
    throw new ConfigurationError(`${where}: expected a select of ${relation.target.name}, got one of ${mapper.name}`);
  }
  return [{ relation, part, branches: branchesOf(mapper, part.load, where) }];
}

/** Of one relation an entity shows one part without a name: of two, one would pass for the other. */
export function refuseTwoParts(branches: readonly Branch[], seen: Map<RelationMapping, SelectNode> = new Map()): void {
  for (const { relation, part, name, branches: further } of branches) {
    if (part && name === undefined) {
      const { owner, name: attribute } = relation;
      if ((seen.get(relation) ?? part) !== part)
        throw new ConfigurationError(
          `with(): two parts of ${owner.name}.${attribute} in one query; give them names: ${attribute}: parts({ … })`,
          { model: owner.name, attributes: [attribute] },
        );
      seen.set(relation, part);
    }
    refuseTwoParts(further, seen);
  }
}
