import { groupBy } from '../../util/group-by.ts';
import { dependents, type Link, type RelationMapping } from '../mapping/mapper.ts';
import { identityIn, identityOf } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { targetOf } from '../state/links.ts';
import { encoded, isChanged } from '../state/snapshot.ts';
import type { Pending } from './work.ts';

/** Whether children go with their parent, by the relation's cascade or by the database's. */
export function deletesChildren(relation: RelationMapping): boolean {
  return relation.cascade !== 'save' || relation.link?.onDelete === 'cascade';
}

/** Whether rows with this key go with the row that it refers to. */
export function goesWithTarget(link: Link): boolean {
  return link.onDelete === 'cascade' || link.backward.some(deletesChildren);
}

/**
 * Follows the deletions through memory, at any depth: the entities whose rows a set-based statement or the database
 * deletes. A child that the program has moved to a deleted parent is deleted by its own key, so it joins `deleted`: in the
 * database it still belongs to another.
 */
export function sweep(deleted: Set<InstanceState>, pending: Pending): Set<InstanceState> {
  const swept = new Set<InstanceState>();
  const queue = [...deleted];
  const seen = new Set(queue);
  const children = new ChildIndex(pending);
  for (let parent = queue.pop(); parent; parent = queue.pop()) {
    for (const relation of dependents(parent.mapper)) {
      if (!deletesChildren(relation)) continue;
      for (const child of children.of(parent, relation)) {
        if (!deleted.has(child)) (isMoved(child, relation.link) ? deleted : swept).add(child);
        if (!seen.has(child)) queue.push(child);
        seen.add(child);
      }
    }
  }
  return swept;
}

/** Whether the program gave a child another key than its row has. */
export function isMoved(child: InstanceState, link: Link): boolean {
  return link.columns.some((mapped) => isChanged(child, mapped));
}

/** Entities in memory by the parent that they refer to now. */
export class ChildIndex {
  readonly #pending: Pending;
  readonly #byLink = new Map<Link, Map<InstanceState | string | number, InstanceState[]>>();

  constructor(pending: Pending) {
    this.#pending = pending;
  }

  of(parent: InstanceState, relation: RelationMapping & { readonly link: Link }): readonly InstanceState[] {
    const index = this.#index(relation.link);
    const byKey = parent.row ? index.get(identityIn(parent, relation.link.references)!) : undefined;
    return [...(index.get(parent) ?? []), ...(byKey ?? [])];
  }

  #index(link: Link): Map<InstanceState | string | number, InstanceState[]> {
    let index = this.#byLink.get(link);
    if (index) return index;
    const children = [...this.#pending.identities.of(link.holder).values()].filter(
      (child) => child.mapper.links.has(link) && targetOf(child, link) !== null,
    );
    this.#byLink.set(link, (index = groupBy(children, (child) => parentOf(child, link))));
    return index;
  }
}

/** The parent that an entity refers to now, or its key where it is not in memory. */
function parentOf(child: InstanceState, link: Link): InstanceState | string | number {
  return targetOf(child, link) ?? identityOf(encoded(child.codecs, link.columns, child.values(link.columns)));
}
