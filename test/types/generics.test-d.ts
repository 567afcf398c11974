import { expectTypeOf, test } from 'vitest';
import {
  integer,
  many,
  one,
  select,
  text,
  type AnyModel,
  type Entity,
  type Expr,
  type InstanceOf,
  type KeyOf,
  type ManyRelation,
  type Query,
  type Select,
  type Session,
} from 'cinnabar';
import { Admin, Model, Post, Project, User } from './models.ts';

declare const session: Session;

class Author extends Model('authors', {
  id: integer().primaryKey(),
  name: text(),
  get books() {
    return many(Book);
  },
}) {
  static all(session: Session) {
    return session.query(Author).with({ books: true }).all();
  }
  async titles() {
    return (await this.books).map((book) => book.shown());
  }
}
class Book extends Model('books', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references('authors.id'),
  get author() {
    return one(Author);
  },
  get sequels(): ManyRelation<typeof Book> {
    return many(Book, { by: 'authorId' });
  },
}) {
  shown() {
    return this.title;
  }
  async by() {
    return (await this.author).name;
  }
}

test('methods over relations in a cycle infer, without annotation', async () => {
  expectTypeOf(({} as Author).titles()).resolves.toEqualTypeOf<string[]>();
  const [author] = await Author.all(session);
  expectTypeOf(author!.books.items[0]!.by()).resolves.toEqualTypeOf<string>();
  expectTypeOf(await ({} as Book).sequels).toEqualTypeOf<readonly Book[]>();
});

test('a repository of any model', () => {
  class Repository<C extends AnyModel> {
    readonly session: Session;
    readonly model: C;
    constructor(session: Session, model: C) {
      this.session = session;
      this.model = model;
    }
    find(key: KeyOf<InstanceOf<C>>) {
      return this.session.get(this.model, key);
    }
    page(size: number) {
      return this.session.query(this.model).limit(size).all();
    }
  }
  const projects = new Repository(session, Project);
  expectTypeOf(projects.find({ tenantId: 'a', id: 1 })).resolves.toEqualTypeOf<Project | null>();
  expectTypeOf(projects.page(3)).resolves.toEqualTypeOf<Project[]>();
  // @ts-expect-error half of the key
  void projects.find({ id: 1 });
});

test('a function over queries of any entity', async () => {
  const page = <E extends Entity>(query: Query<E>, n: number) =>
    query
      .limit(10)
      .offset(10 * n)
      .all();
  expectTypeOf(page(session.query(User), 1)).resolves.toEqualTypeOf<User[]>();
  const [loaded] = await page(session.query(User).with({ posts: true }), 1);
  expectTypeOf(loaded!.posts.items[0]!.title).toEqualTypeOf<string>();
});

test('a query of a subclass, or with relations, is one of its model', () => {
  const all = (query: Query<User>): Promise<User[]> => query.all();
  void all(session.query(Admin));
  void all(session.query(User).with({ posts: true }));
  const run = (statement: Select<User>): Promise<User[]> => session.all(statement);
  void run(select(Admin));
  void run(select(User).with({ posts: true }));
  // @ts-expect-error a query of another model
  void all(session.query(Post));
  // @ts-expect-error a part of an entity is not the whole
  void run(select(User).loadOnly('name'));
});

test('a function over models with a column', () => {
  const named = <C extends AnyModel & { readonly c: { readonly name: Expr<string, string> } }>(model: C) =>
    session.query(model).where(model.c.name.eq('x')).all();
  expectTypeOf(named(User)).resolves.toEqualTypeOf<User[]>();
  expectTypeOf(named(Project)).resolves.toEqualTypeOf<Project[]>();
  // @ts-expect-error a post has no name
  void named(Post);
});
