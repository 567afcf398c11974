import { Pool } from 'pg';
import postgresClient from 'postgres';
import { pg } from '../../../adapters/pg/index.ts';
import { postgres } from '../../../adapters/postgres/index.ts';
import { createEngine, type Driver, Session } from '../../../src/index.ts';
import { Author, Comment, Post } from '../../support/model.ts';
import type { Contender, Opened } from '../contender.ts';

function opened(driver: Driver, close: () => Promise<unknown>): Opened {
  const engine = createEngine(driver);
  return {
    async commit({ posts, ...author }) {
      const session = new Session(engine);
      const written = posts.map(
        ({ comments, ...post }) => new Post({ ...post, comments: comments.map((comment) => new Comment(comment)) }),
      );
      session.add(new Author({ ...author, posts: written }));
      await session.commit();
    },
    close,
  };
}

export default {
  name: 'Cinnabar',
  open: {
    'pg': async (connectionString) => {
      const pool = new Pool({ connectionString, pipeline: true, max: 1 });
      return opened(pg(pool), () => pool.end());
    },
    'postgres.js': async (url) => {
      const sql = postgresClient(url, { max: 1 });
      return opened(postgres(sql), () => sql.end());
    },
  },
} satisfies Contender;
