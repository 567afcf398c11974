// The models that the tests of types share.
import {
  bigint,
  boolean,
  bytes,
  declarativeBase,
  double,
  enumeration,
  extend,
  integer,
  json,
  many,
  numeric,
  one,
  plainDate,
  text,
  timestamp,
  uuid,
} from 'cinnabar';

declare const brand: unique symbol;
export type UserId = number & { readonly [brand]: 'user' };
export type PostId = number & { readonly [brand]: 'post' };
export type Locale = string & { readonly [brand]: 'locale' };

export const Model = declarativeBase({ columns: { createdAt: timestamp().default(() => new Date()) } });

export class User extends Model('users', {
  id: integer<UserId>().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  password: text().hidden(),
  role: enumeration('reader', 'editor').default('reader'),
  score: integer().nullable(),
  managerId: integer<UserId>().nullable().references('users.id'),
  get manager() {
    return one(User, { by: 'managerId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'managerId' });
  },
  get posts() {
    return many(Post, { by: 'authorId' });
  },
}) {
  static readonly plural = 'people';
  get greeting(): string {
    return `Hello, ${this.name}`;
  }
}

export class Post extends Model('posts', {
  id: integer<PostId>().primaryKey(),
  title: text(),
  views: integer().default(0),
  published: boolean().default(false),
  meta: json<{ words: number }>().default({ words: 0 }),
  authorId: integer<UserId>().references('users.id', { onDelete: 'cascade' }),
  get author() {
    return one(User, { by: 'authorId' });
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {
  headline(): string {
    return this.title.toUpperCase();
  }
}

export class Tag extends Model('tags', {
  id: bigint().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

/** Like Tag, column for column. */
export class Label extends Model('labels', {
  id: bigint().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_labels' });
  },
}) {}

export class Admin extends extend(User, 'admins', { level: integer() }) {
  rank(): string {
    return `${this.greeting} (${this.level})`;
  }
}
export class Editor extends extend(User, { role: 'editor' }, { desk: text().nullable() }) {}

/** A column of every kind. */
export class Every extends declarativeBase()('every', {
  id: uuid().primaryKey(),
  locale: text<Locale>(),
  price: numeric(10, 2),
  ratio: double(),
  day: plainDate(),
  seen: timestamp().nullable(),
  big: bigint().nullable(),
  bytes: bytes().nullable(),
  tags: json<readonly string[]>(),
  secret: text().nullable().hidden(),
  version: integer().version(),
}) {}

const Tenanted = Model.with({ tenantId: uuid().primaryKey() });
export class Project extends Tenanted('projects', {
  id: integer().primaryKey({ generated: false }),
  name: text(),
}) {}
