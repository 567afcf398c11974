/** Cells as SQLite would give them: numbers, and text for the rest. For the raw SQL of tests that run on both. */
export const asSqlite: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => Number(text === 't'),
  20: Number,
  23: Number,
  701: Number,
  1700: Number,
};

/** `?1` as `$1`. */
export const withDollars = (sql: string): string => sql.replaceAll(/\?(\d+)/g, '$$$1');
