import {
  declarativeBase,
  inspect,
  integer,
  many,
  one,
  ordered,
  placeAt,
  replaceItems,
  text,
  type Many,
  type Session,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Album extends Model('albums', {
  id: integer().primaryKey(),
  name: text().default(''),
  get tracks() {
    return ordered(Track, { by: 'albumId', position: 'place', cascade: 'orphans' });
  },
  get marks() {
    return ordered(Mark, { by: 'albumId', position: 'rank', from: 1 });
  },
}) {}
/** A place is taken by one track alone; its version tells whether it was written. */
class Track extends Model(
  'tracks',
  {
    id: integer().primaryKey(),
    title: text(),
    place: integer().default(0),
    version: integer().version(),
    albumId: integer().references('albums.id'),
    get album() {
      return one(Album, { by: 'albumId' });
    },
  },
  { unique: [['albumId', 'place']] },
) {}
class Mark extends Model('marks', {
  id: integer().primaryKey(),
  word: text(),
  rank: integer().default(0),
  albumId: integer().nullable().references('albums.id'),
  get album() {
    return one(Album, { by: 'albumId' }).nullable();
  },
}) {}
const Wrong = declarativeBase();
class Shelf extends Wrong('shelves', {
  id: integer().primaryKey(),
  get books() {
    return ordered(Book, { by: 'shelfId', position: 'title' });
  },
  get plain() {
    return many(Book, { by: 'shelfId' });
  },
}) {}
class Book extends Wrong('books', {
  id: integer().primaryKey(),
  title: text(),
  shelfId: integer().references('shelves.id'),
}) {}

/** Collections whose order a column keeps. */
export function orderedCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
  });
  const albumOf = async (...titles: string[]): Promise<Album> => {
    const album = new Album({ tracks: titles.map((title) => new Track({ title })) });
    session.add(album);
    await session.commit();
    return album;
  };
  const stored = (id: number): Promise<unknown[]> =>
    db.values(`select title from tracks where album_id = ${id} order by place`);
  const shown = async (list: Many<Track>): Promise<string[]> => (await list).map(({ title }) => title);

  test('new ones have their places, and come back in order', async () => {
    const album = await albumOf('a', 'b', 'c');
    expect(await db.rows('select title, place from tracks order by place')).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    const [found] = await db.session().query(Album).with({ tracks: true }).all();
    expect(found!.tracks.items.map(({ title }) => title)).toEqual(['a', 'b', 'c']);
    expect(await shown(album.tracks)).toEqual(['a', 'b', 'c']);
  });

  test('one that comes in the middle moves those behind it, in one UPDATE and one trip', async () => {
    const album = await albumOf('a', 'b', 'c', 'd');
    placeAt(album.tracks, 2, new Track({ title: 'x' }));
    const { trips, sql } = await db.record(() => session.commit());
    expect(trips).toBe(1);
    // Places are unique: they are freed first.
    expect(sql.filter((text) => text.includes('update "tracks"')).length).toBe(2);
    expect(await stored(album.id)).toEqual(['a', 'b', 'x', 'c', 'd']);
    expect(await db.values('select version from tracks order by place')).toEqual([1, 1, 1, 2, 2]);
  });

  test('one that moves writes those between alone', async () => {
    const album = await albumOf('a', 'b', 'c', 'd', 'e');
    const [, b] = await album.tracks;
    placeAt(album.tracks, 3, b!);
    expect(await shown(album.tracks)).toEqual(['a', 'c', 'd', 'b', 'e']);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.rows('select title, version from tracks order by place')).toEqual([
      ['a', 1],
      ['c', 2],
      ['d', 2],
      ['b', 2],
      ['e', 1],
    ]);
    expect((await db.record(() => session.commit())).calls).toBe(0);
  });

  test('one that is taken out or deleted leaves no gap', async () => {
    const album = await albumOf('a', 'b', 'c', 'd');
    const [a, b] = await album.tracks;
    album.tracks.remove(b!);
    session.delete(a!);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.rows('select title, place from tracks order by place')).toEqual([
      ['c', 0],
      ['d', 1],
    ]);
    expect(await shown(album.tracks)).toEqual(['c', 'd']);
  });

  test('a list says the whole order', async () => {
    const album = await albumOf('a', 'b', 'c');
    const [a, b, c] = await album.tracks;
    replaceItems(album.tracks, [c!, new Track({ title: 'x' }), a!]);
    await session.commit();
    expect(await stored(album.id)).toEqual(['c', 'x', 'a']);
    expect(inspect(b!).state).toBe('detached');
  });

  test('what goes to another collection, by either side, is last there, and leaves no gap', async () => {
    const [from, to] = [await albumOf('a', 'b', 'c'), await albumOf('x', 'y')];
    const [a, b] = await from.tracks;
    a!.album.set(to);
    to.tracks.add(b!);
    expect(await shown(to.tracks)).toEqual(['x', 'y', 'a', 'b']);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect([await stored(from.id), await stored(to.id)]).toEqual([['c'], ['x', 'y', 'a', 'b']]);
    expect(await db.values(`select place from tracks where album_id = ${from.id}`)).toEqual([0]);
  });

  test('a rollback brings back the order', async () => {
    const album = await albumOf('a', 'b', 'c');
    const [a, , c] = await album.tracks;
    replaceItems(album.tracks, [c!, a!]);
    placeAt(album.tracks, 0, new Track({ title: 'x' }));
    expect(await shown(album.tracks)).toEqual(['x', 'c', 'a']);
    await session.rollback();
    expect(await shown(album.tracks)).toEqual(['a', 'b', 'c']);
    expect((await db.record(() => session.commit())).calls).toBe(0);
    if (!session.isInteractive()) return;
    const work = session.transaction(async (tx) => {
      placeAt(album.tracks, 0, c!);
      await tx.flush();
      throw new Error('no');
    });
    await work.catch(() => undefined);
    expect(await shown(album.tracks)).toEqual(['a', 'b', 'c']);
  });

  test('a failed commit keeps the order, and can be tried again', async () => {
    const album = await albumOf('a', 'b');
    placeAt(album.tracks, 0, new Track({ title: 'x' }));
    const wrong = new Track({ title: 'wrong', albumId: 99 });
    session.add(wrong);
    expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'ForeignKeyViolation' });
    wrong.albumId = album.id;
    wrong.place = 7;
    await session.commit();
    expect(await stored(album.id)).toEqual(['x', 'a', 'b', 'wrong']);
  });

  test('places of others are seen after the next read', async () => {
    const album = await albumOf('a', 'b', 'c');
    await db.run(`update tracks set place = place + 10`, `update tracks set place = 1 where title = 'c'`);
    await session.query(Track).all();
    expect(await shown(album.tracks)).toEqual(['c', 'a', 'b']);
    expect((await db.record(() => session.commit())).calls).toBe(0);
  });

  test('a key that may be NULL, and places from 1', async () => {
    const album = new Album({ marks: ['a', 'b', 'c'].map((word) => new Mark({ word })) });
    session.add(album);
    await session.commit();
    const [a] = await album.marks;
    album.marks.remove(a!);
    await session.commit();
    expect(await db.rows('select word, rank, album_id from marks order by word')).toEqual([
      ['a', 1, null],
      ['b', 1, album.id],
      ['c', 2, album.id],
    ]);
  });

  describe('bad input', () => {
    test('something put into a collection that is not loaded is refused before any I/O', async () => {
      const { id } = await albumOf('a');
      const other = db.session();
      const album = (await other.get(Album, id))!;
      album.tracks.add(new Track({ title: 'x' }));
      const { error, calls } = await db.failure(() => other.commit());
      expect(error).toMatchObject({ code: 'NotLoadedError', model: 'Album', attributes: ['tracks'] });
      expect(calls).toBe(0);
      await album.tracks;
      await other.commit();
      expect(await stored(id)).toEqual(['a', 'x']);
    });

    test('an index beyond the others, a collection without an order, a column that holds no places', async () => {
      const album = await albumOf('a');
      for (const index of [2, -1, 0.5])
        expect(() => placeAt(album.tracks, index, new Track({ title: 'x' }))).toThrow(
          expect.objectContaining({ code: 'InvalidValueError' }) as Error,
        );
      expect(await shown(album.tracks)).toEqual(['a']);
      const shelf = new Shelf({});
      expect(() => placeAt(shelf.plain, 0, new Book({ title: 'x' }))).toThrow('ordered()');
      expect(() => shelf.books.add(new Book({ title: 'x' }))).toThrow(
        expect.objectContaining({ code: 'ConfigurationError', model: 'Shelf', attributes: ['books'] }) as Error,
      );
    });
  });

  describe('like an array', () => {
    const at = fc.nat({ max: 9 });
    const step = fc.oneof(
      fc.record({
        kind: fc.constantFrom('insert', 'move', 'remove', 'delete', 'cross', 'over'),
        list: fc.nat({ max: 1 }),
        at,
        to: at,
      }),
      fc.record({ kind: fc.constant('reverse'), list: fc.nat({ max: 1 }), at, to: at }),
      fc.record({ kind: fc.constantFrom('commit', 'rollback', 'reload'), list: fc.constant(0), at, to: at }),
    );

    test('whatever is done, and only places that changed are written', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
          await db.run('delete from tracks', 'delete from albums');
          session = db.session();
          const made = [await albumOf('a', 'b', 'c'), await albumOf('d', 'e')];
          const ids = made.map(({ id }) => id);
          let albums = made;
          let lists = await Promise.all(albums.map(async ({ tracks }) => [...(await tracks)]));
          let kept = lists.map((list) => [...list]);
          let count = 0;
          const check = async (): Promise<void> => {
            const places = 'select title, place, album_id, version from tracks';
            const before = new Map((await db.rows(places)).map((row) => [row[0], row]));
            const { trips } = await db.record(() => session.commit());
            expect(trips).toBeLessThanOrEqual(1);
            for (const [title, place, album, version] of await db.rows(places)) {
              const old = before.get(title);
              if (old) expect(version === old[3]).toBe(place === old[1] && album === old[2]);
            }
            for (const [index, list] of lists.entries()) {
              const rows = await db.rows(
                `select title, place from tracks where album_id = ${ids[index]!} order by place`,
              );
              expect(rows).toEqual(list.map(({ title }, place) => [title, place]));
            }
            kept = lists.map((list) => [...list]);
          };
          for (const { kind, list: index, at: from, to } of steps) {
            const [list, other] = [lists[index]!, lists[1 - index]!];
            const { tracks } = albums[index]!;
            const item = list[from % Math.max(list.length, 1)];
            if (kind === 'commit') await check();
            else if (kind === 'rollback') {
              await session.rollback();
              lists = kept.map((items) => [...items]);
            } else if (kind === 'reload') {
              await check();
              session = db.session();
              albums = await session.query(Album).orderBy(Album.c.id).with({ tracks: true }).all();
              lists = await Promise.all(albums.map(async ({ tracks: items }) => [...(await items)]));
              kept = lists.map((items) => [...items]);
            } else if (kind === 'insert') {
              const track = new Track({ title: `t${count++}` });
              placeAt(tracks, to % (list.length + 1), track);
              list.splice(to % (list.length + 1), 0, track);
            } else if (kind === 'reverse') {
              list.reverse();
              replaceItems(tracks, list);
            } else if (item) {
              list.splice(list.indexOf(item), 1);
              if (kind === 'remove') tracks.remove(item);
              else if (kind === 'delete') {
                session.delete(item);
                tracks.remove(item);
              } else if (kind === 'over') {
                item.album.set(albums[1 - index]!);
                other.push(item);
              } else {
                const [target, place] = kind === 'move' ? [list, tracks] : [other, albums[1 - index]!.tracks];
                placeAt(place, to % (target.length + 1), item);
                target.splice(to % (target.length + 1), 0, item);
              }
            }
            for (const [which, items] of lists.entries())
              expect(await shown(albums[which]!.tracks)).toEqual(items.map(({ title }) => title));
          }
          await check();
        }),
        { numRuns: 40 },
      );
    });
  });
}
