import type { Driver } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';
import { Miniflare } from 'miniflare';

const SCRIPT = `export default {
  async fetch(request, { DB }) {
    const statements = await request.json();
    try {
      const bound = statements.map(({ sql, params }) => (params.length > 0 ? DB.prepare(sql).bind(...params) : DB.prepare(sql)));
      const replies = await DB.batch(bound);
      return Response.json({ replies: replies.map(({ results, meta }) => ({ results, meta: { changes: meta.changes } })) });
    } catch (error) {
      return Response.json({ message: error.message });
    }
  },
};`;

interface Sent {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** D1 in workerd, reached by one request for each unit; what it is sent has to be JSON. */
export async function d1Database(): Promise<AsyncDisposable & { driver: Driver<false> }> {
  const worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: SCRIPT }],
    compatibilityDate: '2026-07-30',
    d1Databases: { DB: 'safety' },
  });
  const statement = (sql: string, params: readonly unknown[]): never => {
    const made = {
      sql,
      params,
      bind: (...values: unknown[]) => statement(sql, values),
      raw: async () => {
        const [reply] = await batch([made]);
        return reply!.results.map((row) => Object.values(row as object));
      },
    };
    return made as never;
  };
  const batch = async (statements: readonly Sent[]): Promise<{ results: unknown[]; meta: { changes: number } }[]> => {
    const sent = statements.map(({ sql, params }) => ({ sql, params }));
    const answer = await worker.dispatchFetch('http://d1/', { method: 'POST', body: JSON.stringify(sent) });
    const { replies, message } = (await answer.json()) as { replies?: never; message?: string };
    if (!replies) throw new Error(message);
    return replies;
  };
  const database = { prepare: (sql: string) => statement(sql, []), batch } as unknown as D1Like;
  return { driver: d1(database), [Symbol.asyncDispose]: () => worker.dispose() };
}
