import type { SqlCell } from '../../compiler/write-plan.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';

interface Hook {
  /** What a column is to be computed by, where that is pending. */
  current: ((state: InstanceState, mapped: MappedColumn) => SqlCell | undefined) | undefined;
}

/** Set by the first `assign()`: a program without one does not carry it. */
export const assigning: Hook = { current: undefined };
