// What the demo remembers of a step: the units that were sent, and the results that were checked.
import { isCinnabarError, type LogEvent } from 'cinnabar';

/** Statements that went to the database together. */
export interface SentUnit {
  readonly mode: 'read' | 'write';
  readonly statements: readonly string[];
  readonly trips: number;
  readonly milliseconds: number;
  /** The code of the error that it ended in. */
  readonly error?: string;
}

/** Plain data, so that a Worker can answer with it. */
export interface StepRecord {
  readonly title: string;
  readonly intent: string;
  readonly units: readonly SentUnit[];
  /** What was checked, and what it was. */
  readonly results: readonly { readonly what: string; readonly is: string }[];
}

/** The values of a result, as text; equal texts are equal results. */
function show(value: unknown): string {
  return value instanceof Error
    ? value.name
    : (JSON.stringify(value) ?? 'undefined').replaceAll(/(?<=[,:])(?=\S)/g, ' ');
}

export class Recorder {
  readonly #done: (step: StepRecord) => void;
  #current:
    | { title: string; intent: string; trips: number; units: SentUnit[]; results: StepRecord['results'][number][] }
    | undefined;

  constructor(done: (step: StepRecord) => void) {
    this.#done = done;
  }

  /** Ends the step before, and begins one that is to take so many round trips. */
  step = (title: string, intent: string, trips: number): void => {
    this.end();
    this.#current = { title, intent, trips, units: [], results: [] };
  };

  /** Throws when a result is not the one that is meant. */
  expect = (what: string, value: unknown, meant: unknown): void => {
    const is = show(value);
    if (is !== show(meant)) throw new Error(`${this.#current?.title}: ${what} is ${is}, not ${show(meant)}`);
    this.#current?.results.push({ what, is });
  };

  /** For the option `log` of an engine. */
  log = ({ mode, statements, trips, milliseconds, error }: LogEvent): void => {
    const unit = { mode, statements: statements.map(({ sql }) => sql), trips, milliseconds };
    const failed = error === undefined ? {} : { error: isCinnabarError(error) ? error.code : 'an error' };
    this.#current?.units.push({ ...unit, ...failed });
  };

  /** Ends the last step. */
  end = (): void => {
    if (!this.#current) return;
    const { trips, ...step } = this.#current;
    const taken = step.units.reduce((sum, unit) => sum + unit.trips, 0);
    if (taken !== trips) throw new Error(`${step.title}: ${taken} round trips, not ${trips}`);
    this.#done(step);
    this.#current = undefined;
  };
}
