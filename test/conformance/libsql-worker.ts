import { createClient } from '@libsql/client/web';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceResult, runConformance } from 'cinnabar/testing';

/** A Worker that runs the suite against the server that the request names. */
export default {
  async fetch(request: Request): Promise<Response> {
    const client = createClient({ url: await request.text() });
    const results: ConformanceResult[] = [];
    await runConformance(
      () => libsql(client),
      (result) => results.push({ ...result, error: result.error instanceof Error ? result.error.stack : undefined }),
    );
    client.close();
    return Response.json(results);
  },
};
