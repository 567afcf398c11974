import { ConfigurationError } from '../../errors/errors.ts';
import type { Link, RelationMapping } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { isChanged } from '../state/snapshot.ts';

/** The relation with `cascade: 'orphans'` that owns the child over a key. */
export function ownerOver(child: InstanceState, link: Link): RelationMapping | undefined {
  return link.backward.find(({ cascade, target }) => cascade === 'orphans' && child.mapper.isA(target));
}

/** Whether a relation over a key that can be NULL owns the child no more, and another one does: it was handed over. */
export function isHandedOver(child: InstanceState, { nullable }: Link): boolean {
  return nullable && child.mapper.links.size > 1 && owners(child).length > 0;
}

/**
 * Refuses a row that two relations own over different keys: it would go when either lets go of it. Where no key can be
 * NULL, as in the link between two parents, it needs them all, and goes with any.
 */
export function refuseSecondOwner(child: InstanceState): void {
  const { mapper, isNew } = child;
  if (mapper.links.size < 2) return;
  const held = owners(child);
  if (held.length < 2 || held.every(({ nullable }) => !nullable)) return;
  const isOwn = ({ columns }: Link): boolean => columns.some((mapped) => isChanged(child, mapped));
  // What the row says already is not the program's doing.
  if (!isNew && !held.some(isOwn)) return;
  const names = held.map((link) => {
    const { owner, name } = ownerOver(child, link)!;
    return `${owner.name}.${name} (${link.columns.map(({ attribute }) => attribute).join(', ')})`;
  });
  throw new ConfigurationError(
    `${child.label} has two parents: ${names.join(' and ')}, which both have cascade: 'orphans'. Take it out of one, or leave that cascade to one of them`,
    {
      model: mapper.name,
      attributes: held.flatMap(({ columns }) => columns.map(({ attribute }) => attribute)),
      table: mapper.table.name,
    },
  );
}

/** The keys over which relations own the child now. */
function owners(child: InstanceState): Link[] {
  return [...child.mapper.links].filter((link) => ownerOver(child, link) && isHeld(child, link));
}

function isHeld(child: InstanceState, link: Link): boolean {
  const known = child.known(link);
  // The key of a new parent is not known yet.
  if (known?.changed && known.target) return true;
  return child.values(link.columns).every((value) => value !== null && value !== undefined);
}
