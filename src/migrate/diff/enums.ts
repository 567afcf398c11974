import { isSame, nameOf } from '../names.ts';
import type { Operation } from '../operations/operation.ts';
import type { EnumSnapshot, SchemaSnapshot } from '../snapshot.ts';

/** Types of labels: what tables may need comes first, what they may have needed goes last. */
export function enumDifference(from: SchemaSnapshot, to: SchemaSnapshot): { first: Operation[]; last: Operation[] } {
  const first: Operation[] = [];
  const last: Operation[] = [];
  for (const of of to.enums) {
    const old = from.enums.find((other) => isSame(other, of));
    if (!old) first.push({ kind: 'createEnum', enum: of });
    else if (isGrown(old.labels, of.labels)) first.push(...added(old, of));
    else last.push({ kind: 'alterEnum', enum: nameOf(of), from: old.labels, to: of.labels });
  }
  for (const old of from.enums) {
    if (!to.enums.some((of) => isSame(of, old))) last.push({ kind: 'dropEnum', enum: old });
  }
  return { first, last };
}

/** Whether the old labels are all there, in the same order. */
function isGrown(old: readonly string[], labels: readonly string[]): boolean {
  const kept = labels.filter((label) => old.includes(label));
  return kept.length === old.length && kept.every((label, at) => label === old[at]);
}

/** From the last one on, so that the label before which each one stands is there. */
function added(old: EnumSnapshot, of: EnumSnapshot): Operation[] {
  const operations: Operation[] = [];
  let labels = old.labels;
  of.labels.toReversed().forEach((label, back) => {
    if (old.labels.includes(label)) return;
    const before = of.labels[of.labels.length - back];
    operations.push({ kind: 'addEnumLabel', enum: nameOf(of), label, labels, ...(before !== undefined && { before }) });
    labels = labels.toSpliced(before === undefined ? labels.length : labels.indexOf(before), 0, label);
  });
  return operations;
}
