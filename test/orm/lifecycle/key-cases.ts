import { declarativeBase, extend, inspect, integer, many, one, sql, text, type Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

/** Its code is its key: orders refer to it without help of the database, visits with it. */
class Client extends Model('clients', {
  code: text().primaryKey(),
  name: text(),
  get orders() {
    return many(Order);
  },
  get visits() {
    return many(Visit);
  },
  get groups() {
    return many(Group, { through: 'client_groups' });
  },
}) {}
class Order extends Model(
  'orders',
  {
    clientCode: text().primaryKey(),
    number: integer().primaryKey({ generated: false }),
    note: text().nullable(),
    get client() {
      return one(Client);
    },
    get lines() {
      return many(Line);
    },
  },
  { foreignKeys: [{ columns: ['clientCode'], references: 'clients.code' }] },
) {}
class Line extends Model(
  'lines',
  {
    id: integer().primaryKey(),
    clientCode: text(),
    number: integer(),
    amount: integer(),
    get order() {
      return one(Order);
    },
  },
  { foreignKeys: [{ columns: ['clientCode', 'number'], references: 'orders.clientCode,number' }] },
) {}
class Visit extends Model('visits', {
  id: integer().primaryKey(),
  clientCode: text().references('clients.code', { onUpdate: 'cascade', onDelete: 'cascade' }),
  get client() {
    return one(Client);
  },
}) {}
class Group extends Model('groups', {
  id: integer().primaryKey(),
  label: text(),
  get clients() {
    return many(Client, { through: 'client_groups' });
  },
}) {}

/** A tree by names. */
class Place extends Model('places', {
  name: text().primaryKey(),
  within: text().nullable().references('places.name'),
  get places() {
    return many(Place, { by: 'within' });
  },
}) {}

/** Tables of subclasses share the key. */
class Vehicle extends Model('vehicles', { plate: text().primaryKey(), color: text(), version: integer().version() }) {}
class Truck extends extend(Vehicle, 'trucks', { load: integer() }) {}
class Rig extends extend(Truck, 'rigs', { axles: integer() }) {}

/** A row that another takes the place of. */
class Page extends Model('pages', {
  path: text().primaryKey(),
  title: text(),
  hits: integer().nullable(),
  version: integer().version(),
  get notes() {
    return many(Note, { cascade: 'delete' });
  },
  get links() {
    return many(Link);
  },
  get marks() {
    return many(Mark, { by: 'pagePath' });
  },
}) {}
class Note extends Model('notes', {
  id: integer().primaryKey(),
  body: text(),
  pagePath: text().references('pages.path', { onDelete: 'cascade' }),
}) {}
class Link extends Model('links', {
  id: integer().primaryKey(),
  pagePath: text().nullable().references('pages.path', { onDelete: 'set null' }),
}) {}
/** Refers to a page that must not go. */
class Mark extends Model('marks', { id: integer().primaryKey(), pagePath: text().references('pages.path') }) {}
class Name extends Model('names', { id: integer().primaryKey(), name: text().unique() }) {}
class Stamped extends Model('stamped', { id: text().primaryKey(), at: integer().defaultSql(sql`7`) }) {}
class Stamp extends Model('stamps', {
  id: integer().primaryKey(),
  of: text().references('stamped.id', { onDelete: 'cascade' }),
  get stamped() {
    return one(Stamped);
  },
}) {}
class Box extends Model('boxes', {
  name: text().primaryKey(),
  inside: text().nullable().references('boxes.name', { onDelete: 'cascade' }),
  get boxes() {
    return many(Box, { by: 'inside' });
  },
}) {}
Model.register(Line, Note, Link, Mark, Stamp, Box);

/** Keys that change with what refers to them, and rows that go on under another entity. */
export function rowKeyCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
  });

  describe('a natural key that changes', () => {
    beforeEach(() =>
      db.run(
        `insert into clients (code, name) values ('a', 'Ann'), ('b', 'Bob'), ('c', 'Cid')`,
        `insert into orders (client_code, number, note) values ('a', 1, null), ('a', 2, null), ('b', 1, null)`,
        `insert into lines (id, client_code, number, amount) values (1, 'a', 1, 5), (2, 'a', 2, 6), (3, 'b', 1, 7)`,
        `insert into visits (id, client_code) values (1, 'a'), (2, 'b')`,
        `insert into groups (id, label) values (1, 'x'), (2, 'y')`,
        `insert into client_groups (client_code, group_id) values ('a', 1), ('b', 1)`,
      ),
    );
    const references = async (): Promise<unknown[]> =>
      Promise.all([
        db.rows('select client_code, number from orders order by 1, 2'),
        db.rows('select id, client_code, number from lines order by id'),
        db.rows('select client_code from visits order by id'),
        db.rows('select client_code, group_id from client_groups order by 1, 2'),
      ]);
    const renamed = [
      [
        ['b', 1],
        ['z', 1],
        ['z', 2],
      ],
      [
        [1, 'z', 1],
        [2, 'z', 2],
        [3, 'b', 1],
      ],
      [['z'], ['b']],
      [
        ['b', 1],
        ['z', 1],
      ],
    ];

    test('takes along what refers to it, at any distance, in memory or not, in one trip', async () => {
      const ann = (await session.get(Client, 'a'))!;
      ann.code = 'z';

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(await references()).toEqual(renamed);
      expect(await session.get(Client, 'z')).toBe(ann);
    });

    test('and in memory too', async () => {
      const ann = await session
        .query(Client)
        .filterBy({ code: 'a' })
        .with({ orders: { lines: true }, visits: true })
        .one();
      const [first] = ann.orders.items;
      const [visit] = ann.visits.items;
      ann.code = 'z';
      first!.note = 'changed';

      expect((await db.record(() => session.commit())).trips).toBe(1);

      expect(await references()).toEqual(renamed);
      expect([first!.clientCode, visit!.clientCode, first!.lines.items[0]!.clientCode]).toEqual(['z', 'z', 'z']);
      expect(await session.get(Order, { clientCode: 'z', number: 1 })).toBe(first);
      expect(first!.client.peek()).toBe(ann);
      expect(await db.values(`select note from orders where client_code = 'z' and number = 1`)).toEqual(['changed']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      first!.note = 'again';
      await session.commit();
      expect(await db.values(`select note from orders where number = 1 order by client_code`)).toEqual([null, 'again']);
    });

    test('of several rows at once', async () => {
      const [ann, bob] = [(await session.get(Client, 'a'))!, (await session.get(Client, 'b'))!];
      [ann.code, bob.code] = ['y', 'z'];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select client_code from lines order by id')).toEqual(['y', 'y', 'z']);
    });

    test('of several rows that have a version', async () => {
      await db.run(
        `insert into pages (path, title, version) values ('/a', 'A', 1), ('/b', 'B', 1)`,
        `insert into notes (id, body, page_path) values (1, 'x', '/a'), (2, 'y', '/b')`,
      );
      const [first, second] = await session.query(Page).orderBy(Page.c.path).all();
      [first!.path, second!.path] = ['/y', '/z'];
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select page_path from notes order by id')).toEqual(['/y', '/z']);
      expect(await db.values('select version from pages order by path')).toEqual([2, 2]);
    });

    test('while a child moves away and another comes', async () => {
      const [ann, bob] = [(await session.get(Client, 'a'))!, (await session.get(Client, 'b'))!];
      const [one, two] = [(await session.get(Visit, 1))!, (await session.get(Visit, 2))!];
      ann.code = 'z';
      one.client.set(bob);
      two.client.set(ann);
      await session.commit();
      expect(await db.values('select client_code from visits order by id')).toEqual(['b', 'z']);
      expect([one.clientCode, two.clientCode]).toEqual(['b', 'z']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('while a pair is parted and a child deleted', async () => {
      const ann = await session.query(Client).filterBy({ code: 'a' }).with({ groups: true, orders: true }).one();
      ann.code = 'z';
      ann.groups.remove(ann.groups.items[0]!);
      await db.run('delete from lines where number = 2');
      session.delete(ann.orders.items[1]!);
      await session.commit();
      expect(await db.rows('select client_code, group_id from client_groups')).toEqual([['b', 1]]);
      expect(await db.rows('select client_code, number from orders order by 1')).toEqual([
        ['b', 1],
        ['z', 1],
      ]);
    });

    test('while new children and pairs refer to it', async () => {
      const ann = (await session.get(Client, 'a'))!;
      const group = (await session.get(Group, 2))!;
      ann.code = 'z';
      session.add(new Order({ clientCode: ann.code, number: 9 }));
      ann.groups.add(group);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows(`select client_code from orders where number = 9`)).toEqual([['z']]);
      expect(await db.rows(`select client_code from client_groups where group_id = 2`)).toEqual([['z']]);
    });

    test('of a tree', async () => {
      await db.run(`insert into places (name, within) values ('eu', null), ('fr', 'eu'), ('de', 'eu'), ('lyon', 'fr')`);
      const fr = await session.query(Place).filterBy({ name: 'fr' }).with({ places: true }).one();
      fr.name = 'france';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(fr.places.items[0]!.within).toBe('france');
      const eu = (await session.get(Place, 'eu'))!;
      eu.name = 'europe';
      await session.commit();
      expect(fr.within).toBe('europe');
      expect(await db.rows('select name, within from places order by name')).toEqual([
        ['de', 'europe'],
        ['europe', null],
        ['france', 'europe'],
        ['lyon', 'france'],
      ]);
    });

    test('of a subclass, while its own columns change, and two swap theirs', async () => {
      const rigs = ['a', 'b', 'c'].map((plate, at) => new Rig({ plate, color: plate, load: at, axles: at }));
      session.addAll(rigs);
      await session.commit();
      const [a, b, c] = rigs as [Rig, Rig, Rig];
      Object.assign(a, { plate: 'b', load: 10 });
      Object.assign(b, { plate: 'a', axles: 11 });
      Object.assign(c, { plate: 'd', axles: 12, color: 'red' });
      await session.commit();
      expect(
        await db.rows(
          'select v.plate, color, version, load, axles from vehicles v join trucks t on t.plate = v.plate join rigs r on r.plate = v.plate order by v.plate',
        ),
      ).toEqual([
        ['a', 'b', 2, 1, 11],
        ['b', 'a', 2, 10, 0],
        ['d', 'red', 2, 2, 12],
      ]);
      a.load = 20;
      await session.commit();
      expect(await db.values('select load from trucks order by plate')).toEqual([1, 20, 2]);
    });

    test('is taken back in memory by a transaction that fails', async () => {
      if (!session.isInteractive()) return;
      const ann = await session.query(Client).filterBy({ code: 'a' }).with({ visits: true }).one();
      const [visit] = ann.visits.items;
      await session
        .transaction(async (tx) => {
          ann.code = 'z';
          await tx.flush();
          throw new Error('no');
        })
        .catch(() => undefined);
      expect([ann.code, visit!.clientCode]).toEqual(['a', 'a']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('a new entity with the key of a deleted one', () => {
    beforeEach(() =>
      db.run(
        `insert into pages (path, title, hits, version) values ('/', 'old', 5, 3), ('/b', 'b', 1, 1)`,
        `insert into notes (id, body, page_path) values (1, 'old', '/'), (2, 'b', '/b')`,
        `insert into links (id, page_path) values (1, '/'), (2, '/b')`,
      ),
    );

    test('takes over its row: one UPDATE, and what refers to it stays valid', async () => {
      await db.run(`insert into marks (id, page_path) values (1, '/')`);
      const old = (await session.get(Page, '/'))!;
      const next = new Page({ path: '/', title: 'new', notes: [new Note({ body: 'new' })] });
      session.delete(old);
      session.add(next);

      const { trips, sql: sent } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sent.filter((text) => text.includes('update "pages"')).length).toBe(1);
      expect(sent.join('\n')).not.toMatch(/delete from "pages"|insert into "pages"/);
      expect(await db.rows('select path, title, hits, version from pages order by path')).toEqual([
        ['/', 'new', null, 4],
        ['/b', 'b', 1, 1],
      ]);
      expect(await db.rows('select body, page_path from notes order by body')).toEqual([
        ['b', '/b'],
        ['new', '/'],
      ]);
      expect(await db.values('select page_path from links order by id')).toEqual([null, '/b']);
      expect(await db.values('select page_path from marks')).toEqual(['/']);
      expect([next.version, await session.get(Page, '/')]).toEqual([4, next]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      next.title = 'newer';
      await session.commit();
      expect(await db.values(`select title from pages where path = '/'`)).toEqual(['newer']);
    });

    test('of which another has changed the row is stale', async () => {
      const old = (await session.get(Page, '/'))!;
      await db.run(`update pages set version = 4 where path = '/'`);
      session.delete(old);
      session.add(new Page({ path: '/', title: 'new' }));

      const { error } = await db.failure(() => session.commit());

      expect(error).toMatchObject({ code: 'StaleDataError', model: 'Page' });
      expect(await db.values(`select title from pages where path = '/'`)).toEqual(['old']);
      await session.rollback();
      expect(await session.get(Page, '/')).toBe(old);
    });

    test('fails with the rest of its commit, and can be tried again', async () => {
      const old = (await session.get(Page, '/'))!;
      const next = new Page({ path: '/', title: 'new' });
      const wrong = new Page({ path: '/b', title: 'taken' });
      session.delete(old);
      session.addAll([next, wrong]);
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'UniqueViolation' });
      wrong.path = '/c';
      await session.commit();
      expect(await db.values('select title from pages order by path')).toEqual(['new', 'b', 'taken']);
    });

    test('keeps its unique values from others', async () => {
      await db.run(`insert into names (id, name) values (1, 'a')`);
      session.delete((await session.get(Name, 1))!);
      const [next, other] = [new Name({ id: 1, name: 'a' }), new Name({ id: 2, name: 'a' })];
      session.addAll([next, other]);
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'UniqueViolation' });
      next.name = 'b';
      await session.commit();
      expect(await db.rows('select id, name from names order by id')).toEqual([
        [1, 'b'],
        [2, 'a'],
      ]);
    });

    test('takes children of the old one over, and leaves the others to go with it', async () => {
      await db.run(`insert into notes (id, body, page_path) values (3, 'gone', '/'), (4, 'unseen', '/')`);
      await db.run(`insert into links (id, page_path) values (3, '/')`);
      const old = await session.query(Page).filterBy({ path: '/' }).with({ notes: true, links: true }).one();
      await db.run(`insert into notes (id, body, page_path) values (5, 'later', '/')`);
      await db.advanceKeys();
      const [kept, gone] = old.notes.items;
      const [link, loose] = old.links.items;
      const next = new Page({ path: '/', title: 'new', notes: [kept!, new Note({ body: 'new' })], links: [link!] });
      session.delete(old);
      session.add(next);

      const { trips, sql: sent } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sent.join('\n')).not.toMatch(/update "notes"|insert into "pages"|delete from "pages"/);
      expect(await db.rows('select body, page_path from notes order by body')).toEqual([
        ['b', '/b'],
        ['new', '/'],
        ['old', '/'],
      ]);
      expect(await db.values('select page_path from links order by id')).toEqual(['/', '/b', null]);
      expect([loose!.pagePath, kept!.pagePath, inspect(gone!).state]).toEqual([null, '/', 'detached']);
      expect((await next.notes).includes(kept!)).toBe(true);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      kept!.body = 'kept';
      await session.commit();
      expect(await db.values('select body from notes where id = 1')).toEqual(['kept']);
      const seen = await db.session().query(Page).filterBy({ path: '/' }).with({ notes: true }).one();
      expect(seen.notes.items.map(({ body }) => body).toSorted()).toEqual(['kept', 'new']);
    });

    test('while children of the old one change, go elsewhere, or are deleted each by itself', async () => {
      await db.run(`insert into notes (id, body, page_path) values (3, 'three', '/'), (4, 'four', '/')`);
      const old = await session.query(Page).filterBy({ path: '/' }).with({ notes: true }).one();
      const [first, second, third] = old.notes.items;
      const other = (await session.get(Page, '/b'))!;
      const [next, brandNew] = [new Page({ path: '/', title: 'new' }), new Page({ path: '/n', title: 'n' })];
      next.notes.add(first!);
      first!.body = 'changed';
      other.notes.add(second!);
      brandNew.notes.add(third!);
      session.delete(old);
      session.addAll([next, brandNew]);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      const rows = 'select id, body, page_path from notes order by id';
      expect(await db.rows(rows)).toEqual([
        [1, 'changed', '/'],
        [2, 'b', '/b'],
        [3, 'three', '/b'],
        [4, 'four', '/n'],
      ]);
      const last = new Page({ path: '/', title: 'last' });
      session.delete(next);
      session.delete(first!);
      session.add(last);
      await session.commit();
      expect((await db.rows(rows)).map(([id]) => id)).toEqual([2, 3, 4]);
      expect(await db.values(`select version from pages where path = '/'`)).toEqual([5]);
    });

    test('fails with the children that it takes over, and can be tried again', async () => {
      const old = await session.query(Page).filterBy({ path: '/' }).with({ notes: true }).one();
      const next = new Page({ path: '/', title: 'new', notes: old.notes.items });
      const wrong = new Page({ path: '/b', title: 'taken' });
      session.delete(old);
      session.addAll([next, wrong]);
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'UniqueViolation' });
      expect(await db.rows('select body, page_path from notes order by id')).toEqual([
        ['old', '/'],
        ['b', '/b'],
      ]);
      wrong.path = '/c';
      await session.commit();
      expect(await db.rows('select body, page_path from notes order by id')).toEqual([
        ['old', '/'],
        ['b', '/b'],
      ]);
      await session.rollback();
      expect((await next.notes).length).toBe(1);
    });

    test('in a tree, with what is below', async () => {
      await db.run(`insert into places (name, within) values ('eu', null), ('fr', 'eu'), ('de', 'eu'), ('lyon', 'fr')`);
      const eu = await session.query(Place).filterBy({ name: 'eu' }).with({ places: true }).one();
      const fr = (await session.get(Place, 'fr'))!;
      const next = new Place({ name: 'eu', places: [fr] });
      session.delete(eu);
      session.add(next);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, within from places order by name')).toEqual([
        ['de', null],
        ['eu', null],
        ['fr', 'eu'],
        ['lyon', 'fr'],
      ]);
    });

    test('in a tree whose rows go with their parents, each level over the one before', async () => {
      await db.run(`insert into boxes (name, inside) values ('a', null), ('b', 'a'), ('c', 'b')`);
      for (const name of ['a', 'b', 'c']) session.delete((await session.get(Box, name))!);
      const inner = new Box({ name: 'b', boxes: [new Box({ name: 'c' })] });
      session.add(new Box({ name: 'a', boxes: [inner] }));
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.rows('select name, inside from boxes order by name')).toEqual([
        ['a', null],
        ['b', 'a'],
        ['c', 'b'],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('that needs a row of its own takes no child of the old one over, and says so', async () => {
      await db.run(`insert into stamped (id, at) values ('a', 1)`, `insert into stamps (id, of) values (1, 'a')`);
      const old = (await session.get(Stamped, 'a'))!;
      const next = new Stamped({ id: 'a' });
      (await session.get(Stamp, 1))!.stamped.set(next);
      session.delete(old);
      session.add(next);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'CapabilityError', model: 'Stamp', attributes: ['of'] });
      expect(calls).toBe(0);
      next.at = 3;
      await session.commit();
      expect(await db.rows('select id, of from stamps')).toEqual([[1, 'a']]);
      expect(await db.rows('select id, at from stamped')).toEqual([['a', 3]]);
    });

    test('loses no grandchild that goes elsewhere, and says so', async () => {
      await db.run(`insert into boxes (name, inside) values ('a', null), ('b', 'a'), ('c', 'b'), ('d', null)`);
      const old = (await session.get(Box, 'a'))!;
      await session.get(Box, 'b');
      const [below, other] = [(await session.get(Box, 'c'))!, (await session.get(Box, 'd'))!];
      other.boxes.add(below);
      session.delete(old);
      session.add(new Box({ name: 'a' }));
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'CapabilityError', model: 'Box', attributes: ['inside'] });
      expect(calls).toBe(0);
    });

    test('several at once, in any order', async () => {
      const pages = await session.query(Page).all();
      const next = pages.map((page) => new Page({ path: page.path, title: `new ${page.path}` }));
      session.addAll(next.toReversed());
      for (const page of pages) session.delete(page);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select title from pages order by path')).toEqual(['new /', 'new /b']);
    });

    test('leaves a default to the database, by a new row', async () => {
      await db.run(`insert into stamped (id, at) values ('a', 1)`);
      session.delete((await session.get(Stamped, 'a'))!);
      const next = new Stamped({ id: 'a' });
      session.add(next);
      await session.commit();
      expect(next.at).toBe(7);
      expect(await db.rows('select id, at from stamped')).toEqual([['a', 7]]);
    });

    test('is taken back by a transaction that fails', async () => {
      if (!session.isInteractive()) return;
      const old = (await session.get(Page, '/'))!;
      const next = new Page({ path: '/', title: 'new' });
      await session
        .transaction(async (tx) => {
          tx.delete(old);
          tx.add(next);
          await tx.flush();
          throw new Error('no');
        })
        .catch(() => undefined);
      expect(await session.get(Page, '/')).toBe(old);
      expect([old.title, await db.values(`select title from pages where path = '/'`)]).toEqual(['old', ['old']]);
      old.title = 'again';
      await session.commit();
      expect(await db.rows(`select title, version from pages where path = '/'`)).toEqual([['again', 4]]);
    });
  });
}
