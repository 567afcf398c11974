import { createClient } from '@libsql/client/web';
import type { Driver } from 'cinnabar';
import { d1, type D1Like, withSession } from 'cinnabar/d1';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceResult, runConformance } from 'cinnabar/testing';

interface Env {
  readonly DB: D1Like;
}

const open = (address: string, { DB }: Env): Driver => {
  if (address === 'binding') return d1(DB);
  return address === 'session' ? d1(withSession(DB, 'first-primary')) : libsql(createClient({ url: address }));
};

/** A Worker that runs the suite on D1, or against the server that the request names. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const driver = open(await request.text(), env);
    const results: ConformanceResult[] = [];
    await runConformance(
      () => driver,
      (result) => results.push({ ...result, error: result.error instanceof Error ? result.error.stack : undefined }),
    );
    return Response.json(results);
  },
};
