import type { EngineCore } from '../../engine/engine.ts';
import type { Rewriting, StatementNode } from '../../sql/nodes.ts';

/** What adds the conditions of filters to a statement of a session. */
export type Filtering = (session: object, engine: EngineCore, node: StatementNode) => Rewriting;

interface Hooks {
  current: Filtering | undefined;
  /** Gives a session the values that another has. */
  handOn: ((from: object, to: object) => void) | undefined;
}

/** Set by the first filter that the program registers: a program without filters does not carry them. */
export const filtering: Hooks = { current: undefined, handOn: undefined };
