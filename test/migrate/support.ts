import { createEngine, type Driver, type Engine } from 'cinnabar';
import { execute, revision, type Revision, type RevisionOptions } from 'cinnabar/migrate';

/** A revision of SQL, with a way back that undoes it. */
export function rev(id: string, parents: readonly string[], up: string, more: Partial<RevisionOptions> = {}): Revision {
  return revision({ id, parents, up: [execute(up)], ...more });
}

/** Rows of a query, past the engine. */
export async function rowsOf(driver: Driver, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { results } = await driver.execute({ mode: 'read', statements: [{ sql, params: [] }] });
  return results[0]!.rows;
}

/** Runs SQL, past the engine. */
export async function runOn(driver: Driver, ...texts: readonly string[]): Promise<void> {
  await driver.execute({ mode: 'write', statements: texts.map((sql) => ({ sql, params: [] })) });
}

/** The message of what `work` is refused with. */
export async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('expected a refusal, and there was none');
}

/** An engine on a driver. */
export function engineOn(driver: Driver): Engine {
  return createEngine(driver);
}
