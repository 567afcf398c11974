import { ConfigurationError } from '../../errors/errors.ts';
import { isBranded, kindOf } from '../../util/brand.ts';
import type { RevisionStep } from './steps.ts';

const BRAND: symbol = Symbol.for('cinnabar.revision');

/** What a revision is made of. */
export interface RevisionOptions {
  /** One name for ever: letters, digits, `_`, `-` and `.`. */
  readonly id: string;
  /** The revisions that this one comes after; several for a merge, none for the first. */
  readonly parents?: readonly string[];
  /** Revisions of another branch that have to be applied before. */
  readonly dependsOn?: readonly string[];
  /** Names for the branch that begins here. */
  readonly labels?: readonly string[];
  readonly message?: string;
  readonly up: readonly RevisionStep[];
  /** What takes `up` back; left out where nothing can. */
  readonly down?: readonly RevisionStep[];
  /** The revisions that this one stands for: those that `squash` folded into it. */
  readonly replaces?: readonly string[];
  /** The names of what this revision may drop or narrow: `users`, `users.name`. */
  readonly consent?: readonly string[];
}

/** One change of a schema and its data, with what it comes after. */
export interface Revision extends Required<Omit<RevisionOptions, 'down'>> {
  readonly down: readonly RevisionStep[] | undefined;
  /** A digest of the code of its data steps, where it was read from a file. */
  readonly source?: string | undefined;
  readonly brand: symbol;
}

/** Words that name a target, so that no revision may. */
const RESERVED = new Set(['base', 'current', 'head', 'heads']);
const NAME = /^[A-Za-z0-9][\w.-]*$/;

/**
 * One change of a schema: what a file of migrations exports.
 *
 * @example
 * export default revision({
 *   id: '20261120_a1b2', parents: [], message: 'create users',
 *   up: [execute('create table users (id integer primary key, name text not null)')],
 *   down: [execute('drop table users')],
 * })
 * @throws ConfigurationError if the id or a name in it is none, or the steps are no list.
 */
export function revision(options: RevisionOptions): Revision {
  const { id } = options;
  if (typeof id !== 'string' || !NAME.test(id) || RESERVED.has(id)) {
    throw new ConfigurationError(
      `revision(): 'id' is a name of letters, digits, '_', '-' and '.', and not 'head', 'heads', 'base' or 'current'; got ${typeof id === 'string' ? `'${id}'` : kindOf(id)}`,
    );
  }
  const names = (key: 'parents' | 'dependsOn' | 'labels' | 'replaces' | 'consent'): readonly string[] => {
    const list: unknown = options[key] ?? [];
    if (!Array.isArray(list) || list.some((name) => typeof name !== 'string')) {
      throw new ConfigurationError(`revision '${id}': '${key}' is a list of names`);
    }
    return list as string[];
  };
  for (const label of names('labels')) {
    if (!NAME.test(label) || RESERVED.has(label))
      throw new ConfigurationError(`revision '${id}': '${label}' is no label`);
  }
  return {
    id,
    parents: names('parents'),
    dependsOn: names('dependsOn'),
    labels: names('labels'),
    replaces: names('replaces'),
    consent: names('consent'),
    message: options.message ?? '',
    up: stepsOf(id, 'up', options.up),
    down: options.down === undefined ? undefined : stepsOf(id, 'down', options.down),
    brand: BRAND,
  };
}

function stepsOf(id: string, direction: string, steps: unknown): readonly RevisionStep[] {
  if (!Array.isArray(steps)) throw new ConfigurationError(`revision '${id}': '${direction}' is a list of steps`);
  steps.forEach((step: unknown, at) => {
    if (typeof (step as Partial<RevisionStep> | null)?.kind === 'string') return;
    throw new ConfigurationError(
      `revision '${id}': step ${at + 1} of '${direction}' is ${kindOf(step)}; expected an operation, execute() or data()`,
    );
  });
  return steps as RevisionStep[];
}

/** Whether `value` is what `revision()` gives, of this copy of the package or another. */
export function isRevision(value: unknown): value is Revision {
  return isBranded(value, BRAND);
}
