import { ConfigurationError } from '../../errors/errors.ts';
import type { RevisionGraph } from './graph.ts';
import type { Revision } from './revision.ts';
import { findEnds, findRevision, stepsIn } from './target.ts';

/** Which revisions go, in which order, and which way. */
export interface MigrationPlan {
  readonly direction: 'up' | 'down';
  readonly revisions: readonly Revision[];
}

const quoted = (revisions: readonly { readonly id: string }[]): string =>
  revisions.map(({ id }) => `'${id}'`).join(', ');

/**
 * The revisions that bring a database forward to a target: all before it that are not applied, whatever their age.
 *
 * @throws ConfigurationError if the target is none or ambiguous.
 */
export function planUpgrade(graph: RevisionGraph, applied: ReadonlySet<string>, target: string): MigrationPlan {
  if (target === 'base') throw new ConfigurationError(`'base' is where one goes down to: \`cinnabar downgrade base\``);
  const count = stepsIn(target);
  if (count === undefined) {
    const wanted = graph.closure(findEnds(graph, target).map(({ id }) => id));
    return up(graph.ordered.filter(({ id }) => wanted.has(id) && !applied.has(id)));
  }
  if (count < 0) throw new ConfigurationError(`'${target}' goes down: \`cinnabar downgrade ${target}\``);
  const there = new Set(applied);
  const revisions: Revision[] = [];
  while (revisions.length < count) {
    const ready = graph.ordered.filter(
      ({ id, parents, dependsOn }) => !there.has(id) && [...parents, ...dependsOn].every((parent) => there.has(parent)),
    );
    if (ready.length === 0) {
      throw new ConfigurationError(`'${target}': only ${revisions.length} revisions are left to apply`);
    }
    if (ready.length > 1) throw new ConfigurationError(`'${target}': any of ${quoted(ready)} could be next: name one`);
    revisions.push(ready[0]!);
    there.add(ready[0]!.id);
  }
  return up(revisions);
}

/**
 * The revisions that bring a database back to a target, the last first: all applied ones that come after it.
 *
 * @throws ConfigurationError if the target is none, ambiguous or not applied, or a revision cannot be taken back.
 */
export function planDowngrade(graph: RevisionGraph, applied: ReadonlySet<string>, target: string): MigrationPlan {
  const revisions =
    target === 'base' ? graph.ordered.filter(({ id }) => applied.has(id)) : above(graph, applied, target);
  const stuck = revisions.filter(({ down }) => down === undefined);
  if (stuck.length > 0) {
    throw new ConfigurationError(
      `${quoted(stuck)} ${stuck.length === 1 ? 'has' : 'have'} no 'down', so nothing can take ${stuck.length === 1 ? 'it' : 'them'} back: write one, or a new revision that goes forward`,
    );
  }
  return { direction: 'down', revisions: revisions.toReversed() };
}

function above(graph: RevisionGraph, applied: ReadonlySet<string>, target: string): readonly Revision[] {
  const count = stepsIn(target);
  if (count === undefined) {
    const { id } = findRevision(graph, target);
    if (!applied.has(id)) throw new ConfigurationError(`'${id}' is not applied, so one cannot go down to it`);
    const descent = graph.descent([id]);
    descent.delete(id);
    return graph.ordered.filter((revision) => descent.has(revision.id) && applied.has(revision.id));
  }
  if (count > 0) throw new ConfigurationError(`'${target}' goes up: \`cinnabar upgrade ${target}\``);
  const there = new Set(applied);
  const removed: Revision[] = [];
  while (removed.length < -count) {
    const ends = graph.ordered.filter(
      ({ id }) => there.has(id) && ![...graph.descent([id])].some((other) => other !== id && there.has(other)),
    );
    if (ends.length === 0) throw new ConfigurationError(`'${target}': only ${removed.length} revisions are applied`);
    if (ends.length > 1)
      throw new ConfigurationError(`'${target}': any of ${quoted(ends)} could be first: name where to go down to`);
    removed.push(ends[0]!);
    there.delete(ends[0]!.id);
  }
  return removed.toReversed();
}

function up(revisions: readonly Revision[]): MigrationPlan {
  return { direction: 'up', revisions };
}
