import {
  annotate,
  concat,
  count,
  declarativeBase,
  extend,
  integer,
  joinedLoad,
  jsonLoad,
  many,
  max,
  one,
  select,
  text,
  timestamp,
} from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  first: text(),
  last: text(),
  kind: text().default('user'),
  get posts() {
    return many(Post);
  },
}) {
  /** One name for the value of an entity and for the expression. */
  get fullName(): string {
    return `${this.first} ${this.last}`;
  }
  static readonly fullName = concat(User.c.first, ' ', User.c.last);
}
class Admin extends extend(User, 'admins', { level: integer() }, { kind: 'admin' }) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  at: timestamp(),
  userId: integer().references('users.id'),
  get user() {
    return one(User);
  },
}) {}
Model.register(Admin);

const ofUser = Post.c.userId.eq(User.c.id);
const posts = select({ n: count() }).from(Post).where(ofUser).scalar();
const latest = select({ at: max(Post.c.at) })
  .from(Post)
  .where(ofUser)
  .scalar();

/** Values of expressions beside the columns of entities. */
export function annotateCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    const session = db.session();
    session.addAll([
      new User({ first: 'Ann', last: 'Lee', posts: [post('a', 1), post('b', 2)] }),
      new User({ first: 'Bob', last: 'Ray' }),
      new Admin({ first: 'Cid', last: 'Fox', level: 3, posts: [post('c', 3)] }),
    ]);
    await session.commit();
  });
  const post = (title: string, day: number): Post => new Post({ title, at: new Date(Date.UTC(2020, 0, day)) });
  const byName = (session: ReturnType<TestDatabase['session']>) => session.query(User).orderBy(User.c.first);

  test('come with the entities, in the same trip and decoded', async () => {
    const found = await db.record(() => annotate(byName(db.session()), { n: posts, latest }).all());

    expect(found.trips).toBe(1);
    expect(found.result.map(({ first, n, latest: at }) => [first, n, at])).toEqual([
      ['Ann', 2, new Date('2020-01-02')],
      ['Bob', 0, null],
      ['Cid', 1, new Date('2020-01-03')],
    ]);
    expect(found.result[2]).toBeInstanceOf(Admin);
  });

  test('with relations, in every way to load them, with limits, and one entity', async () => {
    for (const relations of [{ posts: true }, { posts: joinedLoad(true) }, { posts: jsonLoad(true) }] as const) {
      const { result, trips } = await db.record(() =>
        annotate(byName(db.session()), { n: posts }).with(relations).limit(2).all(),
      );
      expect(trips).toBe(1);
      expect(result.map((user) => [user.n, user.posts.items.length])).toEqual([
        [2, 2],
        [0, 0],
      ]);
    }
    expect((await annotate(byName(db.session()), { n: posts }).where(posts.gt(1)).one()).n).toBe(2);
    expect(await annotate(byName(db.session()), { n: posts }).count()).toBe(3);
    const streamed: number[] = [];
    for await (const user of annotate(db.session().query(User), { n: posts }).stream()) streamed.push(user.n!);
    expect(streamed).toEqual([2, 0, 1]);
  });

  test('several times, and again with other values', async () => {
    const session = db.session();
    const [ann] = await annotate(annotate(byName(session), { n: posts }), { twice: posts.plus(posts) }).all();
    expect([ann!.n, ann!.twice]).toEqual([2, 4]);
    await db.run('delete from posts');
    const [again] = await annotate(byName(session), { n: posts }).all();
    expect(again).toBe(ann);
    expect([ann!.n, ann!.twice]).toEqual([0, 4]);
  });

  test('are no columns: neither written nor shown', async () => {
    const session = db.session();
    const [ann] = await annotate(byName(session), { n: posts }).all();
    expect(ann!.toJSON()).toEqual({ id: ann!.id, first: 'Ann', last: 'Lee', kind: 'user' });
    expect(Object.keys(ann!)).not.toContain('n');
    expect(() => ((ann as unknown as { n: number }).n = 7)).toThrow(TypeError);
    expect((await db.record(() => session.commit())).trips).toBe(0);
  });

  test('a name that the model has is refused, and so is what is no expression', async () => {
    const query = db.session().query(User);
    for (const name of ['first', 'posts', 'fullName', 'toJSON'])
      expect(() => annotate(query, { [name]: posts })).toThrow(new RegExp(`User has '${name}' already`));
    expect(() => annotate(query, { n: 1 as never })).toThrow(/'n': expected an expression/);
    expect(() => annotate(select(User) as never, { n: posts })).toThrow(/expected a query/);
  });

  test('one name for the value and the expression: an accessor, and a static', async () => {
    const session = db.session();
    const user = await session.query(User).where(User.fullName.eq('Bob Ray')).one();
    expect(user.fullName).toBe('Bob Ray');
    expect((await session.query(User).orderBy(User.fullName.desc()).all()).map(({ fullName }) => fullName)).toEqual(
      await session
        .all(select({ name: User.fullName }).from(User).orderBy(User.fullName.desc()))
        .then((rows) => rows.map(({ name }) => name)),
    );
  });
}
