import { defineEntity, p } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import type { Contender } from '../contender.ts';

const author = defineEntity({
  name: 'Author',
  tableName: 'authors',
  properties: {
    id: p.bigint('number').primary(),
    name: p.text(),
    email: p.text().unique(),
    country: p.text(),
    age: p.bigint('number'),
    active: p.boolean(),
    createdAt: p.datetime(),
    posts: () => p.oneToMany(Post).mappedBy('author'),
  },
});
class Author extends author.class {}
author.setClass(Author);

const post = defineEntity({
  name: 'Post',
  tableName: 'posts',
  properties: {
    id: p.bigint('number').primary(),
    title: p.text(),
    body: p.text(),
    views: p.bigint('number'),
    createdAt: p.datetime(),
    author: () => p.manyToOne(Author),
    comments: () => p.oneToMany(Comment).mappedBy('post'),
  },
});
class Post extends post.class {}
post.setClass(Post);

const comment = defineEntity({
  name: 'Comment',
  tableName: 'comments',
  properties: {
    id: p.bigint('number').primary(),
    body: p.text(),
    createdAt: p.datetime(),
    post: () => p.manyToOne(Post),
  },
});
class Comment extends comment.class {}
comment.setClass(Comment);

export default {
  name: 'MikroORM 7',
  open: {
    pg: async (clientUrl) => {
      const orm = await MikroORM.init({
        clientUrl,
        entities: [Author, Post, Comment],
        pool: { min: 1, max: 1 },
        discovery: { warnWhenNoEntities: false },
      });
      return {
        async commit({ posts, ...given }) {
          const em = orm.em.fork();
          const made = em.create(Author, { ...given, active: true });
          for (const { comments, ...rest } of posts) {
            const written = em.create(Post, { ...rest, views: 0, author: made });
            for (const each of comments) em.create(Comment, { ...each, post: written });
          }
          em.persist(made);
          await em.flush();
        },
        close: () => orm.close(),
      };
    },
  },
} satisfies Contender;
