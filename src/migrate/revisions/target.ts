import { ConfigurationError } from '../../errors/errors.ts';
import type { RevisionGraph } from './graph.ts';
import type { Revision } from './revision.ts';

const quoted = (revisions: readonly { readonly id: string }[]): string =>
  revisions.map(({ id }) => `'${id}'`).join(', ');

/**
 * The only revision that a name means: an id, the beginning of one, a label, `label@head`, or one of those and `+1` or `-1`.
 *
 * @throws ConfigurationError if it means none, or several.
 */
export function findRevision(graph: RevisionGraph, name: string): Revision {
  const found = named(graph, name) ?? relative(graph, name);
  if (found) return found;
  const heir = graph.replacing(name);
  if (heir) throw new ConfigurationError(`'${name}' was squashed into '${heir.id}': name that one`);
  const heads =
    graph.heads.length > 0
      ? `the newest ${graph.heads.length === 1 ? 'is' : 'are'} ${quoted(graph.heads)}`
      : 'there is none yet';
  throw new ConfigurationError(`there is no revision '${name}': ${heads}. \`cinnabar history\` lists all`);
}

function named(graph: RevisionGraph, name: string): Revision | undefined {
  const exact = graph.get(name) ?? graph.labelled(name);
  if (exact) return exact;
  const [, label, end] = /^(.+)@(head|base)$/.exec(name) ?? [];
  if (label !== undefined) return branchEnd(graph, label, end as 'head' | 'base');
  const found = name === '' ? [] : graph.ordered.filter(({ id }) => id.startsWith(name));
  if (found.length > 1)
    throw new ConfigurationError(`'${name}' is the beginning of ${quoted(found)}: write more of the one`);
  return found[0];
}

function branchEnd(graph: RevisionGraph, label: string, end: 'head' | 'base'): Revision {
  const start = findRevision(graph, label);
  if (end === 'base') return start;
  const branch = graph.descent([start.id]);
  const heads = graph.heads.filter(({ id }) => branch.has(id));
  if (heads.length === 1) return heads[0]!;
  throw new ConfigurationError(`the branch '${label}' has several heads: ${quoted(heads)}. Name one, or merge them`);
}

function relative(graph: RevisionGraph, name: string): Revision | undefined {
  const [, start, sign, count] = /^(.+)([+-])(\d+)$/.exec(name) ?? [];
  let at = start === undefined ? undefined : named(graph, start);
  for (let left = Number(count); at && left > 0; left -= 1) {
    const next: readonly string[] = sign === '+' ? graph.childrenOf(at.id).map(({ id }) => id) : at.parents;
    if (next.length !== 1) {
      const way = sign === '+' ? 'after' : 'before';
      throw new ConfigurationError(
        next.length === 0
          ? `'${name}': nothing comes ${way} '${at.id}'`
          : `'${name}': several come ${way} '${at.id}': ${next.map((id) => `'${id}'`).join(', ')}. Name one`,
      );
    }
    at = graph.get(next[0]!);
  }
  return at;
}

/** The ends that `head` or `heads` means, or the one revision that another name does. */
export function findEnds(graph: RevisionGraph, name: string): readonly Revision[] {
  if (name === 'heads') return graph.heads;
  if (name !== 'head') return [findRevision(graph, name)];
  if (graph.heads.length > 1) {
    throw new ConfigurationError(
      `there are several heads: ${quoted(graph.heads)}. Join them with \`cinnabar merge\`, or say 'heads', or name one`,
    );
  }
  return graph.heads;
}

/** How many steps `+2` or `-1` is; undefined for any other name. */
export function stepsIn(name: string): number | undefined {
  return /^[+-]\d+$/.test(name) ? Number(name) : undefined;
}
