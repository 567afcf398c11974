import { createAll, createEngine, type LogEvent, Session } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';
import { readChanges, readListing, readNewPost } from './input.ts';
import { Model } from './models.ts';
import { listPage, problemPage } from './page.ts';
import { changePost, createPost, deletePost, findPost, listPosts, toJson } from './posts.ts';
import { Problem, problemOf } from './problem.ts';
import { style } from './style.ts';

export interface Env {
  readonly DB: D1Like;
  readonly CREATE_TABLES?: string;
}

/** One request: its address, its session, and what it has sent to the database. */
interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly session: Session;
  readonly log: readonly LogEvent[];
}

type Handler = (call: Call, id: number) => Promise<Response>;

const routes: readonly { path: RegExp; methods: Readonly<Record<string, Handler>> }[] = [
  {
    path: /^\/$/,
    methods: {
      GET: async ({ url, session, log }) => {
        const listing = readListing(url);
        return page(listPage(listing, await listPosts(session, listing), log));
      },
    },
  },
  {
    path: /^\/api\/posts$/,
    methods: {
      GET: async ({ url, session }) => {
        const listing = readListing(url);
        const { posts, hasMore } = await listPosts(session, listing);
        return Response.json({ posts: posts.map(toJson), page: listing.page, hasMore });
      },
      POST: async ({ request, session }) => {
        const post = await createPost(session, await readNewPost(request));
        return Response.json(toJson(post), { status: 201, headers: { location: `/api/posts/${post.id}` } });
      },
    },
  },
  {
    path: /^\/api\/posts\/([1-9]\d{0,14})$/,
    methods: {
      GET: async ({ session }, id) => Response.json(toJson(await findPost(session, id))),
      PATCH: async ({ request, session }, id) =>
        Response.json(toJson(await changePost(session, id, await readChanges(request)))),
      DELETE: async ({ session }, id) => {
        await deletePost(session, id);
        return new Response(null, { status: 204 });
      },
    },
  },
];

const page = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });

async function answer(call: Call): Promise<Response> {
  const { request, url } = call;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  for (const { path, methods } of routes) {
    const match = path.exec(url.pathname);
    if (!match) continue;
    const handler = methods[method];
    if (handler) return handler(call, Number(match[1]));
    const allowed = Object.keys(methods).join(', ');
    const problem = new Problem(405, 'MethodNotAllowed', `${url.pathname} takes ${allowed}`);
    return Response.json(problem, { status: 405, headers: { allow: allowed } });
  }
  throw new Problem(404, 'NotFound', `there is no ${url.pathname}`);
}

function refuse(error: unknown, url: URL): Response {
  const problem = problemOf(error);
  const { status, message } = problem;
  return url.pathname.startsWith('/api/')
    ? Response.json(problem, { status })
    : page(problemPage(status, message), status);
}

// A promise must not be shared between requests of a Worker, but what is known to be done may be.
let hasTables = false;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/style.css') {
      return new Response(style, {
        headers: { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'max-age=300' },
      });
    }
    // An engine may serve all requests of an isolate. Here each has its own, so that the log is of that request alone.
    const log: LogEvent[] = [];
    const engine = createEngine(d1(env.DB), { log: (event) => log.push(event) });
    let response: Response;
    try {
      if (env.CREATE_TABLES && !hasTables) await createAll(engine, Model.metadata);
      hasTables = true;
      response = await answer({ request, url, session: new Session(engine), log });
    } catch (error) {
      response = refuse(error, url);
    }
    response.headers.set('x-round-trips', String(engine.roundTrips));
    response.headers.set('x-content-type-options', 'nosniff');
    response.headers.set(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    return request.method === 'HEAD' ? new Response(null, response) : response;
  },
};
