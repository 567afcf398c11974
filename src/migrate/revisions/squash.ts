import { ConfigurationError } from '../../errors/errors.ts';
import type { RevisionGraph } from './graph.ts';
import { revision, type Revision } from './revision.ts';
import { isData, type RevisionStep, type VariantStep } from './steps.ts';
import { findRevision } from './target.ts';

export interface SquashOptions {
  readonly id: string;
  readonly message?: string;
  /** Leaves data steps out: a database that begins here has no data to change. */
  readonly elideData?: boolean;
}

/**
 * One revision that does what several do, from one to another. A database that has all of them counts as having it; one
 * that has only some is refused.
 *
 * @throws ConfigurationError if anything outside comes between them, or a data step is among them that is not to be left out.
 */
export function squashRevisions(graph: RevisionGraph, from: string, to: string, options: SquashOptions): Revision {
  const [first, last] = [findRevision(graph, from), findRevision(graph, to)];
  const range = between(graph, first, last);
  const data = range.flatMap(({ up }) => stepsDeep(up).filter(isData));
  if (data.length > 0 && options.elideData !== true) {
    throw new ConfigurationError(
      `squash: the data ${data.length === 1 ? 'step' : 'steps'} ${data.map(({ name }) => `'${name}'`).join(', ')} cannot be carried over; \`--elide-data\` leaves ${data.length === 1 ? 'it' : 'them'} out, since a new database has no data to change`,
    );
  }
  const isReversible = range.every(({ down }) => down !== undefined);
  const within = new Set(range.map(({ id }) => id));
  return revision({
    id: options.id,
    parents: first.parents,
    dependsOn: [...new Set(range.flatMap(({ dependsOn }) => dependsOn.filter((id) => !within.has(id))))],
    labels: range.flatMap(({ labels }) => labels),
    message: options.message ?? `squash ${first.id} to ${last.id}`,
    up: range.flatMap(({ up }) => withoutData(up)),
    ...(isReversible && { down: range.toReversed().flatMap(({ down }) => withoutData(down!)) }),
    replaces: range.flatMap(({ id, replaces }) => [...replaces, id]),
    consent: [...new Set(range.flatMap(({ consent }) => consent))],
  });
}

/** What lies between two revisions, both included. */
function between(graph: RevisionGraph, first: Revision, last: Revision): readonly Revision[] {
  const [after, before] = [graph.descent([first.id]), graph.closure([last.id])];
  const range = graph.ordered.filter(({ id }) => after.has(id) && before.has(id));
  if (range.length === 0) throw new ConfigurationError(`squash: '${last.id}' does not come after '${first.id}'`);
  const within = new Set(range.map(({ id }) => id));
  for (const { id, parents } of range) {
    const stranger = id === first.id ? undefined : parents.find((parent) => !within.has(parent));
    if (stranger !== undefined) {
      throw new ConfigurationError(
        `squash: '${id}' also comes after '${stranger}', which is outside: begin further back`,
      );
    }
    const branch = id === last.id ? undefined : graph.childrenOf(id).find((child) => !within.has(child.id));
    if (branch) {
      throw new ConfigurationError(`squash: '${branch.id}' branches off at '${id}': end there, or merge it first`);
    }
  }
  return range;
}

function withoutData(steps: readonly RevisionStep[]): RevisionStep[] {
  return steps.flatMap((step): RevisionStep[] => {
    if (isData(step)) return [];
    return step.kind === 'variant' ? [{ ...step, of: eachOf(step) }] : [step];
  });
}

function eachOf({ of }: VariantStep): VariantStep['of'] {
  return Object.fromEntries(Object.entries(of).map(([dialect, steps]) => [dialect, withoutData(steps)]));
}

function stepsDeep(steps: readonly RevisionStep[]): RevisionStep[] {
  return steps.flatMap((step) => (step.kind === 'variant' ? stepsDeep(Object.values(step.of).flat()) : [step]));
}
