import type { CallOptions, StatementResult, Unit } from '../../driver/driver.ts';
import type { EngineCore } from '../../engine/engine.ts';
import type { KeyLoader } from '../loading/get.ts';
import type { Loading } from '../loading/load.ts';
import type { Holdings } from './journal.ts';

/** What a session lends to the functions that take it as their first argument: what few programs use is no method. */
export interface SessionParts {
  readonly engine: EngineCore;
  readonly holdings: Holdings;
  readonly loading: Loading;
  readonly keys: KeyLoader;
  /** One write at a time; a second is refused. */
  exclusive<R>(what: string, work: () => Promise<R>): Promise<R>;
  /** Inside a transaction what is pending goes before a statement. */
  autoflush(): Promise<void>;
  /** Sends a unit, through the open transaction where there is one. */
  execute(unit: Unit, options?: CallOptions): Promise<readonly StatementResult[]>;
}
