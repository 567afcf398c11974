import type { AddEnumLabel, Operation } from '../operations/operation.ts';
import { literal } from '../text/quote.ts';
import { mentions, type Token, tokensOf } from '../text/tokens.ts';
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
 * stored before, and so has a label of PostgreSQL before it is used.
 */
export function partsOf(steps: readonly Exclude<RevisionStep, VariantStep>[], interactive: boolean): readonly Part[] {
  const parts: Part[] = [];
  let unit: (Operation | DataStep)[] | undefined;
  let labels: AddEnumLabel[] = [];
  const open = (): (Operation | DataStep)[] => {
    parts.push({ kind: 'unit', steps: (unit = []) });
    return unit;
  };
  for (const [at, step] of steps.entries()) {
    if (isLabel(step)) labels.push(step);
    else if (labels.length > 0) {
      const isUsed = steps.slice(at).some((later) => labels.some((label) => mayUse(later, label)));
      if (isUsed) unit = undefined;
      labels = [];
    }
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

function isLabel(step: Operation | DataStep | ApartStep): step is AddEnumLabel {
  return step.kind === 'addEnumLabel';
}

/** Whether a step may use a label, which no statement can of the transaction that adds it. */
function mayUse(step: Operation | DataStep | ApartStep, { enum: of, label }: AddEnumLabel): boolean {
  if (isApart(step) || isData(step) || step.kind === 'sql') return true;
  if ('enum' in step) return false;
  const isLiteral = ({ kind, text }: Token): boolean => kind === 'string' && text.includes(literal(label).slice(1, -1));
  return textsIn(step).some((text) => mentions(text, of.name) || tokensOf(text).some(isLiteral));
}

/** Every text of a piece of plain data. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The steps of a part. */
export function stepsOf(part: Part): readonly (Operation | DataStep | ApartStep)[] {
  return part.kind === 'unit' ? part.steps : [part.step];
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
