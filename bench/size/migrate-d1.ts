// A Worker that brings its D1 up to date, and does nothing else.
import { createEngine } from 'cinnabar';
import { d1, type D1Like } from 'cinnabar/d1';
import { execute, migrate, revision } from 'cinnabar/migrate';

const first = revision({
  id: 'first',
  up: [execute('create table notes (id integer primary key, body text not null)')],
});

export default {
  async fetch(_request: Request, env: { DB: D1Like }): Promise<Response> {
    return Response.json(await migrate(createEngine(d1(env.DB)), [first]));
  },
};
