import { bytes, declarativeBase, enumeration, index, inspect, integer, many, one, sql, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

class Slot extends Model(
  'slots',
  {
    id: integer().primaryKey(),
    name: text().unique(),
    nick: text().unique().nullable(),
    rank: integer().unique(),
    digest: bytes().unique().nullable(),
    list: text(),
    position: integer(),
    tag: text().nullable(),
  },
  { unique: [['list', 'position']] },
).constrain((c) => ({ indexes: [index(c.tag).unique()] })) {}

class Country extends Model('countries', {
  code: text().primaryKey(),
  name: text(),
  get cities() {
    return many(City, { cascade: 'orphans' });
  },
  get visits() {
    return many(Visit);
  },
}) {}
class City extends Model('cities', {
  id: integer().primaryKey(),
  name: text(),
  countryCode: text().references('countries.code'),
  get country() {
    return one(Country);
  },
}) {}
class Visit extends Model('visits', {
  id: integer().primaryKey(),
  countryCode: text().nullable().references('countries.code'),
  get country() {
    return one(Country).nullable();
  },
}) {}

class Seat extends Model('seats', {
  row: integer().primaryKey({ generated: false }),
  place: integer().primaryKey({ generated: false }),
  guest: text(),
}) {}

class Medal extends Model('medals', { id: integer().primaryKey(), metal: enumeration('gold', 'silver').unique() }) {}

/** Of a country there is one, and never none. */
class Anthem extends Model('anthems', {
  id: integer().primaryKey(),
  title: text(),
  countryCode: text().unique().references('countries.code'),
  get country() {
    return one(Country);
  },
}) {}

class Person extends Model('people', {
  id: integer().primaryKey(),
  first: text(),
  last: text(),
  alias: text().nullable(),
  name: text()
    .generatedAs(({ first, last }) => sql`lower(${first} || ' ' || ${last})`, { stored: true })
    .unique(),
  handle: text()
    .generatedAs(({ alias }) => sql`'@' || coalesce(${alias}, '')`, { stored: true })
    .unique(),
}) {}
class Vote extends Model('votes', {
  id: integer().primaryKey(),
  side: enumeration('yes', 'no'),
  label: text()
    .generatedAs(({ side }) => sql`upper(${side})`, { stored: true })
    .unique(),
}) {}

let serial = 0;
function slot(values: Partial<ConstructorParameters<typeof Slot>[0]> = {}): Slot {
  serial++;
  return new Slot({ name: `n${serial}`, rank: serial, list: 'l', position: serial, ...values });
}

/** Values of unique columns that move between rows within one unit. */
/** Places that are unique within a key that changes, by the unit or by the database. */
class Chart extends Model('charts', {
  name: text().primaryKey(),
  get songs() {
    return many(Song);
  },
  get dances() {
    return many(Dance);
  },
}) {}
class Song extends Model(
  'songs',
  { id: integer().primaryKey(), chartName: text().references('charts.name'), place: integer() },
  { unique: [['chartName', 'place']] },
) {}
class Dance extends Model(
  'dances',
  {
    id: integer().primaryKey(),
    chartName: text().references('charts.name', { onUpdate: 'cascade' }),
    place: integer(),
  },
  { unique: [['chartName', 'place']] },
) {}

export function uniqueCases(open: OpenDriver): void {
  async function slots(...rows: Slot[]) {
    const db = await freshDatabase(await open(), Model.metadata);
    const session = db.session();
    session.addAll(rows);
    await session.commit();
    return { db, session };
  }

  describe('unique values', () => {
    test.for(['name', 'nick', 'rank', 'position', 'tag'] as const)('of %s swap', async (column) => {
      const [a, b] = [slot({ nick: 'a', tag: 'a' }), slot({ nick: 'b', tag: 'b' })];
      const { db, session } = await slots(a, b);
      [a[column], b[column]] = [b[column], a[column]] as [never, never];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      const stored = await db.session().query(Slot).orderBy(Slot.c.id).all();
      expect(stored.map((item) => item.toJSON())).toEqual([a, b].map((item) => item.toJSON()));
    });

    test('that the database generates swap with what they are made of, where the rule reads one column or several', async () => {
      const [a, b] = [new Person({ first: 'Ann', last: 'Lee' }), new Person({ first: 'Bob', last: 'Ray', alias: 'B' })];
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      session.addAll([a, b]);
      await session.commit();
      [a.first, b.first, a.last, b.last] = [b.first, a.first, b.last, a.last];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect([a.name, b.name]).toEqual(['bob ray', 'ann lee']);
      [a.alias, b.alias] = [b.alias, a.alias];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, handle from people order by id')).toEqual([
        ['bob ray', '@B'],
        ['ann lee', '@'],
      ]);
      const heir = new Person({ first: 'Ann', last: 'Lee', alias: 'C' });
      session.delete(b);
      session.add(heir);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(heir.name).toBe('ann lee');
    });

    test('that are generated of what can hold no other value are refused before any I/O', async () => {
      const [a, b] = [new Vote({ side: 'yes' }), new Vote({ side: 'no' })];
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      session.addAll([a, b]);
      await session.commit();
      [a.side, b.side] = [b.side, a.side];
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'CapabilityError', outcome: 'not sent', attributes: ['label'] });
      expect(calls).toBe(0);
    });

    test('of bytes swap', async () => {
      const [a, b] = [slot({ digest: new Uint8Array([1, 2]) }), slot({ digest: new Uint8Array([3]) })];
      const { db, session } = await slots(a, b);
      for (const own of [session, db.session()]) {
        const [x, y] = await own.query(Slot).orderBy(Slot.c.id).all();
        [x!.digest, y!.digest] = [y!.digest, x!.digest];
        expect((await db.record(() => own.commit())).trips).toBe(1);
      }
      expect(await db.values(`select ${db.hex('digest')} from slots order by id`)).toEqual(['0102', '03']);
    });

    test('shift along a list, rotate, and make room', async () => {
      const rows = Array.from({ length: 10 }, (_, at) => slot({ position: at, list: 'shift' }));
      const { db, session } = await slots(...rows);
      for (const row of rows) row.position += 1;
      const first = slot({ position: 0, list: 'shift', name: 'first' });
      session.add(first);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      rows.forEach((row, at) => (row.position = (at + 4) % 10));
      first.position = 10;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows(`select position from slots order by id`)).toEqual([
        ...rows.map((row) => [row.position]),
        [10],
      ]);
      session.delete(rows[3]!);
      for (const row of rows) if (row.position > rows[3]!.position) row.position -= 1;
      first.position = 9;
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select position from slots order by position')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('of two columns move where each row changes another of them', async () => {
      const [a, b, c] = [
        slot({ list: 'x', position: 1 }),
        slot({ list: 'y', position: 1 }),
        slot({ list: 'y', position: 2 }),
      ];
      const { db, session } = await slots(a, b, c);
      a.list = 'y';
      b.position = 2;
      Object.assign(c, { list: 'x', position: 1 });
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select list, position from slots order by id')).toEqual([
        ['y', 1],
        ['y', 2],
        ['x', 1],
      ]);
    });

    test('of a deleted row are taken by a new and by a changed one', async () => {
      const [a, b, c] = [slot({ name: 'a' }), slot({ name: 'b', nick: 'nick' }), slot()];
      const { db, session } = await slots(a, b, c);
      session.delete(a);
      session.delete(b);
      session.add(slot({ name: 'a' }));
      c.name = 'b';
      c.nick = 'nick';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, nick from slots order by name')).toEqual([
        ['a', null],
        ['b', 'nick'],
      ]);
    });

    test('that look like NULL are values', async () => {
      const [a, b] = [slot({ nick: null }), slot({ nick: 'null' })];
      const { db, session } = await slots(a, b);
      [a.nick, b.nick] = [b.nick, a.nick];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select nick from slots order by id')).toEqual(['null', null]);
    });

    test('that another row has outside of memory are refused, with their attribute', async () => {
      const [a] = [slot()];
      const { db, session } = await slots(a);
      await db.run(`insert into slots (name, rank, list, position) values ('taken', 1000, 'x', 1)`);
      a.name = 'taken';
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({
        code: 'UniqueViolation',
        outcome: 'not committed',
        model: 'Slot',
        table: 'slots',
        attributes: ['name'],
      });
      expect(JSON.stringify(error)).not.toContain('taken');
      a.name = 'free';
      expect((await db.record(() => session.commit())).trips).toBe(1);
    });

    test('that cannot be parked are taken from a row that is deleted', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const country = new Country({ code: 'FR', name: 'France' });
      const [old, gold] = [new Anthem({ title: 'old', country }), new Medal({ metal: 'gold' })];
      const silver = new Medal({ metal: 'silver' });
      session.addAll([old, gold, silver]);
      await session.commit();
      session.delete(old);
      session.delete(gold);
      session.add(new Anthem({ title: 'new', country }));
      silver.metal = 'gold';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select title, country_code from anthems')).toEqual([['new', 'FR']]);
      expect(await db.values('select metal from medals')).toEqual(['gold']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('that cannot be parked are refused before anything is sent', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const [gold, silver] = [new Medal({ metal: 'gold' }), new Medal({ metal: 'silver' })];
      session.addAll([gold, silver]);
      await session.commit();
      [gold.metal, silver.metal] = ['silver', 'gold'];
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({
        code: 'CapabilityError',
        outcome: 'not sent',
        table: 'medals',
        attributes: ['metal'],
      });
      expect(calls).toBe(0);
    });
  });

  describe('primary keys', () => {
    test('swap, and rotate with those of several columns', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const [fr, de] = [new Country({ code: 'FR', name: 'France' }), new Country({ code: 'DE', name: 'Germany' })];
      const seats = [1, 2, 3].map((place) => new Seat({ row: 1, place, guest: `g${place}` }));
      session.addAll([fr, de, ...seats]);
      await session.commit();
      [fr.code, de.code] = ['DE', 'FR'];
      seats.forEach((seat, at) => (seat.place = ((at + 1) % 3) + 1));
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select code, name from countries order by code')).toEqual([
        ['DE', 'France'],
        ['FR', 'Germany'],
      ]);
      expect(await db.rows('select row, place, guest from seats order by place')).toEqual([
        [1, 1, 'g3'],
        [1, 2, 'g1'],
        [1, 3, 'g2'],
      ]);
      expect(await session.get(Country, 'DE')).toBe(fr);
      expect(await session.get(Country, 'FR')).toBe(de);
      expect(await session.get(Seat, { row: 1, place: 1 })).toBe(seats[2]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      session.delete(fr);
      await session.commit();
      expect(await db.values('select name from countries')).toEqual(['Germany']);
    });

    test('of deleted rows are taken by new ones; what belonged to the old goes or is left', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const old = new Country({
        code: 'FR',
        name: 'old',
        cities: [new City({ name: 'old city' })],
        visits: [new Visit({})],
      });
      const visit = old.visits.peek()![0]!;
      session.add(old);
      await session.commit();
      const next = new Country({ code: 'FR', name: 'new', cities: [new City({ name: 'new city' })] });
      session.delete(old);
      session.add(next);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select code, name from countries')).toEqual([['FR', 'new']]);
      expect(await db.rows('select name, country_code from cities')).toEqual([['new city', 'FR']]);
      expect(await db.rows('select id, country_code from visits')).toEqual([[1, null]]);
      expect(visit.countryCode).toBeNull();
      expect(await session.get(Country, 'FR')).toBe(next);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('of a deleted row are taken by a changed one', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const [fr, de] = [new Country({ code: 'FR', name: 'France' }), new Country({ code: 'DE', name: 'Germany' })];
      session.addAll([fr, de]);
      await session.commit();
      session.delete(fr);
      de.code = 'FR';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select code, name from countries')).toEqual([['FR', 'Germany']]);
      expect(await session.get(Country, 'FR')).toBe(de);
      expect(await session.get(Country, 'DE')).toBeNull();
    });

    test('of a deleted row are taken by a new one while a child leaves', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const city = new City({ name: 'city' });
      const fr = new Country({ code: 'FR', name: 'old', cities: [city, new City({ name: 'gone' })] });
      const de = new Country({ code: 'DE', name: 'Germany' });
      session.addAll([fr, de]);
      await session.commit();
      session.delete(fr);
      session.add(new Country({ code: 'FR', name: 'new' }));
      de.cities.add(city);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, country_code from cities')).toEqual([['city', 'DE']]);
    });

    test('of a deleted row are taken by a changed one, with a child that leaves: refused before anything is sent', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const city = new City({ name: 'city' });
      const [fr, de, it] = [
        new Country({ code: 'FR', name: 'old', cities: [city] }),
        new Country({ code: 'DE', name: 'Germany' }),
        new Country({ code: 'IT', name: 'Italy' }),
      ];
      session.addAll([fr, de, it]);
      await session.commit();
      session.delete(fr);
      de.code = 'FR';
      it.cities.add(city);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'CapabilityError', outcome: 'not sent', model: 'City' });
      expect(calls).toBe(0);
      expect(await db.values('select name from cities')).toEqual(['city']);
    });
  });

  describe.each([
    { kind: 'songs', Kind: Song },
    { kind: 'dances', Kind: Dance },
  ] as const)('within a key that changes in the same commit: $kind', ({ kind, Kind }) => {
    const stored = `select chart_name, place from ${kind} order by id`;

    test('places shift, one is deleted, and a new one comes', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const items = [0, 1, 2].map((place) => new Kind({ chartName: 'old', place }));
      session.addAll([new Chart({ name: 'old' }), ...items]);
      await session.commit();
      const [a, b, c] = items as [Song, Song, Song];
      const chart = (await session.get(Chart, 'old'))!;
      chart.name = 'new';
      session.delete(b);
      [c.place, a.place] = [0, 1];
      const fresh = new Kind({ chartName: 'new', place: 2 });
      session.add(fresh);
      await session.commit();
      expect(await db.rows(stored)).toEqual([
        ['new', 1],
        ['new', 0],
        ['new', 2],
      ]);
      expect([a.chartName, c.chartName, inspect(a).modified, inspect(c).modified]).toEqual(['new', 'new', [], []]);
    });

    test('two swap their keys, while their places shift', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const charts = ['x', 'y'].map((name) => new Chart({ name }));
      const items = ['x', 'y'].flatMap((chartName) => [0, 1].map((place) => new Kind({ chartName, place })));
      session.addAll([...charts, ...items]);
      await session.commit();
      [charts[0]!.name, charts[1]!.name] = ['y', 'x'];
      [items[0]!.place, items[1]!.place] = [1, 0];
      await session.commit();
      expect(await db.rows(stored)).toEqual([
        ['y', 1],
        ['y', 0],
        ['x', 0],
        ['x', 1],
      ]);
    });
  });
}
