import { d1, type D1Like } from '../../adapters/d1/index.ts';
import { d1Raw } from '../support/raw.ts';
import { race } from './writers.ts';

interface Env {
  readonly DB: D1Like;
}

/** Lets the writers race on D1. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { links } = (await request.json()) as { links: number };
    return Response.json(await race(() => d1(env.DB), d1Raw(env.DB), links));
  },
};
