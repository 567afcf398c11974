import { declarativeBase, integer, many, type Query, select, serialize } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import {
  Animal,
  Bird,
  Dog,
  givenProjects,
  givenUsers,
  givenZoo,
  Keeper,
  Keyed,
  Member,
  Model,
  Post,
  Profile,
  Project,
  Tag,
  Task,
  Truck,
  User,
  Vehicle,
  Zoo,
  TEXT_AND_NUMBER,
} from './models.ts';

/** Relations that come with a query: one round trip, whatever they are and however deep. */
export function eagerCases(open: OpenDriver): void {
  describe('relations of one query', () => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await freshDatabase(await open(), Model.metadata);
      await givenUsers(db);
    });

    test('one-to-many, parents without children among them', async () => {
      const { result, trips, sql } = await db.record(() => db.session().query(User).with({ posts: true }).all());

      expect(trips).toBe(1);
      expect(sql).toEqual([
        'select "users"."id", "users"."name", "users"."manager_id" from "users"',
        'with "parents:0" as (select "users"."id" as "key0" from "users") ' +
          'select "posts"."id", "posts"."title", "posts"."views", "posts"."author_id", "posts"."editor_id" from "posts" ' +
          'where "posts"."author_id" in (select "parents:0"."key0" from "parents:0") order by "posts"."id"',
      ]);
      expect(result.map((user) => user.posts.items.map((post) => post.title))).toEqual([
        ['One', 'Two', 'Three'],
        ['Four'],
        [],
        [],
        [],
      ]);
    });

    test('many-to-one, each target once, null where the key is null', async () => {
      const session = db.session();
      const { result, trips } = await db.record(() =>
        session.query(Post).orderBy(Post.c.id).with({ author: true, editor: true }).all(),
      );

      expect(trips).toBe(1);
      expect(session.roundTrips).toBe(1);
      expect(result.map((post) => [post.author.value.name, post.editor.value?.name ?? null])).toEqual([
        ['Ann', 'Bob'],
        ['Ann', null],
        ['Ann', 'Ann'],
        ['Bob', 'Ann'],
      ]);
      expect(result[0]!.author.value).toBe(result[3]!.editor.value);
    });

    test('one-to-one from both sides', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .orderBy(User.c.id)
          .with({ profile: { user: true } })
          .all(),
      );

      expect(trips).toBe(1);
      expect(result.map((user) => user.profile.value?.bio ?? null)).toEqual(['writes', null, null, 'reads', null]);
      expect(result[0]!.profile.value!.user.value).toBe(result[0]);
    });

    test('many-to-many, from both sides, with keys above 2^53', async () => {
      const { result, trips, sql } = await db.record(() =>
        db
          .session()
          .query(Post)
          .orderBy(Post.c.id)
          .with({ tags: { posts: true } })
          .all(),
      );

      expect(trips).toBe(1);
      expect(sql[1]).toBe(
        'with "parents:0" as (select "posts"."id" as "key0" from "posts") ' +
          `select ${db.by({ sqlite: 'cast("tags"."id" as text) as "id"', postgres: '"tags"."id"' })}, ` +
          '"tags"."label", "post_tags"."post_id" from "tags" ' +
          'join "post_tags" on "post_tags"."tag_id" = "tags"."id" ' +
          'where "post_tags"."post_id" in (select "parents:0"."key0" from "parents:0") order by "tags"."id"',
      );
      expect(result.map((post) => post.tags.items.map((tag) => tag.id))).toEqual([
        [1n, 2n],
        [],
        [9007199254740993n],
        [1n],
      ]);
      expect(result[0]!.tags.items[0]!.posts.items).toEqual([result[0], result[3]]);
    });

    test('a model and itself, several levels, the same entity by several paths', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .where(User.c.managerId.isNull())
          .orderBy(User.c.id)
          .with({ reports: { reports: { manager: { manager: true } } }, posts: { author: { posts: true } } })
          .all(),
      );

      expect(trips).toBe(1);
      const [ann, eve] = result;
      expect(ann!.reports.items.map((user) => [user.name, user.reports.items.map((own) => own.name)])).toEqual([
        ['Bob', ['Dot']],
        ['Cid', []],
      ]);
      const dot = ann!.reports.items[0]!.reports.items[0]!;
      expect(dot.manager.value?.manager.value).toBe(ann);
      expect(ann!.posts.items[0]!.author.value).toBe(ann);
      expect(ann!.posts.items[0]!.author.value.posts.items).toBe(ann!.posts.items);
      expect(eve!.reports.items).toEqual([]);
    });

    test('no parents at all is still one trip', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(User)
          .where(User.c.name.eq('Nobody'))
          .with({ posts: { tags: true } })
          .all(),
      );

      expect([result, trips]).toEqual([[], 1]);
    });

    test('a relation is ordered by its attribute, and then by key', async () => {
      await db.run(`insert into posts (id, title, views, author_id) values (9, 'Nine', 20, 1), (8, 'Eight', 20, 1)`);

      const ann = await db.session().query(User).where(User.c.id.eq(1)).with({ ranked: true }).one();

      expect(ann.ranked.items.map((post) => post.id)).toEqual([2, 3, 8, 9, 1]);
    });

    test('a key that refers to no row is null', async () => {
      await db.run(
        'drop table profiles',
        'create table profiles (id integer primary key, bio text not null, user_id integer not null)',
        `insert into profiles values (1, 'lost', 99)`,
      );

      const session = db.session();
      const { result, trips } = await db.record(() => session.query(Profile).with({ user: true }).all());

      expect(trips).toBe(1);
      expect(result[0]!.user.loaded).toBe(true);
      expect(result[0]!.user.value).toBeNull();
      expect((await db.record(() => Promise.resolve(result[0]!.user))).trips).toBe(0);
    });

    test('the parents of a filter, a relation filter and a LIMIT', async () => {
      const { result, trips, sql } = await db.record(() =>
        db
          .session()
          .query(User)
          .where(User.c.posts.some(Post.c.views.gte(5)))
          .limit(1)
          .with({ posts: true })
          .all(),
      );

      expect(trips).toBe(1);
      expect(sql[1]).toBe(
        'with "parents:0" as (select "users"."id" as "key0" from "users" where exists (select 1 from "posts" ' +
          `where "posts"."author_id" = "users"."id" and "posts"."views" >= ${db.by({ sqlite: '?1', postgres: '$1::text::bigint' })}) ` +
          `order by "users"."id" limit ${db.by({ sqlite: '?2', postgres: '$2::text::bigint' })}) ` +
          'select "posts"."id", "posts"."title", "posts"."views", "posts"."author_id", "posts"."editor_id" from "posts" ' +
          'where "posts"."author_id" in (select "parents:0"."key0" from "parents:0") order by "posts"."id"',
      );
      expect(result.map((user) => [user.id, user.posts.items.length])).toEqual([[1, 3]]);
    });

    test.for([
      ['LIMIT without ORDER BY', (query) => query.limit(3), [1, 2, 3]],
      ['ORDER BY with ties', (query) => query.orderBy(Post.c.authorId).limit(3), [1, 2, 3]],
      ['ORDER BY desc with ties', (query) => query.orderBy(Post.c.authorId.desc()).limit(3), [4, 3, 2]],
      ['OFFSET', (query) => query.orderBy(Post.c.views).offset(1), [2, 3, 1]],
      ['LIMIT 0', (query) => query.limit(0), []],
      ['OFFSET beyond the end', (query) => query.offset(9), []],
    ] as [string, (query: Query<Post>) => Query<Post>, number[]][])(
      '%s: the children are of the same parents',
      async ([, cut, ids]) => {
        const { result, trips } = await db.record(() => cut(db.session().query(Post)).with({ tags: true }).all());

        expect(trips).toBe(1);
        expect(result.map((post) => post.id)).toEqual(ids);
        const labels: Record<number, string[]> = { 1: ['sql', 'edge'], 2: [], 3: ['big'], 4: ['sql'] };
        expect(result.map((post) => post.tags.items.map((tag) => tag.label))).toEqual(ids.map((id) => labels[id]));
      },
    );

    test('statements grow by one for each path, not for each row', async () => {
      const { sql } = await db.record(() =>
        db
          .session()
          .query(User)
          .with({ posts: { tags: true, editor: true }, profile: true, manager: true })
          .all(),
      );

      expect(sql).toHaveLength(6);
    });

    test('serialize writes what was loaded', async () => {
      const tags = await db
        .session()
        .query(Tag)
        .orderBy(Tag.c.id)
        .with({ posts: { author: true } })
        .all();
      const shown = tags.map((tag) => serialize(tag, { posts: { author: true } }));

      expect(shown.map((tag) => [tag.id, tag.posts.map((post) => post.author.name)])).toEqual([
        ['1', ['Ann', 'Bob']],
        ['2', ['Ann']],
        ['9007199254740993', ['Ann']],
      ]);
    });
  });

  test('tables may have the names that come to mind for the parts of a query', async () => {
    const Family = declarativeBase();
    class Parent extends Family('parents', {
      id: integer().primaryKey(),
      get kept() {
        return many(Numbered);
      },
    }) {}
    class Numbered extends Family('numbered', {
      id: integer().primaryKey(),
      parentId: integer().references('parents.id'),
    }) {}
    const db = await freshDatabase(await open(), Family.metadata);
    await db.run('insert into parents values (1), (2)', 'insert into numbered values (1, 2), (2, 2)');

    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Parent)
        .limit(2)
        .with({ kept: select(Numbered).orderBy(Numbered.c.id.desc()).limit(1) })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((parent) => parent.kept.subset.map((own) => own.id))).toEqual([[], [2]]);
  });

  describe('composite keys', () => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await freshDatabase(await open(), Keyed.metadata);
      await givenProjects(db);
    });

    test('one-to-many and many-to-one', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(Project)
          .orderBy(Project.c.name)
          .with({ tasks: { project: true } })
          .all(),
      );

      expect(trips).toBe(1);
      expect(result.map((project) => project.tasks.items.map((task) => task.id))).toEqual([[1, 3], [], [2]]);
      expect(result[2]!.tasks.items[0]!.project.value).toBe(result[2]);
    });

    test('a key that is null in part refers to nothing', async () => {
      const { result, trips } = await db.record(() =>
        db.session().query(Task).orderBy(Task.c.id).with({ project: true }).all(),
      );

      expect(trips).toBe(1);
      expect(result.map((task) => task.project.value?.name ?? null)).toEqual(['A1', 'B1', 'A1', null, null]);
    });

    test('many-to-many between two of them', async () => {
      const { result, trips } = await db.record(() =>
        db.session().query(Member).orderBy(Member.c.region, Member.c.number).with({ projects: true }).all(),
      );

      expect(trips).toBe(1);
      expect(result.map((member) => member.projects.items.map((project) => project.name))).toEqual([
        ['A1', 'B1'],
        [],
        ['A1'],
      ]);
    });

    test('by keys, after a query that is not repeated', async () => {
      const session = db.session();
      const projects = await session.query(Project).orderBy(Project.c.name).all();
      const { trips, sql } = await db.record(() => session.loadAll(projects, { tasks: true }));

      expect(trips).toBe(1);
      expect(sql[0]).toContain(`where ("tasks"."tenant", "tasks"."project_id") in ${db.by(TEXT_AND_NUMBER)}`);
      expect(projects.map((project) => project.tasks.peek()?.map((task) => task.id))).toEqual([[1, 3], [], [2]]);
    });
  });

  describe('inheritance', () => {
    let db: TestDatabase;
    beforeEach(async () => {
      db = await freshDatabase(await open(), Zoo.metadata);
      await givenZoo(db);
    });

    test('a query of the base meets subclasses of one table and of several', async () => {
      const { result, trips } = await db.record(() => db.session().query(Animal).orderBy(Animal.c.id).all());

      expect(trips).toBe(1);
      expect(result.map((animal) => animal.constructor)).toEqual([Animal, Dog, Bird, Dog]);
      expect((result[1] as Dog).barks).toBe(9);
      expect((result[2] as Bird).wings).toBe(2);
    });

    test('a query of a subclass yields its rows alone', async () => {
      const session = db.session();

      expect((await session.query(Dog).orderBy(Dog.c.id).all()).map((dog) => dog.name)).toEqual(['Rex', 'Fly']);
      expect((await session.query(Bird).all()).map((bird) => [bird.name, bird.wings])).toEqual([['Tit', 2]]);
      expect((await session.query(Truck).all()).map((truck) => [truck.plate, truck.load])).toEqual([['truck', 7]]);
    });

    test('a relation to the base loads subclasses, and a relation of the base works for them', async () => {
      const { result, trips } = await db.record(() =>
        db
          .session()
          .query(Keeper)
          .orderBy(Keeper.c.id)
          .with({ animals: { keeper: true }, trucks: { driver: true } })
          .all(),
      );

      expect(trips).toBe(1);
      expect(result.map((keeper) => keeper.animals.items.map((animal) => animal.constructor))).toEqual([
        [Animal, Dog],
        [Bird],
      ]);
      expect(result[0]!.animals.items[1]!.keeper.value).toBe(result[0]);
      expect(result[0]!.trucks.items.map((truck) => [truck.plate, truck.load])).toEqual([['truck', 7]]);
      expect(result[0]!.trucks.items[0]!.driver.value).toBe(result[0]);
    });

    test('a relation of a subclass, with a query of it', async () => {
      const { result, trips } = await db.record(() => db.session().query(Bird).with({ keeper: true }).all());

      expect(trips).toBe(1);
      expect(result.map((bird) => bird.keeper.value?.name)).toEqual(['Lee']);
    });

    test('an entity is one object, whichever class the query names', async () => {
      const session = db.session();
      const [truck] = await session.query(Truck).all();
      const vehicles = await session.query(Vehicle).orderBy(Vehicle.c.id).all();

      expect(vehicles[1]).toBe(truck);
      expect(await session.get(Vehicle, 2)).toBe(truck);
      expect(await session.get(Truck, 1)).toBeNull();
    });
  });
}
