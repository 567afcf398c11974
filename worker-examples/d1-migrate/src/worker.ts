import { createEngine, isCinnabarError, Session } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';
import { migrate, migrationStatus } from 'cinnabar/migrate';
import revisions from '../migrations/index.ts';
import { Note } from './models.ts';

export interface Env {
  readonly DB: D1Like;
  readonly MIGRATE_TOKEN?: string;
}

/** Whether the request brings the token. Digests are compared, so that the time it takes says nothing of the token. */
async function mayMigrate(request: Request, { MIGRATE_TOKEN }: Env): Promise<boolean> {
  const [, given] = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
  if (!MIGRATE_TOKEN || !given) return false;
  const [a, b] = await Promise.all([MIGRATE_TOKEN, given].map(digest));
  return a!.every((byte, at) => byte === b![at]);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

async function answer(request: Request, env: Env): Promise<Response> {
  const engine = createEngine(d1(env.DB));
  const route = `${request.method} ${new URL(request.url).pathname}`;
  switch (route) {
    case 'GET /notes':
      return Response.json(await new Session(engine).query(Note).orderBy(Note.c.id).all());
    case 'GET /migrations': {
      const { current, pending, half } = await migrationStatus(engine, revisions);
      return Response.json({ current, pending, half });
    }
    case 'POST /migrate': {
      if (!(await mayMigrate(request, env))) return new Response('no', { status: 401 });
      const report = await migrate(engine, revisions, 'head', { owner: request.headers.get('cf-ray') ?? 'worker' });
      return Response.json({ ...report, roundTrips: engine.roundTrips });
    }
    default:
      return new Response(`there is no ${route}`, { status: 404 });
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    try {
      return await answer(request, env);
    } catch (error) {
      if (!isCinnabarError(error)) throw error;
      return Response.json({ code: error.code, message: error.message }, { status: 500 });
    }
  },
};
