// Core alone: one select on D1, no session.
import { createEngine, integer, select, table, text } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';

const users = table('users', { id: integer().primaryKey(), name: text() });

export default {
  async fetch(_request: Request, env: { DB: D1Like }): Promise<Response> {
    const engine = createEngine(d1(env.DB));
    return Response.json(await engine.all(select({ name: users.c.name }).from(users)));
  },
};
