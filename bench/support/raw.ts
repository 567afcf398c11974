/** Plain SQL beside the library: what sets up a database, and what judges it afterwards. */
export interface Raw {
  /** Rows as arrays. */
  rows(sql: string): Promise<unknown[][]>;
  /** Statements that yield nothing, in order. */
  run(statements: readonly string[]): Promise<void>;
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

/** Drops every table, view and trigger, whatever refers to what. */
export async function clear(raw: Raw): Promise<void> {
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
