import { ConfigurationError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import { topologicalGroups } from '../../util/topological.ts';
import { isRevision, type Revision } from './revision.ts';

/** Revisions as a directed graph without cycles; it may have several ends and several beginnings. */
export class RevisionGraph {
  /** Every revision after those that it comes after; between others, by their ids. */
  declare readonly ordered: readonly Revision[];
  readonly #byId: ReadonlyMap<string, Revision>;
  readonly #byLabel = new Map<string, Revision>();
  readonly #replacedBy = new Map<string, Revision>();
  readonly #children = new Map<string, Revision[]>();

  /** @throws ConfigurationError about two of one id or label, a parent that is none, or a cycle. */
  constructor(revisions: readonly Revision[]) {
    this.#byId = indexed(revisions);
    for (const revision of revisions) {
      for (const label of revision.labels) this.#label(label, revision);
      for (const id of revision.replaces) this.#replacedBy.set(id, revision);
    }
    for (const revision of revisions) {
      for (const [what, ids] of [['parent', revision.parents] as const, ['dependency', revision.dependsOn] as const]) {
        for (const id of ids) this.#assertThere(revision, what, id);
      }
    }
    this.ordered = this.#sort(revisions);
    for (const revision of this.ordered) {
      for (const parent of revision.parents) this.childrenOf(parent).push(revision);
    }
  }

  get(id: string): Revision | undefined {
    return this.#byId.get(id);
  }

  labelled(label: string): Revision | undefined {
    return this.#byLabel.get(label);
  }

  /** The revision that a squashed one has become part of. */
  replacing(id: string): Revision | undefined {
    return this.#replacedBy.get(id);
  }

  /** Those that name the revision as their parent. */
  childrenOf(id: string): Revision[] {
    let children = this.#children.get(id);
    if (!children) this.#children.set(id, (children = []));
    return children;
  }

  /** The revisions that no other comes after. */
  get heads(): readonly Revision[] {
    return this.ordered.filter(({ id }) => this.childrenOf(id).length === 0);
  }

  /** The revisions with all that comes before them. */
  closure(ids: Iterable<string>): Set<string> {
    return this.#walk(ids, (id) => needed(this.#byId.get(id)));
  }

  /** The revisions with all that comes after them. */
  descent(ids: Iterable<string>): Set<string> {
    const after = new Map<string, string[]>();
    for (const revision of this.ordered) {
      for (const id of needed(revision)) after.set(id, [...(after.get(id) ?? []), revision.id]);
    }
    return this.#walk(ids, (id) => after.get(id) ?? []);
  }

  #walk(ids: Iterable<string>, next: (id: string) => Iterable<string>): Set<string> {
    const found = new Set(ids);
    for (const id of found) for (const other of next(id)) found.add(other);
    return found;
  }

  #label(label: string, revision: Revision): void {
    const other = this.#byLabel.get(label);
    if (other)
      throw new ConfigurationError(
        `the label '${label}' stands on '${other.id}' and on '${revision.id}': take it off one`,
      );
    if (this.#byId.has(label))
      throw new ConfigurationError(`the label '${label}' of '${revision.id}' is the id of another revision`);
    this.#byLabel.set(label, revision);
  }

  #assertThere(revision: Revision, what: string, id: string): void {
    if (this.#byId.has(id)) return;
    const heir = this.#replacedBy.get(id);
    throw new ConfigurationError(
      heir
        ? `revision '${revision.id}' has the ${what} '${id}', which was squashed into '${heir.id}': name that one`
        : `revision '${revision.id}' has the ${what} '${id}', and there is no such revision: is its file missing, or left out of the list?`,
    );
  }

  #sort(revisions: readonly Revision[]): Revision[] {
    const byName = revisions.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const groups = topologicalGroups(byName, (revision) => needed(revision).map((id) => this.#byId.get(id)!));
    for (const group of groups) {
      const [first] = group;
      if (group.length === 1 && !needed(first).includes(first!.id)) continue;
      const names = group.map(({ id }) => `'${id}'`).join(', ');
      throw new ConfigurationError(`${names} come after each other in a circle: correct the parents of one of them`);
    }
    return groups.flat();
  }
}

function needed(revision: Revision | undefined): readonly string[] {
  return revision ? [...revision.parents, ...revision.dependsOn] : [];
}

function indexed(revisions: readonly Revision[]): Map<string, Revision> {
  const byId = new Map<string, Revision>();
  revisions.forEach((revision, at) => {
    if (!isRevision(revision)) {
      throw new ConfigurationError(
        `item ${at + 1} of the revisions is ${kindOf(revision)}: each module of them has to export revision({ … }) as its default`,
      );
    }
    if (byId.has(revision.id)) {
      throw new ConfigurationError(`two revisions have the id '${revision.id}': give one of them another`);
    }
    byId.set(revision.id, revision);
  });
  return byId;
}
