import { expectTypeOf, test } from 'vitest';
import {
  extend,
  insert,
  integer,
  many,
  one,
  select,
  text,
  type AnyModel,
  type DefinitionOf,
  type Entity,
  type Expr,
  type Init,
  type InstanceOf,
  type KeyOf,
  type ManyRelation,
  type NewValues,
  type Query,
  type Select,
  type Session,
  type Values,
  type With,
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

class Person extends Model('people', {
  id: integer().primaryKey(),
  bossId: integer().nullable().references('managers.id'),
  get boss() {
    return one(Manager, { by: 'bossId' }).nullable();
  },
}) {
  static first(session: Session) {
    return session.query(this).first();
  }
  override toJSON() {
    return { ...super.toJSON(), kind: 'person' };
  }
}
class Manager extends extend(Person, 'managers', {
  bonus: integer(),
  get staff() {
    return many(Person, { by: 'bossId' });
  },
}) {
  pay() {
    return this.bonus;
  }
}

test('a base with a relation to its own subclass', async () => {
  const person = await session
    .query(Person)
    .with({ boss: { staff: { boss: true } } })
    .one();
  expectTypeOf(person.boss.value?.staff.items[0]?.boss.value?.pay()).toEqualTypeOf<number | undefined>();
  // @ts-expect-error a person has no pay
  void person.boss.value?.staff.items[0]?.pay();
});

test('a class adds to what it inherits', async () => {
  expectTypeOf(Person.first(session)).resolves.toEqualTypeOf<Person | null>();
  expectTypeOf(({} as Person).toJSON().kind).toEqualTypeOf<string>();
});

test('a function over the relations of a model', async () => {
  const load = <const W extends With<User>>(relations: W) => session.query(User).with(relations).all();
  expectTypeOf((await load({ posts: true }))[0]!.posts.items[0]!.title).toEqualTypeOf<string>();
  // @ts-expect-error no relation of User
  void load({ tags: true });
});

test('rows make entities', () => {
  void new User({} as NewValues<User>);
  void new User({} as Init<DefinitionOf<User>>);
  insert(User).values(...([] as NewValues<User>[]), {} as Values<User>);
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
