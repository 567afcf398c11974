import { bytes, declarativeBase, integer, isCinnabarError, json, many, one, text, timestamp } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import { givenUsers, Model, Post, Tag, User } from './models.ts';

/** Rows that meet entities in memory. */
export function memoryCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  describe('a later row', () => {
    test('refreshes the clean attributes and leaves the changed ones', async () => {
      const session = db.session();
      const post = (await session.get(Post, 1))!;
      post.title = 'Mine';
      await db.run(`update posts set title = 'Theirs', views = 77 where id = 1`);
      const [again] = await session.query(Post).where(Post.c.id.eq(1)).all();

      expect(again).toBe(post);
      expect([post.title, post.views]).toEqual(['Mine', 77]);
      const { sql } = await db.record(() => session.commit());
      // A guard of its own, or one within the update.
      expect(sql).toHaveLength(db.by({ sqlite: 2, postgres: 1 }));
      expect(await db.rows('select title, views from posts where id = 1')).toEqual([['Mine', 77]]);
    });

    test('that says what the program says leaves nothing to write', async () => {
      const session = db.session();
      const post = (await session.get(Post, 1))!;
      post.title = 'Same';
      await db.run(`update posts set title = 'Same' where id = 1`);
      await session.query(Post).all();

      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of a key moved by another leads to the new target', async () => {
      const session = db.session();
      const post = await session.load((await session.get(Post, 1))!, { author: true });
      await db.run('update posts set author_id = 2 where id = 1');
      await session.query(Post).all();

      expect((await (post as Post).author).name).toBe('Bob');
    });

    test('brings in what an earlier one left out, and the other way round', async () => {
      const session = db.session();
      const [part] = await session.query(Post).loadOnly('title').where(Post.c.id.eq(1)).all();
      expect(Object.hasOwn(part!, 'views')).toBe(false);
      const post = (await session.get(Post, 1))!;

      expect(post).toBe(part);
      expect(post.views).toBe(30);
      await session.query(Post).loadOnly('title').all();
      expect(post.views).toBe(30);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('with a document that is null leaves nothing to write', async () => {
      const Base = declarativeBase();
      class Doc extends Base('docs', { id: integer().primaryKey(), meta: json<unknown>().nullable(), name: text() }) {}
      db = await freshDatabase(await open(), Base.metadata);
      await db.run(`insert into docs values (1, 'null', 'a'), (2, null, 'b')`);
      const session = db.session();
      const docs = await session.query(Doc).orderBy(Doc.c.id).all();

      expect(docs.map((doc) => doc.meta)).toEqual([null, null]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      docs[0]!.name = 'changed';
      await session.commit();
      expect(await db.values('select meta from docs where id = 1')).toEqual(['null']);
    });

    test('compares documents, instants and bytes by content', async () => {
      const Base = declarativeBase();
      class Doc extends Base('docs', {
        id: integer().primaryKey(),
        meta: json<{ a: number }>(),
        at: timestamp(),
        raw: bytes(),
      }) {}
      db = await freshDatabase(await open(), Base.metadata);
      await db.run(`insert into docs values (1, '{"a": 1}', '2020-01-01T00:00:00.000Z', ${db.bytes('0102')})`);
      const session = db.session();
      const doc = (await session.get(Doc, 1))!;
      await session.query(Doc).all();
      expect((await db.record(() => session.commit())).calls).toBe(0);
      doc.meta.a = 2;
      await db.run(`update docs set raw = ${db.bytes('03')}, meta = '{"a":9}'`);
      await session.query(Doc).all();

      expect([doc.meta, doc.raw]).toEqual([{ a: 2 }, Uint8Array.of(3)]);
    });
  });

  describe('refresh', () => {
    test('takes the row over the program’s changes, and unloads relations', async () => {
      const session = db.session();
      const post = await session.load((await session.get(Post, 1))!, { author: true, tags: true });
      post.title = 'Mine';
      await db.run(`update posts set title = 'Theirs' where id = 1`, 'delete from post_tags where post_id = 1');
      const { trips } = await db.record(() => session.refresh(post));

      expect(trips).toBe(1);
      expect(post.title).toBe('Theirs');
      expect((post as Post).tags.loaded).toBe(false);
      expect(await (post as Post).tags).toEqual([]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of a row that is gone is an error', async () => {
      const session = db.session();
      const post = (await session.get(Post, 2))!;
      await db.run('delete from posts where id = 2');
      const { error } = await db.failure(() => session.refresh(post));

      expect(isCinnabarError(error, 'NoResultFound')).toBe(true);
    });
  });

  describe('what is pending', () => {
    test('is merged into a collection that is loaded afterwards', async () => {
      const session = db.session();
      const [ann, bob] = await session.query(User).orderBy(User.c.id).limit(2).all();
      const moved = (await session.get(Post, 1))!;
      const fresh = new Post({ title: 'Fresh' });
      ann!.posts.add(fresh);
      bob!.posts.add(moved);

      expect((await ann!.posts).map((post) => post.title)).toEqual(['Two', 'Three', 'Fresh']);
      expect((await bob!.posts).map((post) => post.title)).toEqual(['Four', 'One']);
    });

    test('by key as well as by relation', async () => {
      const session = db.session();
      const post = (await session.get(Post, 1))!;
      post.authorId = 2;
      const [ann, bob] = await session.query(User).orderBy(User.c.id).limit(2).with({ posts: true }).all();

      expect(ann!.posts.items.map((own) => own.id)).toEqual([2, 3]);
      expect(bob!.posts.items.map((own) => own.id)).toContain(4);
    });

    test('over a link table', async () => {
      const session = db.session();
      const post = (await session.get(Post, 1))!;
      const [sql, edge, big] = await session.query(Tag).orderBy(Tag.c.id).all();
      post.tags.add(big!);
      post.tags.remove(edge!);

      expect(await post.tags).toEqual([sql, big]);
      expect(await big!.posts).toContain(post);
      expect(await edge!.posts).toEqual([]);
    });

    test('is not what a query asks for outside a transaction', async () => {
      const session = db.session();
      session.add(new User({ name: 'Zoe' }));

      expect(await session.query(User).where(User.c.name.eq('Zoe')).all()).toEqual([]);
      expect(await session.query(User).count()).toBe(5);
    });

    test('stays pending when its entity is loaded again with everything', async () => {
      const session = db.session();
      const ann = (await session.get(User, 1))!;
      ann.posts.add(new Post({ title: 'Fresh' }));
      const [loaded] = await session.query(User).where(User.c.id.eq(1)).with({ posts: true }).all();

      expect(loaded!.posts.items).toHaveLength(4);
      await session.commit();
      expect(await db.values('select count(*) from posts where author_id = 1')).toEqual([4]);
    });
  });

  test('rows with keys of bytes are different entities', async () => {
    const Base = declarativeBase();
    class Blob extends Base('blobs', {
      id: bytes().primaryKey(),
      parentId: bytes().nullable().references('blobs.id'),
      name: text(),
      get parent() {
        return one(Blob, { by: 'parentId' }).nullable();
      },
      get children() {
        return many(Blob, { by: 'parentId' });
      },
    }) {}
    db = await freshDatabase(await open(), Base.metadata);
    const [none, one1, two] = ['', '01', '02'].map((hex) => db.bytes(hex));
    await db.run(
      `insert into blobs values (${one1}, null, 'one'), (${two}, ${one1}, 'two'), (${none}, ${one1}, 'empty')`,
    );
    const session = db.session();
    const blobs = await session.query(Blob).orderBy(Blob.c.name).with({ parent: true, children: true }).all();

    expect(blobs.map((blob) => [blob.name, blob.parent.value?.name ?? null])).toEqual([
      ['empty', 'one'],
      ['one', null],
      ['two', 'one'],
    ]);
    expect(blobs[1]!.children.items.map((blob) => blob.name).toSorted()).toEqual(['empty', 'two']);
    expect(await session.get(Blob, Uint8Array.of(2))).toBe(blobs[2]);
  });
}
