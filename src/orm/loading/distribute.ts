import { followed, type Link } from '../mapping/mapper.ts';
import { kindOfRelation } from '../state/handle.ts';
import { identityOf, identityOfSole } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf, targetOf } from '../state/links.ts';
import { isChanged, rawValues } from '../state/snapshot.ts';
import type { Branch } from './strategy.ts';

type Cells = readonly unknown[];

/** Gives each parent its related entities. */
export function distribute(
  step: { readonly branch: Branch; readonly byKeys: boolean },
  parents: readonly InstanceState[],
  rows: readonly Cells[],
  children: readonly InstanceState[],
  ownerAt?: readonly number[],
): void {
  const { relation, part, name } = step.branch;
  if (relation.way === 'forward' && !part)
    return kindOfRelation(relation).receive!(parents, relation, children, step.byKeys);
  const groups = byOwner(step.branch, rows, children, ownerAt);
  const columns = followed(relation);
  const isAsRead = part !== undefined || relation.view !== undefined;
  for (const parent of parents) {
    if (parent.isNew) continue;
    const members: object[] = [];
    for (const child of groups.get(identityOf(rawValues(parent, columns))) ?? [])
      if (isAsRead || belongs(child, relation.link, parent)) members.push(child.entity);
    const collection = collectionOf(parent, relation);
    if (part) collection.receivePart(members, name);
    else collection.receive(members);
  }
}

/** Related entities by the key of the parent that their row says. */
function byOwner(
  { relation }: Branch,
  rows: readonly Cells[],
  children: readonly InstanceState[],
  ownerAt: readonly number[] | undefined,
): Map<string | number, InstanceState[]> {
  const groups = new Map<string | number, InstanceState[]>();
  const sole = ownerAt?.length === 1 ? ownerAt[0]! : undefined;
  rows.forEach((row, index) => {
    const child = children[index]!;
    const owner =
      sole === undefined
        ? identityOf(ownerAt ? ownerAt.map((at) => row[at]) : rawValues(child, relation.link!.references))
        : identityOfSole(row[sole]);
    const group = groups.get(owner);
    if (group) group.push(child);
    else groups.set(owner, [child]);
  });
  return groups;
}

/** A row that the program has moved to another parent since is not its old parent's any more. */
function belongs(child: InstanceState, link: Link | undefined, parent: InstanceState): boolean {
  if (!link || child.isNew) return true;
  if (!link.columns.some((mapped) => isChanged(child, mapped))) return true;
  return targetOf(child, link) === parent;
}
