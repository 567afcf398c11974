import { declarativeBase, extend, integer, many, one, text } from 'cinnabar';

/** The models of the session's property: every kind of relation, a unique column, a version, a joined subclass. */
export const Model = declarativeBase();

export class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  bossId: integer().nullable().references('users.id', { deferrable: 'immediate' }),
  version: integer().version(),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get team() {
    return many(User, { by: 'bossId' });
  },
  get posts() {
    return many(Post, { by: 'authorId', cascade: 'orphans' });
  },
  get edits() {
    return many(Post, { by: 'editorId' });
  },
}) {}

export class Admin extends extend(User, 'admins', { level: integer() }) {}

export class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  rank: integer().unique(),
  authorId: integer().references('users.id', { deferrable: 'immediate' }),
  editorId: integer().nullable().references('users.id', { deferrable: 'immediate' }),
  get author() {
    return one(User, { by: 'authorId' });
  },
  get editor() {
    return one(User, { by: 'editorId' }).nullable();
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}

export class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

Model.register(Admin);
