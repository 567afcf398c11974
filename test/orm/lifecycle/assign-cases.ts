import {
  assign,
  commitResolving,
  count,
  declarativeBase,
  extend,
  inspect,
  integer,
  isModified,
  many,
  one,
  rowFilter,
  select,
  Session,
  text,
  upper,
} from 'cinnabar';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Reader extends Model('readers', {
  id: integer().primaryKey(),
  name: text(),
  visits: integer(),
  secret: text().hidden(),
  rank: integer().nullable().unique(),
  version: integer().version(),
  get notes() {
    return many(Note);
  },
}) {}

class Note extends Model('reader_notes', {
  id: integer().primaryKey(),
  text: text(),
  readerId: integer().nullable().references('readers.id'),
  get reader() {
    return one(Reader).nullable();
  },
}) {}

class Mark extends Model('marks', { id: integer().primaryKey(), label: text() }) {}
const labelled = rowFilter('labelled', { label: text() }).on(Mark, (mark, { label }) => mark.label.eq(label));

class Thing extends Model('things', { id: integer().primaryKey(), kind: text(), size: integer() }) {}
class Ball extends extend(Thing, 'balls', { bounces: integer() }, { kind: 'ball' }) {}

/** SQL expressions assigned to attributes. */
export function assignCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  let ann: Reader;
  let bob: Reader;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into readers (id, name, visits, secret, rank, version) values (1, 'Ann', 5, 's', 1, 1), (2, 'Bob', 7, 't', 2, 1)`,
      `insert into reader_notes (id, text, reader_id) values (1, 'a', 1), (2, 'b', 1)`,
      `insert into marks (id, label) values (1, 'a'), (2, 'b')`,
      `insert into things (id, kind, size) values (1, 'ball', 3)`,
      `insert into balls (id, bounces) values (1, 4)`,
    );
    await db.advanceKeys();
    session = db.session();
    [ann, bob] = (await session.query(Reader).orderBy(Reader.c.id).all()) as [Reader, Reader];
  });
  const rows = (): Promise<unknown> => db.rows('select name, visits, version from readers order by id');

  test('the database computes it of what is there, in the unit, and its value comes back in the same trip', async () => {
    await db.run('update readers set visits = 100 where id = 1');
    assign(ann, { visits: Reader.c.visits.plus(1) });
    expect([ann.visits, isModified(ann), inspect(ann).modified]).toEqual([undefined, true, ['visits']]);
    ann.name = 'Anna';
    const { calls, sql } = await db.record(() => session.commit());

    expect(calls).toBe(1);
    expect(sql.filter((text) => text.includes('"readers"."visits" +'))).toHaveLength(1);
    expect([ann.visits, ann.name, ann.version]).toEqual([101, 'Anna', 2]);
    expect(Object.keys(ann)).toContain('visits');
    expect(await rows()).toEqual([
      ['Anna', 101, 2],
      ['Bob', 7, 1],
    ]);
    expect((await db.record(() => session.commit())).calls).toBe(0);
  });

  test('several entities, beside plain changes and new rows, are one trip', async () => {
    assign(ann, { visits: Reader.c.visits.plus(1), name: upper(Reader.c.name) });
    assign(bob, { visits: Reader.c.visits.times(2), secret: upper(Reader.c.secret) });
    session.add(new Reader({ name: 'Cid', visits: 0, secret: 'u', notes: [new Note({ text: 'c' })] }));
    const { calls } = await db.record(() => session.commit());

    expect(calls).toBe(1);
    expect([ann.visits, ann.name, bob.visits, bob.secret]).toEqual([6, 'ANN', 14, 'T']);
    expect(Object.keys(bob)).not.toContain('secret');
    expect(await rows()).toEqual([
      ['ANN', 6, 2],
      ['Bob', 14, 2],
      ['Cid', 0, 1],
    ]);
  });

  test('a subquery is an expression too, and goes under the filters of the session', async () => {
    labelled.set(session, { label: 'b' });
    assign(ann, {
      visits: select({ n: count() })
        .from(Mark)
        .where(Mark.c.id.lt(Reader.c.id.plus(9)))
        .scalar(),
    });
    await session.commit();

    expect(ann.visits).toBe(1);
  });

  test('a plain assignment afterwards wins, the value that was there too; NULL and values are plain', async () => {
    assign(ann, { visits: Reader.c.visits.plus(1), secret: upper(Reader.c.secret) });
    ann.visits = 5;
    ann.secret = 'plain';
    assign(bob, { name: 'Bea', rank: null });
    await session.commit();

    expect(await db.rows('select name, visits, secret, rank from readers order by id')).toEqual([
      ['Ann', 5, 'plain', 1],
      ['Bea', 7, 't', null],
    ]);
  });

  test('the last expression wins', async () => {
    assign(ann, { visits: Reader.c.visits.plus(1) });
    assign(ann, { visits: Reader.c.visits.plus(10) });
    await session.commit();
    expect(ann.visits).toBe(15);
  });

  test('what is assigned while the commit is under way stays pending', async () => {
    assign(ann, { visits: Reader.c.visits.plus(1) });
    assign(bob, { visits: Reader.c.visits.plus(1) });
    const release = db.hold();
    db.driver.clear();
    const commit = session.commit();
    await vi.waitUntil(() => db.driver.calls.length > 0, { timeout: 30_000 });
    assign(ann, { visits: Reader.c.visits.plus(10) });
    bob.visits = 50;
    release();
    await commit;
    expect([ann.visits, bob.visits]).toEqual([undefined, 50]);

    await session.commit();
    expect(await rows()).toEqual([
      ['Ann', 16, 3],
      ['Bob', 50, 3],
    ]);
  });

  test('rollback() restores the value; a query leaves it pending; refresh() takes the row', async () => {
    assign(ann, { visits: Reader.c.visits.plus(1) });
    assign(bob, { visits: Reader.c.visits.plus(1) });
    await session.rollback();
    expect([ann.visits, bob.visits, isModified(ann)]).toEqual([5, 7, false]);

    assign(ann, { visits: Reader.c.visits.plus(1) });
    assign(bob, { visits: Reader.c.visits.plus(1) });
    await session.refresh(ann);
    expect([ann.visits, isModified(ann), isModified(bob)]).toEqual([5, false, true]);
    await session.query(Reader).all();
    await session.commit();
    expect([ann.visits, bob.visits]).toEqual([5, 8]);
  });

  test('a row that another changed is stale; with commitResolving() it is computed of what is there by then', async () => {
    await db.run('update readers set visits = 50, version = 9 where id = 1');
    assign(ann, { visits: Reader.c.visits.plus(1) });
    await expect(session.commit()).rejects.toMatchObject({ code: 'StaleDataError' });
    expect(isModified(ann)).toBe(true);

    await commitResolving(session, { onConflict: 'theirs' });
    expect([ann.visits, ann.version]).toEqual([51, 10]);
  });

  test('a transaction that is rolled back restores the value, as every other', async () => {
    if (!session.interactive) return;
    const open = session as Session<true>;
    await expect(
      open.transaction(async () => {
        assign(ann, { visits: Reader.c.visits.plus(1) });
        await open.flush();
        expect(ann.visits).toBe(6);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect([ann.visits, isModified(ann)]).toEqual([5, false]);
    expect(await rows()).toEqual([
      ['Ann', 5, 1],
      ['Bob', 7, 1],
    ]);
  });

  test('in a model of several tables each column is computed in its own', async () => {
    const ball = (await session.get(Ball, 1))!;
    assign(ball, { bounces: Ball.c.bounces.plus(1), size: Ball.c.size.times(2) });
    await session.commit();
    expect([ball.bounces, ball.size]).toEqual([5, 6]);
  });

  test('a unique value that another row takes is not moved out of the way of an expression', async () => {
    assign(ann, { rank: Reader.c.rank.plus(10) });
    bob.rank = 1;
    const { error, calls } = await db.failure(() => session.commit());
    expect(error).toMatchObject({ code: 'CapabilityError', outcome: 'not sent', attributes: ['rank'] });
    expect(calls).toBe(0);
  });

  test('refuses what cannot be, before any I/O, and changes nothing', async () => {
    const note = (await session.get(Note, 1))!;
    const fresh = new Reader({ name: 'New', visits: 1, secret: 'x' });
    const refused: [() => void, string, RegExp][] = [
      [() => assign(ann, { id: Reader.c.id.plus(1) }), 'InvalidValueError', /Reader\.id is a key/],
      [() => assign(ann, { version: Reader.c.version.plus(1) }), 'InvalidValueError', /Reader\.version is a key/],
      [() => assign(note, { readerId: Note.c.id.plus(1) }), 'InvalidValueError', /Note\.readerId is a key/],
      [() => assign(fresh, { visits: Reader.c.visits.plus(1) }), 'ConfigurationError', /Reader\.visits: a new Reader/],
      [() => assign(ann, { nope: 1 } as never), 'ConfigurationError', /Reader has no column 'nope'/],
      [() => assign(ann, { name: 'X', visits: Note.c.id }), 'ConfigurationError', /./],
      [() => assign(ann, { name: 'X', visits: null } as never), 'InvalidValueError', /visits.*null/],
      [() => assign({} as Reader, { visits: 1 }), 'ConfigurationError', /expected an entity/],
    ];
    for (const [call, code, message] of refused) {
      const { error, calls } = await db.failure(call);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(calls).toBe(0);
    }
    expect(isModified(ann)).toBe(false);
  });

  describe('a column that was not read', () => {
    test('is refused', async () => {
      const part = (await db.session().query(Reader).loadOnly('name').first())!;
      expect(() => assign(part as Reader, { visits: Reader.c.visits.plus(1) })).toThrow(/visits was not read/);
    });
  });
}
