import { keyOf } from '../names.ts';
import type { CheckSnapshot, ForeignKeySnapshot, KeySnapshot, TableSnapshot } from '../snapshot.ts';
import { canonical } from '../text/tokens.ts';
import type { Constraint } from './operation.ts';

/** The constraints of a table, each with its kind. */
export function constraintsOf(table: TableSnapshot): Constraint[] {
  const { primaryKey, uniques, foreignKeys, checks } = table;
  return [
    ...(primaryKey ? [{ kind: 'primaryKey' as const, ...primaryKey }] : []),
    ...uniques.map((key) => ({ kind: 'unique' as const, ...key })),
    ...foreignKeys.map((key) => ({ kind: 'foreignKey' as const, ...key })),
    ...checks.map((check) => ({ kind: 'check' as const, ...check })),
  ];
}

/** What a constraint demands, as text; its name is no part of it. */
export function demandOf(constraint: Constraint): string {
  return JSON.stringify(
    constraint.kind === 'check'
      ? checkParts(constraint)
      : constraint.kind === 'foreignKey'
        ? foreignKeyParts(constraint)
        : keyParts(constraint),
  );
}

function checkParts({ kind, expression, onConflict }: { readonly kind: 'check' } & CheckSnapshot): unknown[] {
  return [kind, canonical(expression), onConflict];
}

function foreignKeyParts(key: { readonly kind: 'foreignKey' } & ForeignKeySnapshot): unknown[] {
  const { kind, columns, target, references, onDelete, onUpdate, deferrable, match } = key;
  // Pairs of columns say the same in any order.
  const pairs = columns.map((column, at) => JSON.stringify([column, references[at]])).toSorted();
  return [kind, pairs, keyOf(target), onDelete, onUpdate, deferrable, match];
}

function keyParts(key: { readonly kind: 'primaryKey' | 'unique' } & KeySnapshot): unknown[] {
  const { kind, columns, deferrable, nullsNotDistinct, onConflict } = key;
  return [kind, columns, deferrable, nullsNotDistinct, onConflict];
}

/** Whether two constraints of one table are one: by name where both have one, else by what they demand. */
export function sameConstraint(left: Constraint, right: Constraint): boolean {
  if (left.kind !== right.kind) return false;
  if (left.name !== undefined && right.name !== undefined) return left.name === right.name;
  return demandOf(left) === demandOf(right);
}
