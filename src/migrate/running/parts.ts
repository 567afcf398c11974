import type { Operation } from '../operations/operation.ts';
import {
  isApart,
  isData,
  type ApartStep,
  type DataStep,
  type RevisionStep,
  type VariantStep,
} from '../revisions/steps.ts';

/** A stretch of a revision's steps that is stored as one: after it the ledger knows that it is done. */
export type Part =
  | { readonly kind: 'unit'; readonly steps: readonly (Operation | DataStep)[] }
  /** What no transaction takes. */
  | { readonly kind: 'alone'; readonly step: ApartStep | Operation };

/**
 * The parts of a revision. All that can be is one; where the driver has no transactions, what a data step reads has to be
 * stored before.
 */
export function partsOf(steps: readonly Exclude<RevisionStep, VariantStep>[], interactive: boolean): readonly Part[] {
  const parts: Part[] = [];
  let unit: (Operation | DataStep)[] | undefined;
  const open = (): (Operation | DataStep)[] => {
    parts.push({ kind: 'unit', steps: (unit = []) });
    return unit;
  };
  for (const step of steps) {
    if (isApart(step) || isAlone(step)) {
      parts.push({ kind: 'alone', step });
      unit = undefined;
    } else if (isData(step) && !interactive) {
      open().push(step);
    } else {
      (unit ?? open()).push(step);
    }
  }
  if (parts.length === 0) open();
  return parts;
}

/** Whether a step cannot be in a transaction with others. */
function isAlone(step: Operation | DataStep): step is Operation {
  if (step.kind === 'sql') return step.transactional === false;
  return (step.kind === 'createIndex' || step.kind === 'dropIndex') && step.concurrently === true;
}

/** Steps with the operations that follow each other as one: what one of them makes, the next need not fear for. */
export function runsOf<S extends DataStep | ApartStep>(
  steps: readonly (Operation | S)[],
): (S | readonly Operation[])[] {
  const runs: (S | Operation[])[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (isData(step) || isApart(step)) runs.push(step);
    else if (Array.isArray(last)) last.push(step);
    else runs.push([step]);
  }
  return runs;
}

export function isOperations<S extends object>(run: S | readonly Operation[]): run is readonly Operation[] {
  return Array.isArray(run);
}
