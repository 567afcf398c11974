import { followed, type Link } from '../mapping/mapper.ts';
import { identityOf, identityOfSole } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { collectionOf, targetOf } from '../state/links.ts';
import { loadedTarget } from '../state/handles.ts';
import { encoded, isChanged, rawValues } from '../state/snapshot.ts';
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
  if (relation.way === 'forward' && !part) return distributeTargets(step, parents, children);
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

function distributeTargets(
  { branch, byKeys }: { readonly branch: Branch; readonly byKeys: boolean },
  parents: readonly InstanceState[],
  children: readonly InstanceState[],
): void {
  const { relation } = branch;
  const link = relation.link!;
  const byReference = new Map(children.map((child) => [identityOf(rawValues(child, link.references)), child] as const));
  for (const parent of parents) {
    const values = parent.values(link.columns);
    if (values.some((value) => value === null || value === undefined)) continue;
    const target = byReference.get(identityOf(encoded(parent.codecs, link.columns, values)));
    if (target) loadedTarget(parent, relation, target);
    // A key that refers to no row. What was asked is what the row has, so not one that the program changed since.
    else if (byKeys || !link.columns.some((mapped) => isChanged(parent, mapped))) {
      loadedTarget(parent, relation, targetOf(parent, link) ?? null);
    }
  }
}
