import type { InstanceState } from '../state/instance-state.ts';

/** Told of each entity that is made of a row, once a program listens. */
export const loadListening: { current: ((state: InstanceState) => void) | undefined } = { current: undefined };
