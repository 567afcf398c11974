import { createAll, createEngine, Session } from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { Client } from 'pg';
// Models, checks and what the blog does are those of the blog on D1, as they are.
import { readChanges, readListing, readNewPost } from '../../d1-blog/src/input.ts';
import { Model } from '../../d1-blog/src/models.ts';
import { changePost, createPost, deletePost, findPost, listPosts, toJson } from '../../d1-blog/src/posts.ts';
import { Problem, problemOf } from '../../d1-blog/src/problem.ts';

export interface Env {
  readonly HYPERDRIVE: { readonly connectionString: string };
  readonly CREATE_TABLES?: string;
}

export interface Context {
  waitUntil(work: Promise<unknown>): void;
}

const onePost = /^\/api\/posts\/([1-9]\d{0,14})$/;

async function answer(request: Request, session: Session): Promise<Response> {
  const url = new URL(request.url);
  const id = Number(onePost.exec(url.pathname)?.[1] ?? 0);
  const path = id > 0 ? '/api/posts/:id' : url.pathname;
  switch (`${request.method} ${path}`) {
    case 'GET /api/posts': {
      const listing = readListing(url);
      const { posts, hasMore } = await listPosts(session, listing);
      return Response.json({ posts: posts.map(toJson), page: listing.page, hasMore });
    }
    case 'POST /api/posts': {
      const post = await createPost(session, await readNewPost(request));
      return Response.json(toJson(post), { status: 201, headers: { location: `/api/posts/${post.id}` } });
    }
    case 'GET /api/posts/:id':
      return Response.json(toJson(await findPost(session, id)));
    case 'PATCH /api/posts/:id':
      return Response.json(toJson(await changePost(session, id, await readChanges(request))));
    case 'DELETE /api/posts/:id':
      await deletePost(session, id);
      return new Response(null, { status: 204 });
    default:
      throw new Problem(404, 'NotFound', `there is no ${request.method} ${url.pathname}`);
  }
}

let hasTables = false;

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    // A connection belongs to the request in which it was made. Hyperdrive keeps those to the database, so that this one
    // goes no further than to it. `pipeline` lets BEGIN, the statements and COMMIT of a unit leave together.
    const client = new Client({ connectionString: env.HYPERDRIVE.connectionString, pipeline: true });
    const engine = createEngine(pg(client));
    let response: Response;
    try {
      await client.connect();
      if (env.CREATE_TABLES && !hasTables) await createAll(engine, Model.metadata);
      hasTables = true;
      response = await answer(request, new Session(engine));
    } catch (error) {
      const problem = problemOf(error);
      response = Response.json(problem, { status: problem.status });
    } finally {
      // The answer does not wait for the goodbye.
      context.waitUntil(client.end());
    }
    response.headers.set('x-round-trips', String(engine.roundTrips));
    return response;
  },
};
