import type { Statement, WireValue } from '../../src/driver/driver.ts';
import { toHex } from '../../src/util/hex.ts';

/** What PostgreSQL answers to one statement: cells are its own text. */
export interface Reply {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly changes: number;
  /** The first word of the command tag: a COMMIT of a failed transaction answers `ROLLBACK`. */
  readonly command: string;
}

/** One physical connection, held for as long as a unit or a transaction takes. */
export interface Connection {
  /** Whether a statement may be sent before the one before it was answered. */
  readonly pipelined: boolean;
  /** How many of them may, where that is limited. */
  readonly window?: number;
  query(step: Step): Promise<Reply>;
  /** Lets what is asked within leave as one piece, where the client would write each statement by itself. */
  together?<T>(ask: () => T): T;
  /** Gives the connection back. A broken one is ended, whatever it is doing. */
  release(broken: boolean): void;
}

/** A statement as it goes over the wire: every value is text, whose type the database finds. */
export interface Step {
  readonly text: string;
  readonly params: readonly (string | null)[];
}

export function toStep({ sql, params }: Statement): Step {
  return { text: sql, params: params.map(toText) };
}

function toText(value: WireValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  return `\\x${toHex(value)}`;
}
