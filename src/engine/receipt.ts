import type { PlannedStatement } from '../compiler/dialect.ts';
import type { UnitReceipt } from '../compiler/unit/unit-receipt.ts';
import type { WritePlan } from '../compiler/write-plan.ts';
import type { CallOptions, Statement, StatementResult, UnitResult } from '../driver/driver.ts';
import type { EngineCore } from './engine.ts';

/** How a write is sent. */
export interface WriteOptions extends CallOptions {
  /**
   * Whether the write leaves a receipt, by which `resolve()` tells what became of it when its reply is lost; as the
   * engine has it unless told.
   */
  readonly receipt?: boolean;
}

/** What `receipts()` makes: how the writes of an engine leave receipts. */
export interface Receipts {
  /** Whether every write leaves one, or only those that ask for it. */
  readonly always: boolean;
  issue(engine: EngineCore): Receipt;
}

/** The receipt of one write. */
export interface Receipt {
  /** What a unit of a session writes beside its rows. */
  readonly unit: UnitReceipt;
  /** Sends statements with the receipt among them. */
  seal(statements: readonly Statement[], send: Send): Promise<UnitResult>;
  /** Notes on the error of a write whose outcome is unknown how to find out, and what follows for memory. */
  lost(error: unknown, unit?: LostUnit): void;
}

type Send = (statements: readonly Statement[]) => Promise<UnitResult>;

/** A unit of a session whose answers were lost. */
export interface LostUnit {
  readonly plan: WritePlan;
  readonly statements: readonly PlannedStatement[];
  /** Brings memory in step, once it is known that the unit was stored. */
  settle(results: readonly StatementResult[]): void | Promise<void>;
}
