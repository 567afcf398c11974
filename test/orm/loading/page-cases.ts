import {
  bytes,
  chunks,
  declarativeBase,
  type Expr,
  integer,
  isCinnabarError,
  joinedLoad,
  jsonLoad,
  lower,
  many,
  one,
  paginate,
  type Query,
  select,
  sql,
  text,
  timestamp,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Room extends Model('rooms', {
  id: integer().primaryKey(),
  name: text(),
  get items() {
    return many(Item);
  },
}) {}
class Item extends Model('items', {
  part: integer().primaryKey({ generated: false }),
  code: text().primaryKey(),
  rank: integer().nullable(),
  word: text().nullable(),
  at: timestamp().nullable(),
  raw: bytes(),
  roomId: integer().nullable().references('rooms.id'),
  get room() {
    return one(Room).nullable();
  },
}) {}

/** Pages of a query: by cursor, both ways, and by number. */
export function pageCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });

  async function given(count: number): Promise<void> {
    const session = db.session();
    session.addAll([new Room({ id: 1, name: 'Attic' }), new Room({ id: 2, name: 'cellar' })]);
    for (let n = 0; n < count; n++) {
      session.add(
        new Item({
          part: n % 3,
          code: `c${String(n).padStart(2, '0')}`,
          rank: n % 4 === 0 ? null : n % 3,
          word: n % 5 === 0 ? null : 'x'.repeat(n % 3),
          at: n % 6 === 0 ? null : new Date(1_700_000_000_000 + (n % 4)),
          raw: Uint8Array.of(n % 2, n),
          roomId: n % 7 === 0 ? null : 1 + (n % 2),
        }),
      );
    }
    await session.commit();
    db.driver.clear();
  }

  const names = (items: readonly Item[]): string[] => items.map((item) => `${item.part}.${item.code}`);
  const pages = async (query: Query<Item>, size: number): Promise<{ forth: string[]; back: string[] }> => {
    const forth: string[] = [];
    const back: string[] = [];
    let page = await paginate(query, { size });
    expect(page.previous).toBeNull();
    forth.push(...names(page.items));
    while (page.next) {
      page = await paginate(query, { size, after: page.next });
      forth.push(...names(page.items));
    }
    back.unshift(...names(page.items));
    while (page.previous) {
      page = await paginate(query, { size, before: page.previous });
      expect(page.items.length).toBeGreaterThan(0);
      back.unshift(...names(page.items));
    }
    return { forth, back };
  };

  test('each page is one trip, with its relations and the count of all', async () => {
    await given(10);
    const query = db.session().query(Item).where(Item.c.part.lt(2)).orderBy(Item.c.code).with({ room: true });
    const { result: first, trips, sql: sent } = await db.record(() => paginate(query, { size: 3, count: true }));
    const second = await db.record(() => paginate(query, { size: 3, after: first.next }));

    expect([trips, sent.length, second.trips, second.sql.length]).toEqual([1, 3, 1, 2]);
    expect(first.count).toBe(7);
    expect(names(first.items)).toEqual(['0.c00', '1.c01', '0.c03']);
    expect(first.items.map((item) => item.room.value?.name)).toEqual([undefined, 'cellar', 'cellar']);
    expect([first.previous, second.result.count]).toEqual([null, undefined]);
    expect(names(second.result.items)).toEqual(['1.c04', '0.c06', '1.c07']);
    expect(second.sql[0]).toContain('where "items"."part" < ');
    expect(second.sql[0]).toContain('and ("items"."code", "items"."part") > (');
  });

  test('there and back again, by every order: ties, NULLs and both directions', { timeout: 120_000 }, async () => {
    await given(23);
    const { rank, word, at, raw, part } = Item.c;
    const terms = [
      rank,
      rank.desc(),
      word,
      word.desc(),
      at.asc().nullsFirst(),
      at.desc().nullsFirst(),
      rank.desc().nullsLast(),
      raw,
      part.desc(),
      lower(word),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...terms.keys()), { maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        async (chosen, size) => {
          const query = db
            .session()
            .query(Item)
            .orderBy(...chosen.map((term) => terms[term]!));
          // A limit gives the order its last terms, the key in the direction of the last one.
          const whole = names(await query.limit(100).all());
          const { forth, back } = await pages(query, size);
          expect(forth).toEqual(whole);
          expect(back).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('pages of eager loads by a join or as JSON have as many items', async () => {
    await given(10);
    for (const by of [joinedLoad, jsonLoad]) {
      const query = db
        .session()
        .query(Room)
        .orderBy(Room.c.name.desc())
        .with({ items: by(true) });
      const first = await paginate(query, { size: 1 });
      const second = await paginate(query, { size: 1, after: first.next });
      const found = [...first.items, ...second.items].map((room) => [room.name, room.items.items.length]);
      expect(Object.fromEntries(found)).toEqual({ Attic: 4, cellar: 4 });
      expect(second.next).toBeNull();
    }
  });

  test('all of them in chunks, each in one trip with its relations, in an order over NULL', async () => {
    await given(11);
    const query = db.session().query(Item).orderBy(Item.c.rank.desc()).with({ room: true });
    const whole = names(await query.limit(100).all());
    const sizes: number[] = [];
    const {
      result,
      trips,
      sql: sent,
    } = await db.record(async () => {
      const found: string[] = [];
      for await (const items of chunks(query, { size: 4 })) {
        sizes.push(items.length);
        expect(items.every((item) => item.room.loaded)).toBe(true);
        found.push(...names(items));
      }
      return found;
    });
    expect([trips, sent.length, sizes]).toEqual([3, 6, [4, 4, 3]]);
    expect(result).toEqual(whole);
    for await (const none of chunks(query.where(Item.c.part.gt(9)), { size: 4 })) throw new Error(String(none.length));
  });

  test('rows that come and go between pages shift nothing', async () => {
    await given(9);
    const query = db.session().query(Item).orderBy(Item.c.code);
    const first = await paginate(query, { size: 3 });
    await db.run(
      `insert into items (part, code, raw) values (0, 'a', ${db.bytes('00')})`,
      `delete from items where code = 'c02'`,
    );
    expect(names((await paginate(query, { size: 3, after: first.next })).items)).toEqual(['0.c03', '1.c04', '2.c05']);
  });

  test('by number, with what is before and after', async () => {
    await given(10);
    const query = db.session().query(Item).orderBy(Item.c.code);
    const third = await paginate(query, { size: 4, page: 3, count: true });
    const beyond = await paginate(query, { size: 4, page: 9 });

    expect([names(third.items), third.count, third.next]).toEqual([['2.c08', '0.c09'], 10, null]);
    expect(names((await paginate(query, { size: 4, before: third.previous! })).items)).toEqual([
      '1.c04',
      '2.c05',
      '0.c06',
      '1.c07',
    ]);
    expect([beyond.items, beyond.next, beyond.previous]).toEqual([[], null, null]);
  });

  test('an order by a joined table, and by an expression of it', async () => {
    await given(12);
    const query = db.session().query(Item).join(Item.c.room).orderBy(lower(Room.c.name).desc(), Item.c.code);
    const whole = names(await query.limit(100).all());
    expect((await pages(query, 5)).forth).toEqual(whole);
  });

  test('what is no cursor, or one of another query, is refused before any I/O, and not shown', async () => {
    await given(5);
    const query = db.session().query(Item).orderBy(Item.c.code);
    const { next } = await paginate(query, { size: 2 });
    const other = db.session().query(Item).orderBy(Item.c.code.desc());
    const forged = btoa(JSON.stringify([JSON.parse(atob(next!))[0], { hex: 'zz' }, 'drop table']));
    const failures: [() => Promise<unknown>, string][] = [
      [
        () => paginate(other, { size: 2, after: next }),
        'paginate(): after: the cursor is of another query: of another model, order or filter',
      ],
      [
        () => paginate(db.session().query(Room), { size: 2, before: next! }),
        'paginate(): before: the cursor is of another query: of another model, order or filter',
      ],
      [
        () => paginate(query, { size: 2, after: 'secret!' }),
        'paginate(): after: expected a cursor that paginate() gave',
      ],
      [
        () => paginate(query, { size: 2, after: btoa('{}') }),
        'paginate(): after: expected a cursor that paginate() gave',
      ],
      [() => paginate(query, { size: 2, after: forged }), 'paginate(): after: expected a cursor that paginate() gave'],
      [() => paginate(query, { size: 0 }), 'paginate(): size: expected a whole number, 1 or more; got a number'],
      [
        () => paginate(query, { size: 2, page: 1.5 }),
        'paginate(): page: expected a whole number, 1 or more; got a fraction',
      ],
    ];
    for (const [work, message] of failures) {
      const { error, calls } = await db.failure(work);
      expect(isCinnabarError(error, 'InvalidValueError') && error.message).toBe(message);
      expect(calls).toBe(0);
    }
  });

  test('a query that says itself how many, two places at once, and an order without a type are refused', async () => {
    const query = db.session().query(Item);
    const untyped = sql`random()` as Expr<number>;
    for (const work of [
      () => paginate(query.limit(3), { size: 2 }),
      () => paginate(query, { size: 2, page: 1, after: 'x' } as never),
      () => paginate(query.orderBy(untyped), { size: 2 }),
      () => paginate(select(Item) as never, { size: 2 }),
    ]) {
      const { error, calls } = await db.failure(work);
      expect(isCinnabarError(error, 'ConfigurationError')).toBe(true);
      expect(calls).toBe(0);
    }
  });
}
