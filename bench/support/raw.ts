/** Plain SQL beside the library: what sets up a database, and what judges it afterwards. */
export interface Raw {
  /** Rows as arrays. */
  rows(sql: string): Promise<unknown[][]>;
  /** Statements that yield nothing, in order. */
  run(statements: readonly string[]): Promise<void>;
  /** Drops everything, where that is not done as on SQLite. */
  clear?(): Promise<void>;
}

/** What this uses of a client of libSQL. */
interface LibsqlLike {
  execute(sql: string): Promise<{ columns: string[]; rows: ArrayLike<unknown>[] }>;
  batch(statements: string[], mode: 'write'): Promise<unknown>;
}

export function libsqlRaw(client: LibsqlLike): Raw {
  return {
    async rows(sql) {
      const { columns, rows } = await client.execute(sql);
      return rows.map((row) => columns.map((_, at) => row[at]));
    },
    async run(statements) {
      if (statements.length > 0) await client.batch([...statements], 'write');
    },
  };
}

/** What this uses of a binding of D1. */
interface D1Raw<S> {
  prepare(sql: string): S & { raw(): Promise<unknown[][]> };
  batch(statements: S[]): Promise<unknown>;
}

export function d1Raw<S>(database: D1Raw<S>): Raw {
  return {
    rows: (sql) => database.prepare(sql).raw(),
    async run(statements) {
      if (statements.length > 0) await database.batch(statements.map((sql) => database.prepare(sql)));
    },
  };
}

/** What this uses of a client or a pool of `pg`. */
interface PgLike {
  query(query: object): Promise<{ rows: unknown[] }>;
}

/** Cells as SQLite gives them: numbers, and text for the rest. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => Number(text === 't'),
  20: Number,
  23: Number,
  1184: (text) => new Date(text).toISOString(),
};

export function pgRaw(client: PgLike): Raw {
  const types = { getTypeParser: (type: number) => parsers[type] ?? ((text: string) => text) };
  const rows = async (text: string): Promise<unknown[][]> =>
    (await client.query({ text, rowMode: 'array', types })).rows as unknown[][];
  const run = async (statements: readonly string[]): Promise<void> => {
    if (statements.length > 0) await rows(statements.join(';\n'));
  };
  return { rows, run, clear: () => run(['drop schema public cascade', 'create schema public']) };
}

/** Drops every table, view and trigger, whatever refers to what. */
export async function clear(raw: Raw): Promise<void> {
  if (raw.clear) return raw.clear();
  const found = await raw.rows(
    `select type, name from sqlite_master where type in ('table', 'view', 'trigger') and name not like 'sqlite\\_%' escape '\\' and name not like '\\_cf\\_%' escape '\\' and name not like 'libsql\\_%' escape '\\'`,
  );
  const drops = (wanted: string): string[] =>
    found.filter(([type]) => type === wanted).map(([, name]) => `drop ${wanted} "${String(name)}"`);
  await raw.run([...drops('trigger'), ...drops('view'), 'pragma defer_foreign_keys = on', ...drops('table')]);
}

/** Fails, and says what it found, unless the two are the same as JSON. */
export function expectSame(what: string, found: unknown, wanted: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (left === right) return;
  throw new Error(`${what}: found ${left.slice(0, 300)}, wanted ${right.slice(0, 300)}`);
}
