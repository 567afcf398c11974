import type { Driver } from '../../driver/driver.ts';
import type { CinnabarError } from '../../errors/base.ts';
import { ConsentRequired } from '../../errors/errors.ts';
import { destructive } from '../operations/consent.ts';
import type { Operation } from '../operations/operation.ts';
import type { MigrationPlan } from '../revisions/plan.ts';
import type { Revision } from '../revisions/revision.ts';
import { isApart, stepsFor } from '../revisions/steps.ts';
import { isOperations, partsOf, runsOf } from './parts.ts';

/** What of operations may lose something that nobody has named. */
export function unnamed(
  operations: readonly Operation[],
  { consent }: Revision,
  direction: 'up' | 'down',
  given: ReadonlySet<string>,
): readonly string[] {
  return destructive(operations).filter((name) => !given.has(name) && !(direction === 'up' && consent.includes(name)));
}

/** The refusal of revisions that may lose what nobody has named. */
export function consentRequired(
  needs: readonly { readonly id: string; readonly names: readonly string[] }[],
): CinnabarError {
  const objects = [...new Set(needs.flatMap(({ names }) => names))];
  const what = needs.map(({ id, names }) => `revision '${id}' may lose what is in ${names.join(', ')}`).join('; ');
  return new ConsentRequired(
    `${what}, or be refused for it; nothing of it was done. Where that is meant, name it: \`--consent ${objects.join(',')}\`, or 'consent' in the revision`,
    { objects },
  );
}

/** @throws ConsentRequired with all names that a plan lacks, before its first revision. */
export function assertNamed(
  { direction, revisions }: MigrationPlan,
  { dialect, interactive }: Driver,
  given: ReadonlySet<string>,
): void {
  const needs = revisions.flatMap((revision) => {
    const steps = stepsFor((direction === 'up' ? revision.up : revision.down) ?? [], dialect.name);
    const runs = partsOf(steps, interactive).flatMap((part) =>
      part.kind === 'unit' ? runsOf(part.steps).filter(isOperations) : isApart(part.step) ? [] : [[part.step]],
    );
    const names = runs.flatMap((run) => unnamed(run, revision, direction, given));
    return names.length > 0 ? [{ id: revision.id, names: [...new Set(names)] }] : [];
  });
  if (needs.length > 0) throw consentRequired(needs);
}
