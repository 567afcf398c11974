import { alias, count, deleteFrom, insert, isCinnabarError, select, union, update } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import {
  Animal,
  Bird,
  Dog,
  givenUsers,
  givenZoo,
  Keeper,
  Model,
  Post,
  Tag,
  User,
  Zoo,
  WHOLE_NUMBERS,
} from './models.ts';

/** Statements through a session: entities where a model was selected, values elsewhere. */
export function statementCases(open: OpenDriver): void {
  describe('of plain models', () => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await freshDatabase(await open(), Model.metadata);
      await givenUsers(db);
    });

    test('a select of a model is a query', async () => {
      const session = db.session();
      const statement = select(User).where(User.c.id.lt(3)).orderBy(User.c.id).with({ posts: true });
      const { result, trips } = await db.record(() => session.all(statement));

      expect(trips).toBe(1);
      expect(result.map((user) => user.posts.items.length)).toEqual([3, 1]);
      expect(await session.first(statement)).toBe(result[0]);
      expect(await session.get(User, 1)).toBe(result[0]);
    });

    test('entities beside values; null where an outer join found none', async () => {
      const session = db.session();
      const Boss = alias(User, 'boss');
      const { result, trips, sql } = await db.record(() =>
        session.all(
          select({ user: User, boss: Boss, title: Post.c.title })
            .from(User)
            .leftJoin(Boss, Boss.c.id.eq(User.c.managerId))
            .leftJoin(Post, Post.c.authorId.eq(User.c.id))
            .where(User.c.id.in([1, 2, 4]))
            .orderBy(User.c.id, Post.c.id),
        ),
      );

      expect(trips).toBe(1);
      expect(sql).toEqual([
        'select "users"."id", "users"."name", "users"."manager_id", "boss"."id" as "id_2", "boss"."name" as "name_2", "boss"."manager_id" as "manager_id_2", "posts"."title" ' +
          'from "users" left join "users" as "boss" on "boss"."id" = "users"."manager_id" left join "posts" on "posts"."author_id" = "users"."id" ' +
          `where "users"."id" in ${db.by(WHOLE_NUMBERS)} order by "users"."id", "posts"."id"`,
      ]);
      expect(result.map(({ user, boss, title }) => [user.name, boss?.name ?? null, title])).toEqual([
        ['Ann', null, 'One'],
        ['Ann', null, 'Two'],
        ['Ann', null, 'Three'],
        ['Bob', 'Ann', 'Four'],
        ['Dot', 'Bob', null],
      ]);
      expect(result[0]!.user).toBe(result[3]!.boss);
      expect(result[3]!.user).toBe(await session.get(User, 2));
    });

    test('entities of such a result are peers', async () => {
      const rows = await db.session().all(select({ user: User, n: User.c.id }).from(User).orderBy(User.c.id));
      const { trips } = await db.record(async () => {
        for (const { user } of rows) await user.posts;
      });

      expect(trips).toBe(1);
    });

    test('several statements are one trip, relations among them', async () => {
      const session = db.session();
      const { result, trips } = await db.record(() =>
        session.batch([
          select(User)
            .orderBy(User.c.id)
            .limit(1)
            .with({ posts: { tags: true } }),
          select({ n: count() }).from(Post),
          select(Tag).orderBy(Tag.c.id).with({ posts: true }),
          select({ post: Post }).from(Post).where(Post.c.id.eq(1)),
        ]),
      );
      const [users, [counted], tags, rows] = result;

      expect(trips).toBe(1);
      expect(session.roundTrips).toBe(1);
      expect(users[0]!.posts.items[0]!.tags.items[0]).toBe(tags[0]);
      expect(counted).toEqual({ n: 4 });
      expect(rows[0]!.post).toBe(users[0]!.posts.items[0]);
      expect(await session.batch([])).toEqual([]);
    });

    test('one wants one row', async () => {
      const session = db.session();
      const names = select({ name: User.c.name });

      expect(await session.one(names.where(User.c.id.eq(1)))).toEqual({ name: 'Ann' });
      expect(await session.first(names.where(User.c.id.eq(0)))).toBeNull();
      const none = await db.failure(() => session.one(names.where(User.c.id.eq(0))));
      const several = await db.failure(() => session.one(names));
      expect(isCinnabarError(none.error, 'NoResultFound')).toBe(true);
      expect(isCinnabarError(several.error, 'MultipleResultsFound')).toBe(true);
    });

    test('a union of models yields entities', async () => {
      const session = db.session();
      const rows = await session.all(
        union(select(User).where(User.c.id.lt(3)), select(User).where(User.c.id.eq(1))).orderBy(User.c.id),
      );

      expect(rows.map((user) => user.name)).toEqual(['Ann', 'Bob']);
      expect(rows[0]).toBe(await session.get(User, 1));
    });

    test('what a write returns brings entities up to date', async () => {
      const session = db.session();
      const post = (await session.get(Post, 1))!;
      post.title = 'Mine';
      const rows = await session.all(
        update(Post)
          .set({ views: Post.c.views.plus(1), title: 'All' })
          .where(Post.c.id.lt(3))
          .returning(),
      );

      expect(rows).toContain(post);
      expect([post.title, post.views]).toEqual(['Mine', 31]);
      expect(await session.run(deleteFrom(Tag).where(Tag.c.id.eq(99n)))).toBe(0);
      expect(await session.run(insert(Tag).values({ label: 'x' }, { label: 'y' }))).toBe(2);
    });

    test('names of a shape may be anything', async () => {
      const shape = { ['__proto__']: User.c.id, constructor: User.c.name, 2: Post.c.id, 1: Post.c.title } as const;
      const statement = select(shape).from(User).innerJoin(Post, Post.c.authorId.eq(User.c.id)).where(Post.c.id.eq(4));
      const [row] = await db.session().all(statement);

      expect(Object.entries(row!)).toEqual([
        ['1', 'Four'],
        ['2', 4],
        ['__proto__', 2],
        ['constructor', 'Bob'],
      ]);
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      expect(await db.engine.all(statement)).toEqual([row]);
    });
  });

  describe('of models with subclasses', () => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await freshDatabase(await open(), Zoo.metadata);
      await givenZoo(db);
    });

    test('a row is of its own class, and whole', async () => {
      const session = db.session();
      const { result, trips } = await db.record(() =>
        session.all(select({ animal: Animal, name: Animal.c.name }).from(Animal).orderBy(Animal.c.id)),
      );

      expect(trips).toBe(1);
      expect(result.map(({ animal }) => animal.constructor)).toEqual([Animal, Dog, Bird, Dog]);
      expect(await session.get(Bird, 3)).toBe(result[2]!.animal);
      expect([(result[1]!.animal as Dog).barks, (result[2]!.animal as Bird).wings]).toEqual([9, 2]);
    });

    test('an alias of the base', async () => {
      const Other = alias(Animal, 'other');
      const rows = await db
        .session()
        .all(
          select({ keeper: Keeper, animal: Other })
            .from(Keeper)
            .leftJoin(Other, Other.c.keeperId.eq(Keeper.c.id))
            .orderBy(Keeper.c.id, Other.c.id),
        );

      expect(rows.map(({ keeper, animal }) => [keeper.name, animal?.constructor])).toEqual([
        ['Kim', Animal],
        ['Kim', Dog],
        ['Lee', Bird],
      ]);
    });

    test('an alias of a subclass is its rows alone', async () => {
      const Pet = alias(Dog, 'pet');
      const rows = await db
        .session()
        .all(select({ keeper: Keeper.c.name, pet: Pet }).from(Keeper).innerJoin(Pet, Pet.c.keeperId.eq(Keeper.c.id)));

      expect(rows.map(({ keeper, pet }) => [keeper, pet.constructor, pet.name])).toEqual([['Kim', Dog, 'Rex']]);
      expect(await db.engine.all(select({ n: count() }).from(Pet))).toEqual([{ n: 2 }]);
    });

    test('an outer join of a subclass keeps the rows without one', async () => {
      const session = db.session();
      const dogs = await session.all(
        select({ keeper: Keeper.c.name, dog: Dog })
          .from(Keeper)
          .leftJoin(Dog, Dog.c.keeperId.eq(Keeper.c.id))
          .orderBy(Keeper.c.id),
      );
      const birds = await session.all(
        select({ keeper: Keeper.c.name, bird: Bird })
          .from(Keeper)
          .leftJoin(Bird, Bird.c.keeperId.eq(Keeper.c.id))
          .orderBy(Keeper.c.id),
      );

      expect(dogs.map(({ keeper, dog }) => [keeper, dog?.name ?? null])).toEqual([
        ['Kim', 'Rex'],
        ['Lee', null],
      ]);
      expect(birds.map(({ keeper, bird }) => [keeper, bird?.wings ?? null])).toEqual([
        ['Kim', null],
        ['Lee', 2],
      ]);
    });

    test('rows that a write returns may be of another table: refused before any I/O', async () => {
      const session = db.session();
      const { error, calls } = await db.failure(() =>
        session.all(update(Animal).set({ name: 'x' }).where(Animal.c.id.eq(3)).returning()),
      );

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        'rows of Animal may be of Bird, which has a table of its own: yield columns by name here, not the model',
      );
      expect(calls).toBe(0);
    });
  });
}
