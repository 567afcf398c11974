import { declarativeBase, integer, many, one, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  bossId: integer().nullable().references('users.id'),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get team() {
    return many(User, { by: 'bossId' });
  },
  /** Owned: taken out is deleted. */
  get posts() {
    return many(Post, { by: 'authorId', cascade: 'orphans' });
  },
  /** Not owned: taken out stays. */
  get edits() {
    return many(Post, { by: 'editorId' });
  },
  get profile() {
    return one(Profile, { inverse: 'userId' }).nullable();
  },
}) {}

class Profile extends Model('profiles', {
  id: integer().primaryKey(),
  bio: text(),
  userId: integer().nullable().unique().references('users.id'),
  get user() {
    return one(User, { by: 'userId' }).nullable();
  },
}) {}

class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  authorId: integer().references('users.id'),
  editorId: integer().nullable().references('users.id'),
  get author() {
    return one(User, { by: 'authorId' });
  },
  get editor() {
    return one(User, { by: 'editorId' }).nullable();
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
  get comments() {
    return many(Comment, { cascade: 'orphans' });
  },
}) {}

class Comment extends Model('comments', {
  id: integer().primaryKey(),
  body: text(),
  postId: integer().references('posts.id'),
  get post() {
    return one(Post);
  },
}) {}

class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text().unique(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

/** The author of each post, by title. */
const authors = (db: TestDatabase) =>
  db.rows('select p.title, u.name from posts p join users u on u.id = p.author_id order by p.title');

async function seeded(open: OpenDriver) {
  const db = await freshDatabase(await open(), Model.metadata);
  await db.run(
    `insert into users (id, name) values (1, 'Ann'), (2, 'Bob')`,
    `insert into posts (id, title, author_id, editor_id) values (1, 'one', 1, 2), (2, 'two', 1, null), (3, 'three', 2, null)`,
    `insert into comments (id, body, post_id) values (1, 'c1', 1), (2, 'c2', 1), (3, 'c3', 2)`,
    `insert into tags (id, label) values (1, 'red'), (2, 'blue')`,
    `insert into post_tags (post_id, tag_id) values (1, 1), (1, 2), (2, 1)`,
  );
  await db.advanceKeys();
  const session = db.session();
  const [ann, bob] = await session
    .query(User)
    .orderBy(User.c.id)
    .with({ posts: { tags: true, comments: true } })
    .all();
  return { db, session, ann: ann!, bob: bob! };
}

/** Relations: both sides in step, and what a commit makes of them. */
export function relationCases(open: OpenDriver): void {
  describe('a child', () => {
    test('taken out of the collection that owns it is deleted', async () => {
      const { db, session, ann } = await seeded(open);
      const [, two] = ann.posts.items;
      ann.posts.remove(two!);
      expect(ann.posts.peek()).toHaveLength(1);
      expect(two!.author.peek()).toBeNull();
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([
        ['one', 'Ann'],
        ['three', 'Bob'],
      ]);
      expect(await db.values('select count(*) from comments where post_id = 2')).toEqual([0]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('moved to another parent is kept, whichever way it is said', async () => {
      for (const how of ['add', 'remove, then add', 'add, then remove', 'set', 'key'] as const) {
        const { db, session, ann, bob } = await seeded(open);
        const [first] = ann.posts.items;
        const post = first!;
        if (how === 'remove, then add') ann.posts.remove(post);
        if (how.includes('add')) bob.posts.add(post);
        if (how === 'add, then remove') ann.posts.remove(post);
        if (how === 'set') post.author.set(bob);
        if (how === 'key') post.authorId = bob.id;
        expect(post.authorId).toBe(2);
        expect(post.author.peek()).toBe(bob);
        if (how !== 'key') {
          expect(ann.posts.peek()!.map((item) => item.title)).toEqual(['two']);
          expect(bob.posts.peek()!.map((item) => item.title)).toEqual(['three', 'one']);
        }
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(ann.posts.peek()!.map((item) => item.title)).toEqual(['two']);
        expect(bob.posts.peek()!.map((item) => item.title)).toEqual(['three', 'one']);
        expect(await authors(db)).toEqual([
          ['one', 'Bob'],
          ['three', 'Bob'],
          ['two', 'Ann'],
        ]);
        expect(await db.values('select count(*) from comments')).toEqual([3]);
        expect((await db.record(() => session.commit())).calls).toBe(0);
      }
    });

    test('taken out and put back is untouched', async () => {
      const { db, session, ann } = await seeded(open);
      const [one] = ann.posts.items;
      ann.posts.remove(one!);
      ann.posts.add(one!);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      one!.authorId = 2;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([
        ['one', 'Bob'],
        ['three', 'Bob'],
        ['two', 'Ann'],
      ]);
    });

    test('added to the collection that has it already changes nothing', async () => {
      const { db, session, ann } = await seeded(open);
      const [one] = ann.posts.items;
      ann.posts.add(one!);
      one!.author.set(ann);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      one!.authorId = 2;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect((await authors(db))[0]).toEqual(['one', 'Bob']);
    });

    test('that is new and taken out again is forgotten, with what is new below it', async () => {
      const { db, session, ann } = await seeded(open);
      const post = new Post({
        title: 'new',
        comments: [new Comment({ body: 'new' })],
        tags: [new Tag({ label: 'new' })],
      });
      ann.posts.add(post);
      ann.posts.remove(post);
      const { error } = await session.commit().then(
        () => ({ error: undefined }),
        (caught: unknown) => ({ error: caught }),
      );
      expect(error).toBeUndefined();
      expect(await db.values("select title from posts where title = 'new'")).toEqual([]);
      expect(await db.values("select body from comments where body = 'new'")).toEqual([]);
      ann.posts.add(post);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.rows(`select p.title, c.body from comments c join posts p on p.id = c.post_id where c.body = 'new'`),
      ).toEqual([['new', 'new']]);
    });

    test('taken out of a collection that does not own it stays, without a parent', async () => {
      const { db, session, bob } = await seeded(open);
      const edits = await bob.edits;
      expect(edits.map((post) => post.title)).toEqual(['one']);
      bob.edits.remove(edits[0]!);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select title, editor_id from posts where id = 1')).toEqual([['one', null]]);
      expect(edits[0]!.editorId).toBeNull();
    });

    test('added to a collection that was never loaded', async () => {
      const { db, session, bob } = await seeded(open);
      const fresh = db.session();
      const ann = (await fresh.get(User, 1))!;
      ann.posts.add(new Post({ title: 'four' }));
      expect(ann.posts.loaded).toBe(false);
      expect((await db.record(() => fresh.commit())).trips).toBe(1);
      expect((await ann.posts).map((post) => post.title)).toEqual(['one', 'two', 'four']);
      const unloaded = db.session();
      const [post, owner] = await Promise.all([unloaded.get(Post, 3), unloaded.get(User, 2)]);
      owner!.posts.remove(post!);
      expect((await db.record(() => unloaded.commit())).trips).toBe(1);
      expect(await db.values('select title from posts where author_id = 2')).toEqual([]);
      await session.refresh(bob);
      expect(await bob.posts).toEqual([]);
    });
  });

  describe('a key that is assigned', () => {
    test('unloads the relation, and the new one can be awaited', async () => {
      const { db, session, ann } = await seeded(open);
      const [one] = ann.posts.items;
      await db.run(`insert into users (id, name) values (7, 'Sev')`);
      one!.authorId = 7;
      expect(one!.author.loaded).toBe(false);
      expect((await one!.author).name).toBe('Sev');
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect((await authors(db))[0]).toEqual(['one', 'Sev']);
      expect(ann.posts.peek()!.map((post) => post.title)).toEqual(['two']);
    });

    test('to disagree with the relation is refused before anything is sent', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [one] = ann.posts.items;
      one!.author.set(bob);
      one!.authorId = 1;
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'ConfigurationError', model: 'Post', attributes: ['authorId'] });
      expect(calls).toBe(0);
      one!.authorId = 2;
      await session.commit();
      expect((await authors(db))[0]).toEqual(['one', 'Bob']);
      expect(() => new Post({ title: 'x', authorId: 1, author: bob })).toThrow(/authorId/);
      expect(new Post({ title: 'x', authorId: 2, author: bob }).authorId).toBe(2);
    });
  });

  describe('a one-to-one', () => {
    test('is set from either side, and the one before loses its key', async () => {
      for (const side of ['user', 'profile'] as const) {
        const { db, session, ann } = await seeded(open);
        const first = new Profile({ bio: 'first', user: ann });
        await session.commit();
        expect(await db.rows('select bio, user_id from profiles')).toEqual([['first', 1]]);
        await ann.profile;
        const second = new Profile({ bio: 'second' });
        if (side === 'user') ann.profile.set(second);
        else second.user.set(ann);
        expect(ann.profile.peek()).toBe(second);
        expect(first.user.peek()).toBeNull();
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.rows('select bio, user_id from profiles order by id')).toEqual([
          ['first', null],
          ['second', 1],
        ]);
      }
    });

    test('changes hands between rows', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [first, second] = [new Profile({ bio: 'first', user: ann }), new Profile({ bio: 'second', user: bob })];
      session.addAll([first, second]);
      await session.commit();
      ann.profile.set(second);
      bob.profile.set(first);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select bio, user_id from profiles order by id')).toEqual([
        ['first', 2],
        ['second', 1],
      ]);
      expect([ann.profile.peek(), bob.profile.peek()]).toEqual([second, first]);
    });

    test('is emptied; one that is not loaded says so', async () => {
      const { db, session, ann } = await seeded(open);
      session.add(new Profile({ bio: 'first', user: ann }));
      await session.commit();
      const other = db.session();
      const user = (await other.get(User, 1))!;
      expect(() => user.profile.set(null)).toThrow(/not loaded/);
      await user.profile;
      user.profile.set(null);
      expect((await db.record(() => other.commit())).trips).toBe(1);
      expect(await db.rows('select bio, user_id from profiles')).toEqual([['first', null]]);
    });
  });

  describe('a many-to-many', () => {
    const pairs = (db: TestDatabase) =>
      db.rows(
        'select p.title, t.label from post_tags l join posts p on p.id = l.post_id join tags t on t.id = l.tag_id order by 1, 2',
      );

    test('is paired and parted from both sides, each pair once', async () => {
      const { db, session, ann } = await seeded(open);
      const [one, two] = ann.posts.items;
      const [red, blue] = one!.tags.items;
      await red!.posts;
      one!.tags.remove(red!);
      expect(red!.posts.peek()).toEqual([two]);
      blue!.posts.add(two!);
      expect(two!.tags.peek()).toEqual([red, blue]);
      two!.tags.add(blue!);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await pairs(db)).toEqual([
        ['one', 'blue'],
        ['two', 'blue'],
        ['two', 'red'],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('parted and paired again is untouched; paired and parted too', async () => {
      const { db, session, ann } = await seeded(open);
      const [one, two] = ann.posts.items;
      const [red, blue] = one!.tags.items;
      one!.tags.remove(red!);
      red!.posts.add(one!);
      two!.tags.add(blue!);
      blue!.posts.remove(two!);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      expect(await pairs(db)).toHaveLength(3);
    });

    test('a pair that is there already is no error', async () => {
      const { db } = await seeded(open);
      const session = db.session();
      const [post, tag] = await Promise.all([session.get(Post, 1), session.get(Tag, 1)]);
      post!.tags.add(tag!, new Tag({ label: 'green' }));
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await pairs(db)).toHaveLength(4);
    });

    test('goes with either side that is deleted', async () => {
      const { db, session, ann } = await seeded(open);
      const [one] = ann.posts.items;
      const [red, blue] = one!.tags.items;
      session.delete(red!);
      one!.tags.remove(blue!);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(one!.tags.peek()).toEqual([]);
      expect(await pairs(db)).toEqual([]);
    });
  });

  describe('a deletion', () => {
    test('takes owned children along, in memory or not, with theirs', async () => {
      for (const loaded of [true, false]) {
        const { db } = await seeded(open);
        const session = db.session();
        const query = session.query(User).filterBy({ id: 1 });
        const ann = loaded ? await query.with({ posts: { comments: true, tags: true } }).one() : await query.one();
        session.delete(ann);
        const { trips } = await db.record(() => session.commit());
        expect(trips).toBe(1);
        expect(await authors(db)).toEqual([['three', 'Bob']]);
        expect(await db.values('select count(*) from comments')).toEqual([0]);
        expect(await db.values('select count(*) from post_tags')).toEqual([0]);
        expect(await db.values('select count(*) from tags')).toEqual([2]);
        expect(await session.get(User, 1)).toBeNull();
      }
    });

    test('leaves children that are not owned without their key', async () => {
      for (const loaded of [true, false]) {
        const { db } = await seeded(open);
        const session = db.session();
        const bob = await session.query(User).filterBy({ id: 2 }).one();
        const one = loaded ? await session.get(Post, 1) : undefined;
        session.delete(bob);
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.rows('select title, editor_id from posts order by id')).toEqual([
          ['one', null],
          ['two', null],
        ]);
        if (one) {
          expect(one.editorId).toBeNull();
          expect((await db.record(() => session.commit())).calls).toBe(0);
        }
      }
    });

    test('of a parent whose child moved away keeps the child', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [one] = ann.posts.items;
      bob.posts.add(one!);
      session.delete(ann);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([
        ['one', 'Bob'],
        ['three', 'Bob'],
      ]);
    });

    test('takes along a child that moved in, and forgets a new one', async () => {
      const { db, session, ann, bob } = await seeded(open);
      const [three] = bob.posts.items;
      ann.posts.add(three!, new Post({ title: 'new' }));
      session.delete(ann);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([]);
    });

    test('of parent and children, each by itself', async () => {
      const { db, session, ann } = await seeded(open);
      for (const post of ann.posts.items) {
        for (const comment of post.comments.items) session.delete(comment);
        session.delete(post);
      }
      session.delete(ann);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([['three', 'Bob']]);
    });

    test('of a grandparent and a grandchild, with nothing between them in memory', async () => {
      const { db } = await seeded(open);
      const session = db.session();
      const ann = await session.get(User, 1);
      const comment = await session.get(Comment, 1);
      session.delete(ann!);
      session.delete(comment!);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await authors(db)).toEqual([['three', 'Bob']]);
      const again = (await seeded(open)).db;
      const other = again.session();
      const late = await other.get(Comment, 1);
      other.delete(late!);
      other.delete((await other.get(User, 1))!);
      expect((await again.record(() => other.commit())).trips).toBe(1);
    });

    test('within a tree: children lose their key', async () => {
      const { db, session, ann, bob } = await seeded(open);
      ann.team.add(bob);
      await session.commit();
      const cat = new User({ name: 'Cat', boss: bob });
      session.add(cat);
      await session.commit();
      session.delete(ann);
      session.delete(bob);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, boss_id from users')).toEqual([['Cat', null]]);
      expect(cat.bossId).toBeNull();
    });

    test('is taken back by add(), and by rollback()', async () => {
      const { db, session, ann, bob } = await seeded(open);
      session.delete(ann);
      session.add(ann);
      session.delete(bob);
      await session.rollback();
      expect((await db.record(() => session.commit())).calls).toBe(0);
      ann.name = 'Anna';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select name from users order by id')).toEqual(['Anna', 'Bob']);
    });

    test('of a new entity takes it out', async () => {
      const { db, session } = await seeded(open);
      const user = new User({ name: 'x' });
      session.add(user);
      session.delete(user);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('a key that only its own side has a relation for', () => {
    test('is lost with the row that it refers to, where it may be NULL', async () => {
      for (const loaded of [true, false]) {
        const db = await freshDatabase(await open(), OneWay.metadata);
        const first = db.session();
        const [place, other] = [new Place({ name: 'p' }), new Place({ name: 'q' })];
        const visit = new Visit({ place });
        const next = new Visit({ place: other });
        first.addAll([visit, next]);
        await first.commit();
        const session = loaded ? first : db.session();
        const gone = (await session.get(Place, place.id))!;
        const late = new Visit({ place: gone });
        session.add(late);
        session.delete(gone);
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.rows('select id, place_id from visits order by id')).toEqual([
          [1, null],
          [2, 2],
          [3, null],
        ]);
        expect(late.placeId).toBeNull();
        if (loaded) expect([visit.placeId, visit.place.peek()]).toEqual([null, null]);
        expect((await db.record(() => session.commit())).calls).toBe(0);
      }
    });

    test('goes with it, where the database cascades', async () => {
      const db = await freshDatabase(await open(), OneWay.metadata);
      const session = db.session();
      const place = new Place({ name: 'p' });
      const photo = new Photo({ place });
      session.add(photo);
      await session.commit();
      session.delete(place);
      session.add(new Photo({ place }));
      photo.title = 'changed';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from photos')).toEqual([0]);
      photo.title = 'again';
      expect((await db.record(() => session.commit())).calls).toBe(0);
      expect(() => session.add(photo)).toThrow(/was deleted/);
    });
  });

  describe('what cannot be', () => {
    test('a child that is not owned and needs its parent: refused by the database, with its name', async () => {
      const db = await freshDatabase(await open(), Strict.metadata);
      const session = db.session();
      const owner = new Owner({ name: 'o', things: [new Thing({ name: 't' })] });
      session.add(owner);
      await session.commit();
      session.delete(owner);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'ForeignKeyViolation', outcome: 'not committed' });
      expect(calls).toBe(1);
      await session.rollback();
      owner.things.remove(...owner.things.peek()!);
      const refused = await db.failure(() => session.commit());
      expect(refused.error).toMatchObject({ code: 'InvalidValueError', model: 'Thing', attributes: ['ownerId'] });
      expect(refused.calls).toBe(0);
      await session.rollback();
      expect(owner.things.peek()).toHaveLength(1);
    });
  });
}

const Strict = declarativeBase();
class Owner extends Strict('owners', {
  id: integer().primaryKey(),
  name: text(),
  get things() {
    return many(Thing);
  },
}) {}
class Thing extends Strict('things', {
  id: integer().primaryKey(),
  name: text(),
  ownerId: integer().references('owners.id'),
  get owner() {
    return one(Owner);
  },
}) {}

const OneWay = declarativeBase();
class Place extends OneWay('places', { id: integer().primaryKey(), name: text() }) {}
class Visit extends OneWay('visits', {
  id: integer().primaryKey(),
  placeId: integer().nullable().references('places.id'),
  get place() {
    return one(Place).nullable();
  },
}) {}
class Photo extends OneWay('photos', {
  id: integer().primaryKey(),
  title: text().default(''),
  placeId: integer().references('places.id', { onDelete: 'cascade' }),
  get place() {
    return one(Place);
  },
}) {}
