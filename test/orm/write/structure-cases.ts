import { declarativeBase, extend, integer, many, one, sql, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

// A cycle that a nullable key breaks, and one that none does.
class Team extends Model('teams', {
  id: integer().primaryKey(),
  name: text(),
  captainId: integer().nullable().references('players.id'),
  get captain() {
    return one(Player, { by: 'captainId' }).nullable();
  },
  get players() {
    return many(Player, { by: 'teamId', cascade: 'delete' });
  },
}) {}
class Player extends Model('players', {
  id: integer().primaryKey(),
  name: text(),
  teamId: integer().references('teams.id'),
  get team() {
    return one(Team, { by: 'teamId' });
  },
}) {}

class Egg extends Model('eggs', {
  id: integer().primaryKey(),
  henId: integer().references('hens.id'),
  get hen() {
    return one(Hen, { by: 'henId' });
  },
}) {}
class Hen extends Model('hens', {
  id: integer().primaryKey(),
  eggId: integer().references('eggs.id'),
  get egg() {
    return one(Egg, { by: 'eggId' });
  },
}) {}
class Node extends Model('nodes', {
  id: integer().primaryKey(),
  selfId: integer().references('nodes.id'),
  get self() {
    return one(Node, { by: 'selfId' });
  },
}) {}

// A tree whose deletion takes all below, by the session and by the database.
class Folder extends Model('folders', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer().nullable().references('folders.id'),
  get parent() {
    return one(Folder, { by: 'parentId' }).nullable();
  },
  get folders() {
    return many(Folder, { by: 'parentId', cascade: 'delete' });
  },
  get files() {
    return many(File, { cascade: 'delete' });
  },
}) {}
class File extends Model('files', {
  id: integer().primaryKey(),
  name: text(),
  folderId: integer().references('folders.id'),
  get labels() {
    return many(Label, { through: 'file_labels' });
  },
}) {}
class FileLabel extends Model('file_labels', {
  id: integer().primaryKey(),
  fileId: integer().references('files.id'),
  labelId: integer().references('labels.id'),
  note: text().default('linked'),
}) {}
class Label extends Model('labels', { id: integer().primaryKey(), text: text() }) {}
class Branch extends Model('branches', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer().nullable().references('branches.id', { onDelete: 'cascade' }),
  get branches() {
    return many(Branch, { by: 'parentId' });
  },
}) {}

// Inheritance.
class Animal extends Model('animals', {
  id: integer().primaryKey(),
  name: text(),
  kind: text().default('animal'),
  ownerId: integer().nullable().references('owners.id'),
  version: integer().version(),
  get owner() {
    return one(Owner).nullable();
  },
}) {}
class Dog extends extend(Animal, 'dogs', { breed: text(), tricks: integer().defaultSql(sql`3`) }, { kind: 'dog' }) {}
class Puppy extends extend(Dog, 'puppies', { weeks: integer() }) {}
class Cat extends extend(
  Animal,
  { kind: 'cat' },
  {
    lives: integer()
      .nullable()
      .defaultSql(sql`9`),
  },
) {}
class Bird extends extend(Animal, { kind: 'bird' }, { wings: integer().nullable() }) {}
class Owner extends Model('owners', {
  id: integer().primaryKey(),
  name: text(),
  get animals() {
    return many(Animal, { cascade: 'orphans' });
  },
  get dogs() {
    return many(Dog, { by: 'ownerId' });
  },
}) {}
Model.register(Dog, Puppy, Cat, Bird, FileLabel);

/** Rows that depend on each other, trees and hierarchies of classes. */
export function structureCases(open: OpenDriver): void {
  describe('a cycle', () => {
    test('with a nullable key takes a second UPDATE, in one trip', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const teams = ['a', 'b'].map((name) => {
        const captain = new Player({ name: `${name} captain` });
        return new Team({ name, captain, players: [captain, new Player({ name: `${name} other` })] });
      });
      session.addAll(teams);
      const { trips, sql: sent } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      expect(sent.join('\n')).not.toContain('defer_foreign_keys');
      expect(
        await db.rows(
          'select t.name, p.name as p, p.team_id = t.id from teams t join players p on p.id = t.captain_id order by 1',
        ),
      ).toEqual([
        ['a', 'a captain', 1],
        ['b', 'b captain', 1],
      ]);
      expect(teams[1]!.captainId).toBe(teams[1]!.captain.peek()!.id);
      expect((await db.record(() => session.commit())).calls).toBe(0);
      session.delete(teams[0]!);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select name from players order by id')).toEqual(['b captain', 'b other']);
    });

    test('without one waits for the end of the unit, both ways', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const egg = new Egg({});
      const hen = new Hen({ egg });
      egg.hen.set(hen);
      session.add(egg);
      const { trips, sql: sent } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      // Drawing the keys of both tables comes before.
      const [at, defer] = db.by<[number, string]>({
        sqlite: [0, 'pragma defer_foreign_keys = on'],
        postgres: [2, 'set constraints all deferred'],
      });
      expect(sent[at]).toBe(defer);
      expect([egg.henId, hen.eggId]).toEqual([hen.id, egg.id]);
      expect(
        await db.rows('select e.id, h.id as h from eggs e join hens h on h.egg_id = e.id and e.hen_id = h.id'),
      ).toEqual([[1, 1]]);
      session.delete(egg);
      session.delete(hen);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from eggs')).toEqual([0]);
    });

    test('of one row', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const nodes = [new Node({}), new Node({}), new Node({})];
      nodes.forEach((node, at) => node.self.set(nodes[at === 0 ? 0 : 3 - at]!));
      session.addAll(nodes);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(nodes.map((node) => node.selfId)).toEqual([nodes[0]!.id, nodes[2]!.id, nodes[1]!.id]);
      expect(await db.rows('select id, self_id from nodes order by id')).toEqual(
        nodes.toSorted((a, b) => a.id - b.id).map((node) => [node.id, node.selfId]),
      );
      for (const node of nodes) session.delete(node);
      expect((await db.record(() => session.commit())).trips).toBe(1);
    });
  });

  describe('a tree', () => {
    const tree = () =>
      new Folder({
        name: 'root',
        files: [new File({ name: 'r' })],
        folders: [
          new Folder({
            name: 'a',
            files: [new File({ name: 'a', labels: [new Label({ text: 'l' })] })],
            folders: [new Folder({ name: 'b', files: [new File({ name: 'b' })] })],
          }),
        ],
      });

    test('goes as a whole, in memory or not', async () => {
      for (const loaded of ['all', 'none', 'some'] as const) {
        const db = await freshDatabase(await open(), Model.metadata);
        const first = db.session();
        first.addAll([tree(), new Folder({ name: 'stays', files: [new File({ name: 's' })] })]);
        expect((await db.record(() => first.commit())).trips).toBe(1);
        expect(await db.rows('select note from file_labels')).toEqual([['linked']]);
        const session = loaded === 'all' ? first : db.session();
        const root = await session.query(Folder).filterBy({ name: 'root' }).one();
        if (loaded === 'some') {
          // The leaf is deleted by itself too, and what is between is not in memory.
          session.delete(await session.query(Folder).filterBy({ name: 'b' }).one());
        }
        session.delete(root);
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.values('select name from folders')).toEqual(['stays']);
        expect(await db.values('select name from files')).toEqual(['s']);
        expect(await db.values('select count(*) from file_labels')).toEqual([0]);
        expect(await db.values('select count(*) from labels')).toEqual([1]);
      }
    });

    test('goes with the cascade of the database', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const first = db.session();
      const leaf = new Branch({ name: 'leaf' });
      first.add(new Branch({ name: 'root', branches: [new Branch({ name: 'mid', branches: [leaf] })] }));
      await first.commit();
      const session = db.session();
      for (const name of ['leaf', 'root']) session.delete(await session.query(Branch).filterBy({ name }).one());
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from branches')).toEqual([0]);
    });

    test('of thousands of rows in a chain', { timeout: 120_000 }, async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      let folder = new Folder({ name: 'f0' });
      const root = folder;
      for (let at = 1; at < 4000; at++) {
        const next = new Folder({ name: `f${at}` });
        folder.folders.add(next);
        folder = next;
      }
      session.add(folder);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.values(
          "select count(*) from folders c join folders p on p.id = c.parent_id where c.name = 'f' || (cast(substr(p.name, 2) as integer) + 1)",
        ),
      ).toEqual([3999]);
      session.delete(root);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from folders')).toEqual([0]);
    });
  });

  describe('inheritance', () => {
    async function zoo() {
      const db = await freshDatabase(await open(), Model.metadata);
      const session = db.session();
      const owner = new Owner({ name: 'Ann' });
      const animals = {
        plain: new Animal({ name: 'plain', owner }),
        dog: new Dog({ name: 'dog', breed: 'pug', owner }),
        puppy: new Puppy({ name: 'puppy', breed: 'lab', weeks: 8, owner }),
        cat: new Cat({ name: 'cat', owner }),
        bird: new Bird({ name: 'bird', wings: 2 }),
        second: new Dog({ name: 'second', breed: 'spitz', tricks: 1 }),
        kitten: new Cat({ name: 'kitten', lives: null }),
      };
      session.addAll(Object.values(animals));
      const { trips } = await db.record(() => session.commit());
      expect(trips).toBe(1);
      return { db, session, owner, ...animals };
    }

    test('inserts a row in each table of the hierarchy, in one trip', async () => {
      const { db, dog, puppy, second, cat, kitten, bird } = await zoo();
      expect([dog.kind, puppy.kind, cat.kind]).toEqual(['dog', 'dog', 'cat']);
      expect([dog.tricks, puppy.tricks, second.tricks, cat.lives, kitten.lives]).toEqual([3, 3, 1, 9, null]);
      expect(
        await db.rows(
          'select a.name, a.kind, a.lives, a.wings, d.breed, d.tricks, p.weeks from animals a left join dogs d on d.id = a.id left join puppies p on p.id = a.id order by a.id',
        ),
      ).toEqual([
        ['plain', 'animal', null, null, null, null, null],
        ['dog', 'dog', null, null, 'pug', 3, null],
        ['puppy', 'dog', null, null, 'lab', 3, 8],
        ['cat', 'cat', 9, null, null, null, null],
        ['bird', 'bird', null, 2, null, null, null],
        ['second', 'dog', null, null, 'spitz', 1, null],
        ['kitten', 'cat', null, null, null, null, null],
      ]);
      expect(bird.id).toBe(5);
      const found = await db.session().query(Animal).orderBy(Animal.c.id).all();
      expect(found.map((animal) => animal.constructor)).toEqual([Animal, Dog, Puppy, Cat, Bird, Dog, Cat]);
    });

    test('updates the table that has the column, and the version of the base', async () => {
      const { db, session, dog, puppy, second, plain } = await zoo();
      puppy.weeks = 9;
      dog.breed = 'boxer';
      second.name = 'renamed';
      plain.name = 'PLAIN';
      puppy.name = 'grown';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(
        await db.rows(
          'select a.name, a.version, d.breed, p.weeks from animals a left join dogs d on d.id = a.id left join puppies p on p.id = a.id where a.id in (1, 2, 3, 6) order by a.id',
        ),
      ).toEqual([
        ['PLAIN', 2, null, null],
        ['dog', 2, 'boxer', null],
        ['grown', 2, 'lab', 9],
        ['renamed', 2, 'spitz', null],
      ]);
      expect(dog.version).toBe(2);
      await db.run(`update animals set version = 7 where name = 'dog'`);
      dog.breed = 'stale';
      puppy.weeks = 10;
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'StaleDataError', entities: [dog] });
      expect(await db.values('select weeks from puppies')).toEqual([9]);
    });

    test('deletes the rows of every table; cascades reach subclasses', async () => {
      for (const loaded of [true, false]) {
        const { db, session: first, puppy, owner: own } = await zoo();
        const session = loaded ? first : db.session();
        const owner = loaded ? own : await session.query(Owner).one();
        if (loaded) {
          session.delete(puppy);
          expect((await db.record(() => session.commit())).trips).toBe(1);
          expect(await db.values('select id from puppies')).toEqual([]);
          expect(await db.values('select id from dogs order by id')).toEqual([2, 6]);
          expect(owner.animals.peek()).not.toContain(puppy);
        }
        session.delete(owner);
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.values('select name from animals order by id')).toEqual(['bird', 'second', 'kitten']);
        expect(await db.values('select id from dogs')).toEqual([6]);
        expect(await db.values('select id from puppies')).toEqual([]);
      }
    });

    test('a subclass alone: all of its rows deleted, stale ones named', async () => {
      const { db, session, puppy, dog } = await zoo();
      await db.run(`update animals set version = 5 where name = 'puppy'`);
      session.delete(dog);
      session.delete(puppy);
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'StaleDataError',
        entities: [puppy],
      });
      await session.refresh(puppy);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from dogs')).toEqual([1]);
    });

    test('what tells the class cannot be changed', async () => {
      const { db, session, dog } = await zoo();
      (dog as { kind: string }).kind = 'cat';
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'ConfigurationError' });
      expect(calls).toBe(0);
    });
  });
}

// Keys that refer to something else than a primary key, and what the database does by itself.
const Keys = declarativeBase();
class Author extends Keys('authors', {
  id: integer().primaryKey(),
  handle: text().unique(),
  get books() {
    return many(Book, { by: 'authorHandle', cascade: 'orphans' });
  },
  get reviews() {
    return many(Review, { by: 'authorHandle' });
  },
  get notes() {
    return many(Note, { by: 'authorId' });
  },
}) {}
class Book extends Keys('books', {
  id: integer().primaryKey(),
  title: text(),
  authorHandle: text().references('authors.handle'),
  get author() {
    return one(Author, { by: 'authorHandle' });
  },
}) {}
class Review extends Keys('reviews', {
  id: integer().primaryKey(),
  authorHandle: text().nullable().references('authors.handle'),
  get author() {
    return one(Author, { by: 'authorHandle' }).nullable();
  },
}) {}
class Note extends Keys('notes', {
  id: integer().primaryKey(),
  authorId: integer().nullable().references('authors.id', { onDelete: 'set null' }),
  get author() {
    return one(Author, { by: 'authorId' }).nullable();
  },
}) {}
class Award extends Keys('awards', {
  id: integer().primaryKey(),
  authorId: integer().nullable().references('authors.id', { onDelete: 'restrict' }),
  get author() {
    return one(Author, { by: 'authorId' }).nullable();
  },
}) {}

/** Foreign keys of every kind. */
export function keyCases(open: OpenDriver): void {
  async function seeded() {
    const db = await freshDatabase(await open(), Keys.metadata);
    const session = db.session();
    const author = new Author({
      handle: 'ann',
      books: [new Book({ title: 'b' })],
      reviews: [new Review({})],
      notes: [new Note({})],
    });
    session.add(author);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    return { db, session, author };
  }

  describe('a key', () => {
    test('that refers to a unique column follows it in memory and in the database', async () => {
      const { db, session, author } = await seeded();
      expect(await db.values('select author_handle from books')).toEqual(['ann']);
      const [book] = author.books.peek()!;
      expect(book!.authorHandle).toBe('ann');
      const again = db.session();
      const found = await again
        .query(Book)
        .with({ author: { books: true } })
        .one();
      expect(found.author.value.books.items).toEqual([found]);
      const other = new Author({ handle: 'bob' });
      book!.author.set(other);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select author_handle from books')).toEqual(['bob']);
    });

    test('and is swept or cleared with it, in memory or not', async () => {
      for (const loaded of [true, false]) {
        const { db, session: first, author: made } = await seeded();
        const session = loaded ? first : db.session();
        const author = loaded ? made : await session.query(Author).one();
        const [book, review, note] = [made.books.peek()![0]!, made.reviews.peek()![0]!, made.notes.peek()![0]!];
        session.delete(author);
        expect((await db.record(() => session.commit())).trips).toBe(1);
        expect(await db.values('select count(*) from books')).toEqual([0]);
        expect(await db.values('select author_handle from reviews')).toEqual([null]);
        expect(await db.values('select author_id from notes')).toEqual([null]);
        if (!loaded) continue;
        expect([review.authorHandle, note.authorId]).toEqual([null, null]);
        expect(() => session.add(book)).toThrow(/was deleted/);
        expect((await db.record(() => session.commit())).calls).toBe(0);
      }
    });

    test('that restricts is a typed refusal', async () => {
      const { db, session, author } = await seeded();
      const award = new Award({ author });
      session.add(award);
      await session.commit();
      session.delete(author);
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'ForeignKeyViolation' });
      session.delete(award);
      expect((await db.record(() => session.commit())).trips).toBe(1);
    });

    test('that refers to a row that is not there is a typed refusal', async () => {
      const { db, session } = await seeded();
      session.add(new Book({ title: 'x', authorHandle: 'nobody' }));
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'ForeignKeyViolation',
        outcome: 'not committed',
      });
      await session.rollback();
    });
  });

  describe('thousands of rows of a tree', () => {
    test('are deleted each by its key, in one unit', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into folders (id, name, parent_id) select i, 'f' || i, nullif(i / 2, 0) from n`,
      );
      const session = db.session();
      for (const folder of await session.query(Folder).all()) session.delete(folder);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select count(*) from folders')).toEqual([0]);
    });
  });
}
