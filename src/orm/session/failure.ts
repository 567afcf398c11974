import { parseGuard } from '../../compiler/write-plan.ts';
import { isCinnabarError, type CinnabarError } from '../../errors/base.ts';
import { StaleDataError } from '../../errors/errors.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import type { CommitPlan } from '../unit-of-work/plan.ts';

/** Gives an error of a commit the names of the program: the model, the attributes, the entity that was stale. */
export function explainFailure(error: unknown, plan: CommitPlan): unknown {
  if (!isCinnabarError(error)) return error;
  if (error.code === 'StaleDataError') return explainStale(error, plan);
  if (error.table === undefined || error.attributes) return error;
  const mapper = mapperOfTable(error.table, plan);
  if (!mapper) return error;
  const columns = error.columns ?? [];
  const attributes = columns.map(
    (name) => mapper.columns.find(({ column }) => column.name === name)?.attribute ?? name,
  );
  return Object.assign(error, { model: mapper.name, attributes });
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
function findGuard(error: unknown): ReturnType<typeof parseGuard> {
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
