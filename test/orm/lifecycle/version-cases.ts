import { declarativeBase, integer, text, timestamp, uuid, type Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Counted extends Model('counted', { id: integer().primaryKey(), note: text(), version: integer().version() }) {}
class Token extends Model('tokens', { id: integer().primaryKey(), note: text(), version: uuid().version() }) {}
class Timed extends Model('timed', { id: integer().primaryKey(), note: text(), version: timestamp().version() }) {}
class Own extends Model('own', {
  id: integer().primaryKey(),
  note: text(),
  version: text().version((previous) => `${previous ?? ''}v`),
}) {}

/** Its version is a trigger's. */
class Guarded extends Model('guarded', {
  id: integer().primaryKey(),
  note: text(),
  version: integer().defaultSql(1).version().fetched(),
}) {}

/** A trigger counts its updates and notes the length of its note. */
class Watched extends Model('watched', {
  id: integer().primaryKey(),
  note: text(),
  length: integer().nullable().fetched(),
  updates: integer().defaultSql(0).fetched(),
}) {}

const kinds = { Counted, Token, Timed, Own };

/** Versions of several makings, and what triggers make of a row. */
export function versionCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
  });

  describe.for(Object.entries(kinds))('a version of the kind %s', ([, Kind]) => {
    test('changes with every update, and with nothing else', async () => {
      const row = new Kind({ note: 'a' });
      session.add(row);
      await session.commit();
      const seen: unknown[] = [row.version];
      for (const note of ['b', 'c', 'd']) {
        row.note = note;
        expect((await db.record(() => session.commit())).trips).toBe(1);
        seen.push(row.version);
      }
      expect((await db.record(() => session.commit())).calls).toBe(0);

      expect(new Set(seen.map((version) => JSON.stringify(version))).size).toBe(4);
      await db.session().get(Kind, 1);
      await session.refresh(row);
      expect(row.version).toEqual(seen[3]);
    });

    test('that another has changed makes an update and a deletion stale', async () => {
      session.add(new Kind({ note: 'a' }));
      await session.commit();
      const [one, two] = [db.session(), db.session()];
      const [mine, theirs] = [(await one.get(Kind, 1))!, (await two.get(Kind, 1))!];
      theirs.note = 'theirs';
      await two.commit();

      mine.note = 'mine';
      const failed = await db.failure(() => one.commit());
      await one.rollback();
      one.delete(mine);
      const refused = await db.failure(() => one.commit());

      expect(failed.error).toMatchObject({ code: 'StaleDataError', entities: [mine] });
      expect(refused.error).toMatchObject({ code: 'StaleDataError', entities: [mine] });
      expect(failed.calls).toBe(1);
      await one.rollback();
      await one.refresh(mine);
      mine.note = 'mine';
      await one.commit();
      expect(mine.version).not.toEqual(theirs.version);
    });

    test('guards each of several rows of one commit', async () => {
      session.addAll([new Kind({ note: 'a' }), new Kind({ note: 'b' }), new Kind({ note: 'c' })]);
      await session.commit();
      const rows = await session.query(Kind).orderBy(Kind.c.id.asc()).all();
      const other = db.session();
      (await other.get(Kind, 2))!.note = 'theirs';
      await other.commit();
      for (const row of rows) row.note = 'mine';

      const { error } = await db.failure(() => session.commit());

      expect(error).toMatchObject({ code: 'StaleDataError', entities: [rows[1]] });
      expect(await db.values(`select note from ${Kind.tableName} order by id`)).toEqual(['a', 'theirs', 'c']);
    });
  });

  test('a time is later than the one before, however fast changes follow each other', async () => {
    const row = new Timed({ note: 'a' });
    session.add(row);
    await session.commit();
    const later = new Date(Date.now() + 60_000);
    row.version = later;
    await session.commit();
    row.note = 'b';
    await session.commit();
    expect(row.version.getTime()).toBe(later.getTime() + 1);
  });

  test('a token made by the program', async () => {
    const row = new Own({ note: 'a' });
    session.add(row);
    await session.commit();
    row.note = 'b';
    await session.commit();
    expect(row.version).toBe('vv');
  });

  describe('a version of the database', () => {
    beforeEach(() =>
      db.afterUpdate('guarded', 'note', 'bump', 'update guarded set version = version + 1 where id = new.id'),
    );

    test('is read back in the same trip, and guards', async () => {
      const row = new Guarded({ note: 'a' });
      session.add(row);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(row.version).toBe(1);
      row.note = 'b';
      const { trips, sql } = await db.record(() => session.commit());
      expect([trips, row.version]).toEqual([1, 2]);
      expect(sql.join().includes('set "version"')).toBe(false);
      expect((await db.record(() => session.commit())).calls).toBe(0);

      const other = db.session();
      (await other.get(Guarded, 1))!.note = 'theirs';
      await other.commit();
      row.note = 'mine';
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'StaleDataError', entities: [row] });
    });
  });

  describe('a fetched column', () => {
    beforeEach(async () => {
      await db.afterInsert('watched', 'measure', 'update watched set length = length(new.note) where id = new.id');
      await db.afterUpdate(
        'watched',
        'note',
        'recount',
        'update watched set length = length(new.note), updates = updates + 1 where id = new.id',
      );
    });

    test('shows what triggers made of new and of changed rows, in the same trip', async () => {
      db.allowMoreTrips('node:sqlite takes three rows in two statements, between which a trigger might make a key');
      const rows = ['a', 'bb', 'ccc'].map((note) => new Watched({ note }));
      session.addAll(rows);
      await session.commit();
      expect(rows.map(({ length, updates }) => [length, updates])).toEqual([
        [1, 0],
        [2, 0],
        [3, 0],
      ]);

      rows[0]!.note = 'dddd';
      rows[2]!.note = 'eeeee';
      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(rows.map(({ length, updates }) => [length, updates])).toEqual([
        [4, 1],
        [2, 0],
        [5, 1],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of one row alone, and one that is set while the commit runs', async () => {
      const row = new Watched({ note: 'a' });
      session.add(row);
      await session.commit();
      row.note = 'bb';
      const release = db.hold();
      const done = session.commit();
      row.length = 77;
      release();
      await done;

      expect([row.length, row.updates]).toEqual([77, 1]);
      await session.commit();
      expect(await db.values('select length from watched')).toEqual([77]);
    });
  });

  test('a version of a type that does not say how the next is made is refused', () => {
    const Other = declarativeBase();
    class Bad extends Other('bad', { id: integer().primaryKey(), version: text().version() }) {}
    expect(() => new Bad({})).toThrow(/Bad\.version: a version\(\) is an integer\(\), a uuid\(\) or a timestamp\(\)/);
  });
}
