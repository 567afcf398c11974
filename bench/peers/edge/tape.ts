/** What a binding of D1 answers to a statement. */
export interface TapeAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: number;
}

/** Runs a statement: on a database, or from a record. */
export type Player = (sql: string, values: readonly unknown[]) => TapeAnswer;

interface Result {
  readonly success: true;
  readonly results: Record<string, unknown>[];
  readonly meta: { readonly changes: number; readonly last_row_id: number };
}

class Statement {
  readonly #play: Player;
  readonly #sql: string;
  readonly #values: readonly unknown[];

  constructor(play: Player, sql: string, values: readonly unknown[] = []) {
    this.#play = play;
    this.#sql = sql;
    this.#values = values;
  }
  bind(...values: unknown[]): Statement {
    return new Statement(this.#play, this.#sql, values);
  }
  result(): Result {
    const { columns, rows, changes } = this.#play(this.#sql, this.#values);
    const results = rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])));
    return { success: true, results, meta: { changes, last_row_id: 0 } };
  }
  async all(): Promise<Result> {
    return this.result();
  }
  async run(): Promise<Result> {
    return this.result();
  }
  async raw(): Promise<unknown[][]> {
    return this.#play(this.#sql, this.#values).rows.map((row) => [...row]);
  }
  async first(): Promise<Record<string, unknown> | null> {
    return this.result().results[0] ?? null;
  }
}

/** Looks like a binding of D1, and goes nowhere. */
export class FakeD1 {
  readonly #play: Player;

  constructor(play: Player) {
    this.#play = play;
  }
  prepare(sql: string): Statement {
    return new Statement(this.#play, sql);
  }
  async batch(statements: readonly Statement[]): Promise<Result[]> {
    return statements.map((statement) => statement.result());
  }
}

/** Answers as texts, by the SQL that they answer: a real binding has to parse them too. */
export function fromTape(tape: Readonly<Record<string, string>>): FakeD1 {
  return new FakeD1((sql) => {
    const text = tape[sql];
    if (text === undefined) throw new Error(`nothing is recorded for: ${sql}`);
    return JSON.parse(text) as TapeAnswer;
  });
}
