import type { CallOptions, Statement } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import type { StatementNode } from '../../sql/nodes.ts';
import type { Hydrator } from './hydrate.ts';
import type { Branch, StrategyName } from './strategy.ts';

type Cells = readonly unknown[];

/** What loading needs of a session. */
export interface Loading {
  readonly engine: EngineCore;
  readonly hydrator: Pick<Hydrator, 'all' | 'forget'>;
  /** The text of a statement, under the filters of the session. */
  prepare(node: StatementNode): Statement;
  /** Sends statements, or texts of selects that are kept, as one unit. */
  read(nodes: readonly (StatementNode | Statement)[], options?: CallOptions): Promise<readonly (readonly Cells[])[]>;
  /** Hears how each relation is loaded, and why not as it was asked to. */
  tell?: ((branch: Branch, strategy: StrategyName, because: string | undefined) => void) | undefined;
}
