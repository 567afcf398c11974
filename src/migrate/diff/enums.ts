import { isSame, nameOf } from '../names.ts';
import type { Operation } from '../operations/operation.ts';
import type { EnumSnapshot, SchemaSnapshot } from '../snapshot.ts';

/** What happens to types of labels: what tables may need comes before them, what they may have needed goes last. */
export interface EnumDifference {
  readonly grown: readonly Operation[];
  readonly created: readonly Operation[];
  readonly last: readonly Operation[];
}

export function enumDifference(from: SchemaSnapshot, to: SchemaSnapshot): EnumDifference {
  const grown: Operation[] = [];
  const created: Operation[] = [];
  const last: Operation[] = [];
  for (const of of to.enums) {
    const old = from.enums.find((other) => isSame(other, of));
    if (!old) {
      created.push({ kind: 'createEnum', enum: of });
      continue;
    }
    // What tables are to say from now on comes before them, and what they said goes after.
    const { operations, labels } = added(old, of);
    grown.push(...operations);
    if (JSON.stringify(labels) !== JSON.stringify(of.labels))
      last.push({ kind: 'alterEnum', enum: nameOf(of), from: labels, to: of.labels });
  }
  for (const old of from.enums) {
    if (!to.enums.some((of) => isSame(of, old))) last.push({ kind: 'dropEnum', enum: old });
  }
  return { grown, created, last };
}

/** From the last one on, so that the label before which each one stands is there. */
function added(
  old: EnumSnapshot,
  of: EnumSnapshot,
): { readonly operations: Operation[]; readonly labels: readonly string[] } {
  const operations: Operation[] = [];
  let labels = old.labels;
  of.labels.toReversed().forEach((label, back) => {
    if (old.labels.includes(label)) return;
    const before = of.labels[of.labels.length - back];
    operations.push({ kind: 'addEnumLabel', enum: nameOf(of), label, labels, ...(before !== undefined && { before }) });
    labels = labels.toSpliced(before === undefined ? labels.length : labels.indexOf(before), 0, label);
  });
  return { operations, labels };
}
