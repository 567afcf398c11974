import type { UnitDialect } from '../../compiler/dialect.ts';
import { findGuard, type GuardFailure } from '../../compiler/write-plan.ts';
import { nameFailure } from '../../engine/name-failure.ts';
import { isCinnabarError, type CinnabarError } from '../../errors/base.ts';
import {
  CapabilityError,
  DatabaseError,
  InvalidValueError,
  StaleDataError,
  type ErrorClass,
} from '../../errors/errors.ts';
import type { TableColumn } from '../../schema/table.ts';
import { labelOf } from '../state/instance-state.ts';
import type { CommitPlan } from '../unit-of-work/plan.ts';

/** Gives an error of a commit the names of the program: the model, the attributes, the entity that was stale. */
export function explainFailure(thrown: unknown, plan: CommitPlan, keys: UnitDialect['keys']): unknown {
  if (!isCinnabarError(thrown)) return thrown;
  const guard = findGuard(thrown);
  if (guard) return explainGuard(guard, thrown, plan);
  if (thrown.table === undefined || thrown.attributes) return thrown;
  const error = thrown.code === 'UniqueViolation' && isMadeKey(thrown, plan) ? takenKey(thrown, keys) : thrown;
  return nameFailure(error, plan.operations);
}

/** Whether what is there already is a key that the database alone makes in this plan. */
function isMadeKey({ table, columns }: CinnabarError, plan: CommitPlan): boolean {
  const inserts = plan.operations.filter((operation) => operation.kind === 'insert' && operation.table.name === table);
  return (
    inserts.length > 0 &&
    !plan.operations.some((item) => item.kind === 'update' && item.table.name === table && item.set.some(isKey)) &&
    inserts.every((insert) => {
      const key = insert.kind === 'insert' && insert.keys && insert.table.generatedKey;
      return key && columns?.length === 1 && columns[0] === key.name;
    })
  );
}

function isKey(column: TableColumn): boolean {
  return column.spec.key;
}

/** Why a key is taken that was to be the next of its table. */
const INSERTED: readonly [ErrorClass, string] = [
  CapabilityError,
  ' (a trigger inserts into the same table); nothing was written. Give the model keys made by the program',
];

function takenKey(error: CinnabarError, keys: UnitDialect['keys']): CinnabarError {
  const [Class, why] = keys.drawn ? keys.taken : INSERTED;
  const { outcome, cause, table, columns, constraint } = error;
  const taken = new Class(`a key that the database made in '${table}' is taken already${why}`, { outcome, cause });
  return Object.assign(taken, { table, columns, constraint });
}

const KEYS =
  'the keys that the database makes may not be the expected ones (a trigger writes to the same table); nothing was written. Give the model keys made by the program';

/** What guards found, other than stale rows. */
const FOUND: Readonly<Record<Exclude<GuardFailure['kind'], 'stale'>, readonly [ErrorClass, string]>> = {
  rows: [DatabaseError, 'a trigger keeps rows of the commit out of their table; nothing was written'],
  keys: [CapabilityError, KEYS],
  triggers: [CapabilityError, KEYS],
  range: [
    InvalidValueError,
    "the table's next key is beyond 2^53-1, the highest that integer() holds: use bigint(); nothing was written",
  ],
};

function explainGuard({ kind, operation, rows }: GuardFailure, error: CinnabarError, plan: CommitPlan): CinnabarError {
  const { outcome, cause } = error;
  if (kind !== 'stale') {
    const [Class, message] = FOUND[kind];
    return new Class(message, { outcome, cause });
  }
  const states = plan.states[operation]!;
  const stale = rows.flatMap((row) => states[row] ?? []);
  const named = stale.length > 0 ? stale : states;
  const { name, table } = named[0]!.mapper;
  const what = named.length === 1 ? named[0]!.label : `${named.length} of ${labelOf(named[0]!.mapper)}`;
  const failure = new StaleDataError(
    `${what} was changed or deleted by another since it was read; nothing was written. Refresh it and try again`,
    { outcome, model: name, table: table.name, cause },
  );
  return Object.assign(failure, { entities: named.map((state) => state.entity) });
}
