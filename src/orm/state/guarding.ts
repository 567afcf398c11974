import type { Issue } from '../../schema/column.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from './instance-state.ts';

interface Hooks {
  /** Refuses an entity that is about to be written. */
  current: ((state: InstanceState) => void) | undefined;
  /** The part of it that filters of rows have. */
  filtered?: (state: InstanceState) => void;
  /** What rules over several attributes say of values. */
  judge: ((mapper: Mapper, values: Readonly<Record<string, unknown>>) => readonly Issue[]) | undefined;
}

/** Set by the first rule for a model: a program without one does not carry them. */
export const guarding: Hooks = { current: undefined, judge: undefined };
