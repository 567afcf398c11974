import { createClient } from '@libsql/client/web';
import type { Driver } from 'cinnabar';
import { d1, type D1Like, withSession } from 'cinnabar/d1';
import { durableObject, type DurableObjectStorageLike } from 'cinnabar/durable-object';
import { libsql } from 'cinnabar/libsql';
import { type ConformanceResult, driverCases, runCase, runConformance } from 'cinnabar/testing';

interface Env {
  readonly DB: D1Like;
  readonly OBJECT: {
    newUniqueId(): unknown;
    get(id: unknown): { fetch(url: string): Promise<Response> };
  };
}

const open = (address: string, { DB }: Env): Driver => {
  if (address === 'binding') return d1(DB);
  return address === 'session' ? d1(withSession(DB, 'first-primary')) : libsql(createClient({ url: address }));
};

const told = (result: ConformanceResult): ConformanceResult => ({
  ...result,
  error: result.error instanceof Error ? result.error.stack : undefined,
});

/** Runs the case that the path names on its own storage. */
export class ConformanceObject {
  readonly #storage: DurableObjectStorageLike;

  constructor({ storage }: { readonly storage: DurableObjectStorageLike }) {
    this.#storage = storage;
  }

  async fetch({ url }: Request): Promise<Response> {
    const test = driverCases[Number(new URL(url).pathname.slice(1))]!;
    return Response.json(told(await runCase(test, durableObject(this.#storage, { lockTimeout: 50 }))));
  }
}

/** Each case in an object of its own, so that one which breaks off breaks no other. */
async function runInObjects({ OBJECT }: Env): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const [at, { name }] of driverCases.entries()) {
    try {
      const answer = await OBJECT.get(OBJECT.newUniqueId()).fetch(`http://object/${at}`);
      results.push((await answer.json()) as ConformanceResult);
    } catch (error) {
      results.push(told({ name, status: 'failed', error }));
    }
  }
  return results;
}

/** A Worker that runs the suite on D1, in Durable Objects, or against the server that the request names. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const address = await request.text();
    if (address === 'object') return Response.json(await runInObjects(env));
    const driver = open(address, env);
    const results: ConformanceResult[] = [];
    await runConformance(
      () => driver,
      (result) => results.push(told(result)),
    );
    return Response.json(results);
  },
};
