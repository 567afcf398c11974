import { parseGuard } from '../../compiler/write-plan.ts';
import { isCinnabarError, type CinnabarError } from '../../errors/base.ts';
import { CapabilityError, StaleDataError } from '../../errors/errors.ts';
import type { TableColumn } from '../../schema/table.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { CommitPlan } from '../unit-of-work/plan.ts';

/** Gives an error of a commit the names of the program: the model, the attributes, the entity that was stale. */
export function explainFailure(error: unknown, plan: CommitPlan): unknown {
  if (!isCinnabarError(error)) return error;
  if (error.code === 'StaleDataError') return explainStale(error, plan);
  if (error.table === undefined || error.attributes) return error;
  if (error.code === 'UniqueViolation' && isMadeKey(error, plan)) return spoiled(error);
  const mapper = mapperOfTable(error.table, plan);
  if (!mapper) return error;
  const columns = error.columns ?? [];
  const attributes = columns.map(
    (name) => mapper.columns.find(({ column }) => column.name === name)?.attribute ?? name,
  );
  return Object.assign(error, { model: mapper.name, attributes });
}

/** Whether what is there already is a key that the database alone makes in this plan. */
function isMadeKey({ table, columns }: CinnabarError, plan: CommitPlan): boolean {
  const inserts = plan.operations.filter((operation) => operation.kind === 'insert' && operation.table.name === table);
  return (
    inserts.length > 0 &&
    !plan.operations.some((item) => item.kind === 'update' && item.table.name === table && item.set.some(isKey)) &&
    inserts.every((insert) => {
      const key = insert.kind === 'insert' && insert.firstOrdinal !== undefined && insert.table.generatedKey;
      return key && columns?.length === 1 && columns[0] === key.name;
    })
  );
}

function isKey(column: TableColumn): boolean {
  return column.spec.key;
}

function spoiled(error: CinnabarError): CinnabarError {
  const { outcome, cause, table } = error;
  return new CapabilityError(
    `a key that the database made in '${table}' is taken already (a trigger inserts into the same table); nothing was written. Give the model keys made by the program`,
    { outcome, cause, ...(table === undefined ? {} : { table }) },
  );
}

function explainStale(error: CinnabarError, plan: CommitPlan): CinnabarError {
  const guard = findGuard(error);
  const states = guard && plan.rows.get(guard.operation);
  if (!guard || !states) return error;
  const stale = guard.rows.flatMap((row) => states[row] ?? []);
  const named = stale.length > 0 ? stale : states;
  const model = named[0]!.mapper.name;
  const what = named.length === 1 ? `a ${model}` : `${named.length} of ${model}`;
  const failure = new StaleDataError(
    `${what} was changed or deleted by another since it was read; nothing was written. Refresh it and try again`,
    { outcome: error.outcome, retryable: false, model, table: named[0]!.mapper.table.name, cause: error.cause },
  );
  return Object.assign(failure, { entities: named.map((state: InstanceState) => state.entity) });
}

/** A guard's text, in the error or in what caused it. */
export function findGuard(error: unknown): ReturnType<typeof parseGuard> {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const guard = parseGuard(cause.message);
    if (guard) return guard;
  }
  return undefined;
}

function mapperOfTable(name: string, plan: CommitPlan): Mapper | undefined {
  for (const states of plan.rows.values()) {
    for (const state of states) {
      const found = state.mapper.tables.some((table) => table.name === name);
      if (found) return state.mapper;
    }
  }
  return undefined;
}
