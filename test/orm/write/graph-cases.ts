import { bigint, declarativeBase, integer, many, one, type Session, text, uuid } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  managerId: integer().nullable().references('users.id'),
  get manager() {
    return one(User, { by: 'managerId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'managerId' });
  },
  get posts() {
    return many(Post, { cascade: 'orphans' });
  },
}) {}

class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references('users.id', { onDelete: 'cascade' }),
  get author() {
    return one(User);
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}

class Tag extends Model('tags', {
  id: bigint().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

class Country extends Model('countries', {
  code: text().primaryKey(),
  name: text(),
  get cities() {
    return many(City);
  },
}) {}

class City extends Model('cities', {
  id: uuid()
    .primaryKey()
    .default(() => crypto.randomUUID()),
  name: text(),
  countryCode: text().references('countries.code'),
  get country() {
    return one(Country);
  },
}) {}

class Project extends Model('projects', {
  tenantId: text().primaryKey(),
  id: integer().primaryKey({ generated: false }),
  name: text(),
  get tasks() {
    return many(Task);
  },
}) {}

class Task extends Model(
  'tasks',
  {
    id: integer().primaryKey(),
    title: text(),
    tenantId: text(),
    projectId: integer(),
    get project() {
      return one(Project);
    },
  },
  { foreignKeys: [{ columns: ['tenantId', 'projectId'], references: 'projects' }] },
) {}

/** The type cannot know that a key of several columns comes from the relation. */
function task(title: string): Task {
  return new Task({ title } as ConstructorParameters<typeof Task>[0]);
}

/** A sequence gives keys whatever rows there are: one that the program gave is taken, and nothing is written. */
async function refusesTakenKey(db: TestDatabase, session: Session, rows: readonly unknown[][]): Promise<void> {
  const { error, calls } = await db.failure(() => session.commit());
  expect(error).toMatchObject({ code: 'UniqueViolation', outcome: 'not committed', table: 'users', columns: ['id'] });
  expect(calls).toBe(1);
  expect(await db.rows('select id, name from users order by id')).toEqual(rows);
}

/** New rows, their keys and what refers to them. */
export function graphCases(open: OpenDriver): void {
  describe('a graph of new rows', () => {
    test('goes in one trip, with keys, foreign keys and pairs', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const sql = new Tag({ label: 'sql' });
      const ann = new User({
        name: 'Ann',
        posts: [
          new Post({ title: 'One', tags: [sql, new Tag({ label: 'edge' })] }),
          new Post({ title: 'Two', tags: [sql] }),
        ],
      });
      const bob = new User({ name: 'Bob', manager: ann });
      session.addAll([bob, ann]);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(ann.id).toBe(1);
      expect(bob.managerId).toBe(ann.id);
      expect(ann.posts.peek()!.map((post) => [post.id, post.authorId])).toEqual([
        [1, 1],
        [2, 1],
      ]);
      expect(ann.reports.peek()).toEqual([bob]);
      expect(sql.id).toBe(1n);
      expect(await db.rows('select id, name, manager_id from users order by id')).toEqual([
        [1, 'Ann', null],
        [2, 'Bob', 1],
      ]);
      expect(await db.rows('select post_id, tag_id from post_tags order by 1, 2')).toEqual([
        [1, 1],
        [1, 2],
        [2, 1],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of one row is one statement', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const ann = new User({ name: 'Ann' });
      session.add(ann);

      const { trips, sql } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sql.filter((statement) => statement.startsWith('insert'))).toHaveLength(1);
      expect(ann.id).toBe(1);
    });

    test('mixes keys of the program with keys of the database', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const given = new User({ id: 10, name: 'Ten', posts: [new Post({ title: 'of Ten' })] });
      const made = ['a', 'b', 'c'].map(
        (name) => new User({ name, manager: given, posts: [new Post({ title: name })] }),
      );
      session.addAll([...made.slice(0, 2), given, ...made.slice(2)]);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      // A sequence does not look at the keys that are there.
      expect(made.map((user) => user.id)).toEqual(db.by({ sqlite: [11, 12, 13], postgres: [1, 2, 3] }));
      expect(
        await db.rows('select u.name, p.title from posts p join users u on u.id = p.author_id order by u.id'),
      ).toEqual([
        ...db.by({ sqlite: [['Ten', 'of Ten']], postgres: [] }),
        ['a', 'a'],
        ['b', 'b'],
        ['c', 'c'],
        ...db.by({ sqlite: [], postgres: [['Ten', 'of Ten']] }),
      ]);
    });

    test('takes keys below and within those that are there', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(`insert into users (id, name) values (5, 'Five')`);
      await db.advanceKeys();
      const session = db.session();
      const users = [2, undefined, 9, undefined, 7].map(
        (id, at) => new User({ ...(id && { id }), name: `u${at}`, posts: [new Post({ title: `p${at}` })] }),
      );
      session.addAll(users);
      if (db.by({ sqlite: false, postgres: true })) return refusesTakenKey(db, session, [[5, 'Five']]);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(users.map((user) => user.id)).toEqual([2, 10, 9, 11, 7]);
      expect(
        await db.rows('select u.name, p.title from posts p join users u on u.id = p.author_id order by p.title'),
      ).toEqual(users.map((user, at) => [user.name, `p${at}`]));
    });

    test('where only sequences know the keys, one that the program gave is found taken', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(`insert into users (id, name) values (1, 'One')`);
      const session = db.session();
      const next = new User({ name: 'Next', posts: [new Post({ title: 'p' })] });
      session.add(next);
      if (db.by({ sqlite: false, postgres: true })) {
        const { error } = await db.failure(() => session.commit());
        expect(error).toMatchObject({ code: 'UniqueViolation', outcome: 'not committed', model: 'User' });
        expect((error as Error).message).toBe(
          "a key that the database made in 'users' is taken already: its sequence knows nothing of keys that the program gave; nothing was written. Advance it by setval(), or let one of the two give all keys",
        );
        expect(await db.values('select count(*) from posts')).toEqual([0]);
        await db.advanceKeys();
      }

      await session.commit();

      expect(next.id).toBe(2);
      expect(await db.rows('select title, author_id from posts')).toEqual([['p', 2]]);
    });

    test('makes no key of a row that the same unit deletes', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const last = new User({ name: 'Last', posts: [new Post({ title: 'gone' })] });
      session.addAll([new User({ name: 'First' }), last]);
      await session.commit();
      const key = last.id;
      const next = new User({ name: 'Next', posts: [new Post({ title: 'stays' })] });
      session.delete(last);
      session.add(next);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(next.id).toBeGreaterThan(key);
      expect(await db.rows('select u.name, p.title from posts p join users u on u.id = p.author_id')).toEqual([
        ['Next', 'stays'],
      ]);
    });

    test('makes no key that a row of the same unit changes to', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const old = new User({ name: 'Old' });
      session.add(old);
      await session.commit();
      old.id = 2;
      const fresh = new User({ name: 'New', posts: [new Post({ title: 'p' })] });
      session.add(fresh);
      if (db.by({ sqlite: false, postgres: true })) return refusesTakenKey(db, session, [[1, 'Old']]);

      await session.commit();

      expect(fresh.id).toBe(3);
      expect(await db.rows('select id, name from users order by id')).toEqual([
        [2, 'Old'],
        [3, 'New'],
      ]);
    });

    test('makes every row of a tree, parents first', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const leaf = new User({
        name: 'leaf',
        manager: new User({ name: 'middle', manager: new User({ name: 'root' }) }),
      });
      session.add(leaf);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(
        await db.rows('select u.name, m.name as m from users u left join users m on m.id = u.manager_id order by u.id'),
      ).toEqual([
        ['root', null],
        ['middle', 'root'],
        ['leaf', 'middle'],
      ]);
    });

    test('may refer to itself, and to each other, within one table', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const self = new User({ name: 'self' });
      self.manager.set(self);
      const left = new User({ name: 'left' });
      const right = new User({ name: 'right', manager: left });
      left.manager.set(right);
      session.addAll([self, left]);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(self.managerId).toBe(self.id);
      expect(left.managerId).toBe(right.id);
      expect(
        await db.rows('select u.name, m.name as m from users u join users m on m.id = u.manager_id order by u.name'),
      ).toEqual([
        ['left', 'right'],
        ['right', 'left'],
        ['self', 'self'],
      ]);
    });

    test('beside an upsert of Core, keys still fit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `insert into tags (label) values ('sql')`,
        `insert into tags (label) values ('sql') on conflict do nothing`,
      );
      const session = db.session();
      const post = new Post({ title: 'p', author: new User({ name: 'u' }), tags: [new Tag({ label: 'edge' })] });
      session.add(post);
      await session.commit();
      expect(await db.rows('select l.post_id, t.label from post_tags l join tags t on t.id = l.tag_id')).toEqual([
        [1, 'edge'],
      ]);
    });

    test('with keys made by the program, natural keys and keys of several columns', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const france = new Country({ code: 'FR', name: 'France', cities: [new City({ name: 'Paris' })] });
      const project = new Project({
        tenantId: 'a',
        id: 1,
        name: 'One',
        tasks: [task('t1'), task('t2')],
      });
      session.addAll([france, project]);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(await db.rows('select name, country_code from cities')).toEqual([['Paris', 'FR']]);
      expect(await db.rows('select id, tenant_id, project_id from tasks order by id')).toEqual([
        [1, 'a', 1],
        [2, 'a', 1],
      ]);
      expect(project.tasks.peek()![1]!.tenantId).toBe('a');
      expect(await session.get(Project, { tenantId: 'a', id: 1 })).toBe(project);
      expect(await session.get(Country, 'FR')).toBe(france);
    });

    test('of thousands of rows is one unit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const title = 'x'.repeat(200);
      const users = Array.from(
        { length: 50 },
        (_, at) =>
          new User({
            name: `u${at}`,
            posts: Array.from({ length: 100 }, (__, n) => new Post({ title: `${at}/${n}/${title}` })),
          }),
      );
      session.addAll(users);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(
        await db.values(
          `select count(*) from posts p join users u on u.id = p.author_id where p.title like substr(u.name, 2) || '/%'`,
        ),
      ).toEqual([5000]);
      expect(users[49]!.posts.peek()![99]!.id).toBe(5000);
    });

    test('of values of a megabyte is one unit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const big = '€'.repeat(300_000);
      const user = new User({
        name: 'big',
        posts: Array.from({ length: 5 }, (_, at) => new Post({ title: `${at}${big}` })),
      });
      session.add(user);

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(await db.rows('select id, substr(title, 1, 1), length(title), author_id from posts order by id')).toEqual(
        [1, 2, 3, 4, 5].map((id) => [id, String(id - 1), 300_001, 1]),
      );
    });
  });

  describe('a trigger that inserts', () => {
    test('into the same table, for a row with children: refused, or right', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const twin = `insert into users (name) values (new.name || ' twin')`;
      await db.afterInsert('users', 'twin', twin, `new.name not like '%twin'`);
      for (const count of [1, 3]) {
        const session = db.session();
        const users = Array.from(
          { length: count },
          (_, at) => new User({ name: `${count}.${at}`, posts: [new Post({ title: `${count}.${at}` })] }),
        );
        session.addAll(users);
        await session.commit().catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'CapabilityError', outcome: 'not committed' });
        });
        expect(
          await db.values('select u.name from posts p join users u on u.id = p.author_id where p.title <> u.name'),
        ).toEqual([]);
      }
    });

    test('into another table of the unit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.afterInsert('posts', 'spoil', `insert into users (name) values ('spoiler')`);
      const session = db.session();
      const users = ['a', 'b'].map(
        (name) => new User({ name, posts: [new Post({ title: name }), new Post({ title: name })] }),
      );
      session.addAll(users);
      await session.commit().catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'CapabilityError', outcome: 'not committed' });
      });
      expect(
        await db.values('select u.name from posts p join users u on u.id = p.author_id where p.title <> u.name'),
      ).toEqual([]);
    });

    test('into a table that the unit does not refer to is no obstacle', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `create table audit (id ${db.by({ sqlite: 'integer', postgres: 'serial' })} primary key, what text)`,
      );
      await db.afterInsert('posts', 'note', 'insert into audit (what) values (new.title)');
      await db.afterInsert('users', 'note_users', 'insert into audit (what) values (new.name)');
      const session = db.session();
      const users = ['a', 'b'].map(
        (name) => new User({ name, posts: [new Post({ title: name }), new Post({ title: name })] }),
      );
      session.addAll(users);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.values('select count(*) from posts p join users u on u.id = p.author_id where p.title = u.name'),
      ).toEqual([4]);
    });
  });
}
