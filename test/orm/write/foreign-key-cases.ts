import {
  declarativeBase,
  inspect,
  integer,
  isCinnabarError,
  many,
  merge,
  one,
  refreshAll,
  Session,
  text,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

// Foreign keys that share a column which is never NULL (rows of a tenant refer to rows of the same tenant, or to nothing), and
// those that refer to unique columns beside the primary key.

const Model = declarativeBase();

class Person extends Model('persons', {
  tenant: text().primaryKey(),
  id: integer().primaryKey({ generated: false }),
  name: text(),
  get tickets() {
    return many(Ticket, { by: ['tenant', 'ownerId'] });
  },
  get reviews() {
    return many(Ticket, { by: ['tenant', 'reviewerId'] });
  },
}) {}

class Ticket extends Model(
  'tickets',
  {
    tenant: text().primaryKey(),
    id: integer().primaryKey({ generated: false }),
    title: text(),
    ownerId: integer().nullable(),
    reviewerId: integer().nullable(),
    withinId: integer().nullable(),
    get owner() {
      return one(Person, { by: ['tenant', 'ownerId'] }).nullable();
    },
    get reviewer() {
      return one(Person, { by: ['tenant', 'reviewerId'] }).nullable();
    },
    get within() {
      return one(Ticket, { by: ['tenant', 'withinId'] }).nullable();
    },
    get parts() {
      return many(Ticket, { by: ['tenant', 'withinId'], cascade: 'orphans' });
    },
    get labels() {
      return many(Label, { through: 'ticket_labels' });
    },
  },
  {
    foreignKeys: [
      { columns: ['tenant', 'ownerId'], references: 'persons' },
      { columns: ['tenant', 'reviewerId'], references: 'persons' },
      { columns: ['tenant', 'withinId'], references: 'tickets' },
    ],
  },
) {}

class Label extends Model('labels', {
  tenant: text().primaryKey(),
  id: integer().primaryKey({ generated: false }),
  get tickets() {
    return many(Ticket, { through: 'ticket_labels' });
  },
}) {}

/** Its keys name the columns in another order than those that they refer to. */
class TicketLabel extends Model(
  'ticket_labels',
  {
    tenant: text().primaryKey(),
    ticketId: integer().primaryKey({ generated: false }),
    labelId: integer().primaryKey({ generated: false }),
    weight: integer().default(7),
    get label() {
      return one(Label, { by: ['labelId', 'tenant'] });
    },
  },
  {
    foreignKeys: [
      { columns: ['ticketId', 'tenant'], references: 'tickets.id,tenant', onDelete: 'cascade' },
      { columns: ['labelId', 'tenant'], references: 'labels.id,tenant' },
    ],
  },
) {}

class City extends Model('cities', {
  id: integer().primaryKey(),
  code: text().unique(),
  get streets() {
    return many(Street, { cascade: 'delete' });
  },
  get visits() {
    return many(Visit);
  },
}) {}
class Street extends Model('streets', {
  id: integer().primaryKey(),
  name: text(),
  cityCode: text().references('cities.code'),
  get city() {
    return one(City);
  },
}) {}
class Visit extends Model('visits', {
  id: integer().primaryKey(),
  cityCode: text().nullable().references('cities.code'),
  get city() {
    return one(City).nullable();
  },
}) {}

/** A tree by a unique text, and two tables that refer to each other by such. */
class Topic extends Model('topics', {
  id: integer().primaryKey(),
  code: text().unique(),
  within: text().nullable().references('topics.code'),
  get topics() {
    return many(Topic, { by: 'within' });
  },
}) {}
class Team extends Model('teams', {
  id: integer().primaryKey(),
  code: text().unique(),
  captain: text().nullable().references('players.code'),
  get lead() {
    return one(Player, { by: 'captain' }).nullable();
  },
}) {}
class Player extends Model('players', {
  id: integer().primaryKey(),
  code: text().unique(),
  teamCode: text().references('teams.code'),
  get team() {
    return one(Team, { by: 'teamCode' });
  },
}) {}

/** Linked by their unique texts. */
class Page extends Model('pages', {
  id: integer().primaryKey(),
  slug: text().unique(),
  get words() {
    return many(Word, { through: 'page_words' });
  },
  get remarks() {
    return many(Remark);
  },
}) {}
class Word extends Model('words', { id: integer().primaryKey(), word: text().unique() }) {}
class PageWord extends Model('page_words', {
  slug: text().primaryKey().references('pages.slug', { onDelete: 'cascade' }),
  word: text().primaryKey().references('words.word'),
}) {}
class Remark extends Model('remarks', {
  id: integer().primaryKey(),
  body: text(),
  slug: text().references('pages.slug', { onDelete: 'cascade' }),
}) {}
Model.register(PageWord);

const ROWS = 'select id, owner_id, reviewer_id, within_id from tickets order by tenant, id';

export function foreignKeyCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
  });

  async function seeded() {
    const [ann, bob] = [
      new Person({ tenant: 't', id: 1, name: 'Ann' }),
      new Person({ tenant: 't', id: 2, name: 'Bob' }),
    ];
    const first = new Ticket({ tenant: 't', id: 1, title: 'one', owner: ann, reviewer: bob });
    const second = new Ticket({ tenant: 't', id: 2, title: 'two', owner: ann, within: first });
    session.addAll([first, second]);
    await session.commit();
    return { ann, bob, first, second };
  }

  test('relations without a target leave the column that keys share', async () => {
    const ann = new Person({ tenant: 't', id: 1, name: 'Ann' });
    const fresh = new Ticket({ tenant: 't', id: 1, title: 'one', within: null, owner: ann, reviewer: null });
    session.add(fresh);
    await session.commit();
    expect([fresh.tenant, fresh.ownerId, fresh.reviewerId, fresh.withinId]).toEqual(['t', 1, null, null]);
    expect(await db.rows(ROWS)).toEqual([[1, 1, null, null]]);
  });

  test('a relation set to nothing clears its own column alone', async () => {
    const { ann, first, second } = await seeded();
    first.owner.set(null);
    ann.tickets.remove(second);
    expect([first.tenant, first.ownerId, second.ownerId]).toEqual(['t', null, null]);
    await session.commit();
    expect(await db.rows(ROWS)).toEqual([
      [1, null, 2, null],
      [2, null, null, 1],
    ]);
    expect([inspect(first).modified, first.owner.peek(), ann.tickets.peek()]).toEqual([[], null, []]);
  });

  test('children keep their tenant when their parent is deleted, in memory or not', async () => {
    const { ann, first, second } = await seeded();
    const other = db.session();
    other.delete((await other.get(Person, { tenant: 't', id: 2 }))!);
    await other.commit();
    session.delete(ann);
    await session.commit();
    expect(await db.rows(ROWS)).toEqual([
      [1, null, null, null],
      [2, null, null, 1],
    ]);
    expect([first.tenant, first.ownerId, first.owner.peek(), second.ownerId]).toEqual(['t', null, null, null]);
    expect([inspect(first).modified, inspect(second).modified]).toEqual([[], []]);
    await refreshAll(session, [first]);
    expect([first.reviewerId, first.reviewer.peek()]).toEqual([null, null]);
  });

  test('a part that is taken out of its whole goes, since nothing owns it', async () => {
    const { first, second } = await seeded();
    await first.parts;
    first.parts.remove(second);
    await session.commit();
    expect(await db.rows(ROWS)).toEqual([[1, 1, 2, null]]);
  });

  test('a part that changes its whole stays', async () => {
    const { ann, first, second } = await seeded();
    const third = new Ticket({ tenant: 't', id: 3, title: 'three', parts: [second], owner: ann });
    session.add(third);
    await session.commit();
    expect(first.parts.peek() ?? []).not.toContain(second);
    expect(await db.rows(ROWS)).toEqual([
      [1, 1, 2, null],
      [2, 1, null, 3],
      [3, 1, null, null],
    ]);
  });

  test('new rows in a circle are finished by a second statement', async () => {
    const one1 = new Ticket({ tenant: 't', id: 1, title: 'one' });
    const two = new Ticket({ tenant: 't', id: 2, title: 'two', within: one1 });
    one1.within.set(two);
    session.addAll([one1, two]);
    await session.commit();
    expect(await db.rows(ROWS)).toEqual([
      [1, null, null, 2],
      [2, null, null, 1],
    ]);
  });

  test('stored rows come to refer to each other, and to themselves', async () => {
    const { first, second } = await seeded();
    first.within.set(second);
    second.within.set(first);
    await session.commit();
    expect(await db.values('select within_id from tickets order by id')).toEqual([2, 1]);
    first.within.set(first);
    second.within.set(null);
    second.owner.set(null);
    await session.commit();
    expect(await db.rows(ROWS)).toEqual([[1, 1, 2, 1]]);
  });

  test('a tree of a thousand levels takes its column from the top', async () => {
    const root = new Ticket({ tenant: 't', id: 1, title: 'root' });
    let last = root;
    for (let id = 2; id <= 1000; id++) last = new Ticket({ tenant: 't', id, title: 'part', within: last });
    root.tenant = 'u';
    session.add(last);
    await session.commit();
    expect(last.tenant).toBe('u');
    expect(await db.values("select count(*) from tickets where tenant = 'u'")).toEqual([1000]);
  });

  test('a new row goes over to the tenant of what it refers to, whatever it does not refer to', async () => {
    const { first } = await seeded();
    const eve = new Person({ tenant: 'u', id: 1, name: 'Eve' });
    const moved = new Ticket({ tenant: 't', id: 9, title: 'nine', reviewer: null });
    moved.owner.set(eve);
    expect(moved.tenant).toBe('u');
    session.add(moved);
    await session.commit();
    expect(await db.rows('select tenant, owner_id, reviewer_id from tickets where id = 9')).toEqual([['u', 1, null]]);
    expect(first.tenant).toBe('t');
  });

  test('pairs over a link table whose keys share a column, and name it last', async () => {
    const { first, second } = await seeded();
    const [x, y] = [new Label({ tenant: 't', id: 5, tickets: [first, second] }), new Label({ tenant: 't', id: 6 })];
    second.labels.add(y);
    session.addAll([x, y]);
    await session.commit();
    const pairs = 'select tenant, ticket_id, label_id, weight from ticket_labels order by ticket_id, label_id';
    expect(await db.rows(pairs)).toEqual([
      ['t', 1, 5, 7],
      ['t', 2, 5, 7],
      ['t', 2, 6, 7],
    ]);
    const reader = db.session();
    const loaded = await reader
      .query(Ticket)
      .with({ labels: { tickets: true } })
      .all();
    expect(
      loaded.map(({ id, labels }) => [id, labels.items.map((label) => [label.id, label.tickets.items.length])]),
    ).toEqual([
      [1, [[5, 2]]],
      [
        2,
        [
          [5, 2],
          [6, 1],
        ],
      ],
    ]);
    expect(
      await reader
        .query(Ticket)
        .where(Ticket.c.labels.some(Label.c.id.eq(6)))
        .count(),
    ).toBe(1);
    expect((await reader.query(TicketLabel).with({ label: true }).all()).map(({ label }) => label.value.id)).toEqual([
      5, 5, 6,
    ]);
    loaded[1]!.labels.remove(loaded[0]!.labels.items[0]!);
    reader.delete((await reader.get(Label, { tenant: 't', id: 6 }))!);
    await reader.commit();
    expect(await db.rows(pairs)).toEqual([['t', 1, 5, 7]]);
  });

  test('two relations that name rows of different tenants are refused', async () => {
    const { bob } = await seeded();
    const eve = new Person({ tenant: 'u', id: 1, name: 'Eve' });
    const torn = new Ticket({ tenant: 't', id: 9, title: 'nine', owner: bob });
    torn.reviewer.set(eve);
    session.add(torn);
    db.driver.clear();
    const failure: unknown = await session.commit().catch((error: unknown) => error);
    expect(isCinnabarError(failure, 'ConfigurationError') && failure.attributes).toEqual(['tenant', 'ownerId']);
    expect(db.driver.calls).toHaveLength(0);
  });

  test('rows that refer to nothing are found, and loaded as such', async () => {
    await seeded();
    const reader = db.session();
    const roots = await reader
      .query(Ticket)
      .filterBy({ within: null })
      .with({ owner: true, within: true, parts: true })
      .all();
    expect(roots.map(({ id, within, parts }) => [id, within.value, parts.items.length])).toEqual([[1, null, 1]]);
    expect(await reader.query(Ticket).filterBy({ reviewer: null }).count()).toBe(1);
    const [root] = roots;
    expect(await root!.within).toBeNull();
  });

  test('a rollback brings back what was cleared', async () => {
    const { ann, first } = await seeded();
    first.owner.set(null);
    await session.rollback();
    expect([first.tenant, first.ownerId, first.owner.peek()]).toEqual(['t', 1, ann]);
  });

  describe('a key that refers to a unique column', () => {
    async function rome() {
      const city = new City({ code: 'R', streets: [new Street({ name: 'Corso' })], visits: [new Visit({})] });
      session.add(city);
      await session.commit();
      const other = db.session();
      const street = await other.query(Street).one();
      const visit = await other.query(Visit).one();
      return { other, street, visit, city: (await other.get(City, city.id))! };
    }

    test('finds its target, new or in memory, without asking for the primary key', async () => {
      const { other, street, visit, city } = await rome();
      expect([(await street.city) === city, (await visit.city) === city]).toEqual([true, true]);
      expect((await city.streets)[0]).toBe(street);
      const oslo = new City({ code: 'O' });
      street.city.set(oslo);
      expect([street.cityCode, city.streets.peek()]).toEqual(['O', []]);
      await other.commit();
      expect(await db.values('select city_code from streets')).toEqual(['O']);
    });

    test('is known in memory when the target is deleted', async () => {
      const { other, street, visit, city } = await rome();
      other.delete(city);
      await other.commit();
      expect([inspect(street).state, inspect(visit).state, visit.cityCode]).toEqual(['detached', 'persistent', null]);
      expect(inspect(visit).modified).toEqual([]);
      expect(await db.values('select (select count(*) from streets) + (select count(*) from cities)')).toEqual([0]);
    });

    test('moves between loaded collections, and back', async () => {
      const { other, street, city } = await rome();
      const oslo = new City({ code: 'O' });
      other.add(oslo);
      await other.commit();
      await Promise.all([city.streets, oslo.streets]);
      const shown = () => [city.streets.peek(), oslo.streets.peek()];
      street.city.set(oslo);
      expect(shown()).toEqual([[], [street]]);
      await other.rollback();
      expect(shown()).toEqual([[street], []]);
      oslo.streets.add(street);
      await other.commit();
      expect([shown(), street.cityCode]).toEqual([[[], [street]], 'O']);
      expect([inspect(oslo).modified, inspect(city).modified, inspect(street).modified]).toEqual([[], [], []]);
      street.cityCode = 'R';
      await other.commit();
      expect(shown()).toEqual([[street], []]);
      const { trips } = await db.record(() => other.commit());
      expect(trips).toBe(0);
      oslo.code = 'Q';
      city.streets.remove(street);
      oslo.streets.add(street);
      await other.commit();
      expect([shown(), await db.values('select city_code from streets')]).toEqual([[[], [street]], ['Q']]);
    });

    test('is given by itself, in rows that come before those that it refers to', async () => {
      session.addAll([
        new Topic({ code: 'a', within: 'c' }),
        new Topic({ code: 'b', within: 'c' }),
        new Topic({ code: 'c', within: 'd' }),
        new Topic({ code: 'd', within: 'a' }),
        new Player({ code: 'p', teamCode: 't' }),
        new Team({ code: 't', captain: 'p' }),
      ]);
      await session.commit();
      expect(await db.rows('select code, within from topics order by code')).toEqual([
        ['a', 'c'],
        ['b', 'c'],
        ['c', 'd'],
        ['d', 'a'],
      ]);
      expect(await db.values('select captain from teams')).toEqual(['p']);
    });

    test('leads to pairs, which are parted while what they refer to changes', async () => {
      const [x, y, z] = ['x', 'y', 'z'].map((word) => new Word({ word })) as [Word, Word, Word];
      const [a, b] = [new Page({ slug: 'a', words: [x, y] }), new Page({ slug: 'b', words: [x] })];
      session.addAll([a, b, z]);
      await session.commit();
      const pairs = 'select slug, word from page_words order by slug, word';
      [a.slug, b.slug] = ['b', 'a'];
      y.word = 'yy';
      a.words.remove(x);
      a.words.add(z);
      b.words.add(y);
      await session.commit();
      expect(await db.rows(pairs)).toEqual([
        ['a', 'x'],
        ['a', 'yy'],
        ['b', 'yy'],
        ['b', 'z'],
      ]);
      const reader = db.session();
      const loaded = await reader.query(Page).orderBy(Page.c.id).with({ words: true }).all();
      expect(loaded.map(({ slug, words }) => [slug, words.items.map(({ word }) => word)])).toEqual([
        ['b', ['yy', 'z']],
        ['a', ['x', 'yy']],
      ]);
      reader.delete(loaded[0]!);
      await reader.commit();
      expect(await db.rows(pairs)).toEqual([
        ['a', 'x'],
        ['a', 'yy'],
      ]);
    });

    test('is merged with what it leads to, in one trip', async () => {
      const page = new Page({ slug: 'a', words: [new Word({ word: 'x' })], remarks: [new Remark({ body: 'old' })] });
      session.add(page);
      await session.commit();
      const other = db.session();
      const { trips } = await db.record(() =>
        merge(other, Page, {
          id: page.id,
          slug: 'b',
          words: [{ word: 'y' }],
          remarks: [{ id: 1, body: 'new' }, { body: 'more' }],
        }),
      );
      expect(trips).toBe(1);
      await other.commit();
      expect(await db.rows('select slug, body from remarks order by id')).toEqual([
        ['b', 'new'],
        ['b', 'more'],
      ]);
      expect(await db.rows('select slug, word from page_words')).toEqual([['b', 'y']]);
    });

    test('goes along when what it refers to changes', async () => {
      const { other, street, visit, city } = await rome();
      city.code = 'Q';
      await other.commit();
      expect([street.cityCode, visit.cityCode]).toEqual(['Q', 'Q']);
      expect([inspect(street).modified, inspect(visit).modified]).toEqual([[], []]);
      expect(await db.values('select city_code from streets')).toEqual(['Q']);
      street.name = 'Via';
      await other.commit();
      expect([(await street.city) === city, await db.values('select name from streets')]).toEqual([true, ['Via']]);
    });
  });
}
