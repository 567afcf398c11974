import {
  countOf,
  createAll,
  createEngine,
  declarativeBase,
  inspect,
  integer,
  isCinnabarError,
  joinedLoad,
  jsonLoad,
  many,
  one,
  replaceItems,
  select,
  Session,
  text,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import {
  Author,
  Book,
  Device,
  Devices,
  Event,
  File,
  Folder,
  Folders,
  Group,
  Label,
  Model,
  Note,
  Version,
} from './kind-models.ts';

const Shared = declarativeBase();

/** Over one key a collection, and the same in another order; over another a single row. */
class Crew extends Shared('crews', {
  id: integer().primaryKey(),
  get members() {
    return many(Member, { by: 'crewId' });
  },
  get byName() {
    return many(Member, { by: 'crewId', orderBy: 'name' });
  },
  get lead() {
    return one(Member, { inverse: 'ledId' }).nullable();
  },
}) {}
class Member extends Shared('members', {
  id: integer().primaryKey(),
  name: text(),
  crewId: integer().nullable().references('crews.id'),
  ledId: integer().nullable().references('crews.id'),
}) {}

/** Relations that are ordered, views, too large to load, or left to the database. */
export function kindCases(open: OpenDriver): void {
  let db: TestDatabase;

  describe('orders and views', () => {
    beforeEach(async () => {
      db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `insert into authors (id, name, favourite_id, mentor_id) values (1, 'Ann', null, null), (2, 'Bob', null, 1), (3, 'Abe', null, 1)`,
        `insert into books (id, title, sold, published, author_id) values (1, 'C', 5, true, 1), (2, 'A', 5, false, 1), (3, 'B', 9, true, 1), (4, 'D', 0, false, 2)`,
        `update authors set favourite_id = 4 where id = 1`,
        `update authors set favourite_id = 3 where id = 2`,
        `insert into labels (id, word) values (1, 'x'), (2, 'long'), (3, 'y')`,
        `insert into book_labels (book_id, label_id) values (1, 1), (1, 2), (3, 3)`,
      );
      await db.advanceKeys();
    });

    test('collections come in the order that they say: terms, attributes, and the key last', async () => {
      for (const by of [(asked: true) => asked, joinedLoad, jsonLoad]) {
        const ann = await db
          .session()
          .query(Author)
          .where(Author.c.id.eq(1))
          .with({ books: by(true), byTitle: by(true) } as { books: true; byTitle: true })
          .one();
        expect(ann.books.items.map((book) => book.title)).toEqual(['B', 'A', 'C']);
        expect(ann.byTitle.items.map((book) => book.title)).toEqual(['A', 'B', 'C']);
      }
    });

    test('a view shows what meets its condition, however it is loaded, in one trip', async () => {
      for (const by of [(asked: true) => asked, joinedLoad, jsonLoad]) {
        const asked = {
          published: by(true),
          publishedFavourite: by(true),
          famousPupils: by(true),
          books: { shortLabels: by(true) },
        };
        const { result, trips } = await db.record(() =>
          db
            .session()
            .query(Author)
            .orderBy(Author.c.id)
            .with(
              asked as { published: true; publishedFavourite: true; famousPupils: true; books: { shortLabels: true } },
            )
            .all(),
        );
        expect(trips).toBe(1);
        expect(result.map((author) => author.published.items.map((book) => book.title))).toEqual([['C', 'B'], [], []]);
        expect(result.map((author) => author.publishedFavourite.value?.title)).toEqual([undefined, 'B', undefined]);
        expect(result.map((author) => author.famousPupils.items.map((pupil) => pupil.name))).toEqual([['Abe'], [], []]);
        expect(result[0]!.books.items.map((book) => book.shortLabels.items.map((label) => label.word))).toEqual([
          ['y'],
          [],
          ['x'],
        ]);
      }
    });

    test('awaited, joined, asked for in a condition, and counted', async () => {
      const session = db.session();
      const authors = await session.query(Author).orderBy(Author.c.id).all();
      const lazy = await db.record(async () => {
        const titles: string[][] = [];
        for (const author of authors) titles.push((await author.published).map((book) => book.title));
        return titles;
      });
      expect([lazy.trips, lazy.result]).toEqual([1, [['C', 'B'], [], []]]);
      expect(await authors[0]!.favourite).toMatchObject({ title: 'D' });
      expect(await authors[0]!.publishedFavourite).toBeNull();
      expect(await session.query(Author).where(Author.c.famousPupils.some()).count()).toBe(1);
      expect(await session.query(Author).where(Author.c.published.none()).count()).toBe(2);
      expect(await session.query(Author).join(Author.c.published).count()).toBe(2);
      expect(await session.query(Author).where(countOf(Author.c.published).eq(2)).count()).toBe(1);
    });

    test('it is not written: neither by hand, nor by a commit, nor by a deletion', async () => {
      const session = db.session();
      const ann = await session
        .query(Author)
        .where(Author.c.id.eq(1))
        .with({ published: true, books: true, publishedFavourite: true })
        .one();
      for (const [work, where] of [
        [() => ann.published.add(new Book({ title: 'New' })), 'Author.published.add()'],
        [() => ann.published.remove(ann.published.items[0]!), 'Author.published.remove()'],
        [() => ann.publishedFavourite.set(null), 'Author.publishedFavourite.set()'],
        [() => new Author({ name: 'X', published: [ann.books.items[0]!] }), 'Author.published.add()'],
      ] as const) {
        const { error } = await db.failure(work);
        expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
          `${where}: the relation is viewOnly; change the one that is written`,
        );
      }
      ann.books.add(new Book({ title: 'New', published: true }));
      await session.commit();
      expect(ann.published.items).toHaveLength(2);
      await session.refresh(ann);
      expect((await ann.published).map((book) => book.title)).toEqual(['C', 'B', 'New']);
      const bob = (await session.get(Author, 2))!;
      session.delete((await bob.books)[0]!);
      const { sql } = await db.record(() => session.commit());
      expect(sql.join('\n')).not.toContain('update "authors" set "mentor_id"');
    });

    test('a new entity has no view before it is committed', async () => {
      const session = db.session();
      const author = new Author({ name: 'New' });
      session.add(author);
      await session.commit();
      expect(author.published.loaded).toBe(false);
      await db.run(`insert into books (id, title, sold, published, author_id) values (99, 'Z', 0, true, ${author.id})`);
      expect((await author.published).map((book) => book.title)).toEqual(['Z']);
    });
  });

  describe('several relations over one key', () => {
    const read = async (): Promise<[Session, Crew]> => {
      db = await freshDatabase(await open(), Shared.metadata);
      const session = db.session();
      session.add(new Crew({ members: ['c', 'a', 'b'].map((name) => new Member({ name })) }));
      await session.commit();
      const fresh = db.session();
      return [fresh, await fresh.query(Crew).with({ members: true, byName: true }).one()];
    };
    const names = (members: readonly Member[] | undefined): unknown => members?.map(({ name }) => name).toSorted();

    test('are in step with each other, and write a change once', async () => {
      const [session, crew] = await read();
      const [gone, fresh] = [crew.members.peek()![0]!, new Member({ name: 'd' })];
      crew.byName.remove(gone);
      crew.members.add(fresh);
      expect([names(crew.members.peek()), names(crew.byName.peek())]).toEqual([
        ['a', 'b', 'd'],
        ['a', 'b', 'd'],
      ]);
      const { trips, sql } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      expect(sql.filter((text) => /\b(?:insert into|update) "members"/.test(text))).toHaveLength(2);
      expect(await db.rows('select name, crew_id from members order by name')).toEqual([
        ['a', 1],
        ['b', 1],
        ['c', null],
        ['d', 1],
      ]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('a to-one relation of a key that is not unique shows the first of several rows, by key', async () => {
      await read();
      await db.run('update members set led_id = 1 where id > 1');
      const eager = await db.session().query(Crew).with({ lead: true }).one();
      const lazy = await db.session().query(Crew).one();
      expect([eager.lead.value?.id, (await lazy.lead)?.id]).toEqual([2, 2]);
    });
  });

  describe('replaceItems', () => {
    beforeEach(async () => {
      db = await freshDatabase(await open(), Model.metadata);
    });

    test('adds what is lacking and takes out the rest, in one trip; a part is refused, and so is what is not loaded', async () => {
      const session = db.session();
      const [x, y, z] = ['x', 'y', 'z'].map((word) => new Label({ word }));
      session.add(new Author({ name: 'Ann', books: [new Book({ title: 'One', labels: [x!, y!] })] }));
      await session.commit();
      const book = await session.query(Book).with({ labels: true }).one();
      replaceItems(book.labels, [y!, z!]);
      expect(book.labels.items.map((label) => label.word)).toEqual(['y', 'z']);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select label_id from book_labels order by 1')).toEqual(
        [y!.id, z!.id].toSorted((a, b) => a - b),
      );

      const part = await db
        .session()
        .query(Book)
        .with({ labels: select(Label).where(Label.c.word.eq('y')) })
        .one();
      const refused = await db.failure(() => replaceItems(part.labels, part.labels.subset));
      expect(isCinnabarError(refused.error, 'ConfigurationError') && refused.error.message).toContain(
        'these are a part of Book.labels of a Book (key: id)',
      );
      const unloaded = await db.failure(() => replaceItems(part.labels, [...part.labels.subset]));
      expect(isCinnabarError(unloaded.error, 'NotLoadedError') && unloaded.error.message).toContain(
        'Book.labels.items: the relation of a Book (key: id) is not loaded',
      );
      expect(isCinnabarError((await db.failure(() => replaceItems([] as never, []))).error, 'ConfigurationError')).toBe(
        true,
      );
    });
  });

  describe('write-only', () => {
    beforeEach(async () => {
      db = await freshDatabase(await open(), Devices.metadata);
    });

    test('takes entities in and out without a read, and is queried', async () => {
      const session = db.session();
      const device = new Device({
        name: 'Pump',
        events: [new Event({ what: 'start' })],
        groups: [new Group({ name: 'All' })],
      });
      session.add(device);
      await session.commit();
      const again = db.session();
      const found = (await again.get(Device, device.id))!;
      const { result: stop, trips } = await db.record(async () => {
        const made = new Event({ what: 'stop' });
        found.events.add(made);
        found.groups.add(new Group({ name: 'Some' }));
        await again.commit();
        return made;
      });
      expect(trips).toBe(1);
      expect(stop.deviceId).toBe(device.id);

      const read = await db.record(() => again.all(found.events.select().orderBy(Event.c.id.desc()).limit(1)));
      expect([read.trips, read.result.map((event) => event.what)]).toEqual([1, ['stop']]);
      const groups = await again.all(found.groups.select().orderBy(Group.c.id));
      expect(groups.map((group) => group.name)).toEqual(['All', 'Some']);
      found.groups.remove(groups[0]!);
      await again.commit();
      expect((await again.all(found.groups.select())).map((group) => group.name)).toEqual(['Some']);
      expect(
        await again
          .query(Device)
          .where(Device.c.events.some(Event.c.what.eq('stop')))
          .count(),
      ).toBe(1);

      again.delete(found);
      await again.commit();
      expect(await db.values('select count(*) from events')).toEqual([0]);
    });

    test('it cannot be loaded, nor be queried for a row that is not there yet', async () => {
      const session = db.session();
      const device = new Device({ name: 'New' });
      session.add(device);
      for (const [work, message] of [
        [
          () => session.query(Device).with({ events: true } as never),
          'with(): Device.events is write-only: query its select()',
        ],
        [() => device.events.select(), 'Device.events.select(): a new Device (key: id) has no row yet: commit it'],
      ] as const) {
        const { error, calls } = await db.failure(work);
        expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(message);
        expect(calls).toBe(0);
      }
      expect('then' in device.events).toBe(false);
      expect(inspect(device).state).toBe('pending');
    });
  });

  describe('passive deletes', () => {
    beforeEach(async () => {
      db = await freshDatabase(await open(), Folders.metadata);
      await db.run(
        `insert into folders (id, name) values (1, 'A'), (2, 'B')`,
        `insert into files (id, name, folder_id) values (1, 'x', 1), (2, 'y', 1), (3, 'z', 2)`,
        `insert into versions (id, file_id) values (1, 1), (2, 3)`,
        `insert into notes (id, text, folder_id) values (1, 'n', 1), (2, 'm', 2)`,
      );
      await db.advanceKeys();
    });

    test('no statement is sent for children: the database deletes them, or clears their key', async () => {
      const session = db.session();
      const folder = (await session.get(Folder, 1))!;
      const file = (await session.get(File, 1))!;
      const note = (await session.get(Note, 1))!;
      session.delete(folder);
      const { trips, sql } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(sql.filter((statement) => /"(files|notes|versions)"/.test(statement))).toEqual([]);
      expect(await db.values('select id from files')).toEqual([3]);
      expect(await db.values('select id from versions')).toEqual([2]);
      expect(await db.rows('select id, folder_id from notes order by id')).toEqual([
        [1, null],
        [2, 2],
      ]);
      // What is in memory is as the database made it.
      expect(inspect(file).state).toBe('detached');
      expect(note.folderId).toBeNull();
      expect((await db.record(() => session.commit())).trips).toBe(0);
      expect((await session.query(Version).all()).map((version) => version.id)).toEqual([2]);
    });
  });

  describe('options that contradict each other', () => {
    test.for([
      [
        'Owner.things: a condition makes it a view of some rows, which cannot be written: add viewOnly: true',
        { where: () => Label.c.word.eq('x') },
      ],
      [
        'Owner.things: a viewOnly relation is never written: it takes no cascade',
        { viewOnly: true, cascade: 'delete' },
      ],
      ['Owner.things: passiveDeletes relies on the foreign key of Thing: give it onDelete', { passiveDeletes: true }],
      ["Owner.things: orderBy 'nope' is no column of Thing; it has id, ownerId", { orderBy: ['id', 'nope'] }],
      [
        "Owner.things: what a many-to-many leads to may have several parents, and goes with none: no cascade 'orphans'",
        { through: 'links', cascade: 'orphans' },
      ],
    ] as const)('%s', async ([message, options]) => {
      const Base = declarativeBase();
      class Owner extends Base('owners', {
        id: integer().primaryKey(),
        name: text(),
        get things() {
          return many(Thing, options);
        },
      }) {}
      class Thing extends Base('things', {
        id: integer().primaryKey(),
        ownerId: integer().references('owners.id'),
        get owner() {
          return one(Owner);
        },
      }) {}
      const session = new Session(createEngine((await open()) as never));
      const { error } = await db.failure(() => session.query(Owner).all());
      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(message);
      void [Thing, createAll];
    });
  });
}
