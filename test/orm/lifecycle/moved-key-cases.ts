import { declarativeBase, extend, integer, many, one, text, type Session } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

/** Known by their code; what refers to them gets no help of the database. */
class Person extends Model('persons', {
  code: text().primaryKey(),
  name: text(),
  version: integer().version(),
  get cards() {
    return many(Card, { by: 'ownerCode' });
  },
  get clubs() {
    return many(Club, { through: 'memberships' });
  },
}) {}
class Manager extends extend(Person, 'managers', { level: integer() }) {}
/** Refers to two persons, or twice to the same; an owner has one card. */
class Card extends Model('cards', {
  id: integer().primaryKey(),
  ownerCode: text().unique().references('persons.code'),
  givenBy: text().references('persons.code'),
  get owner() {
    return one(Person, { by: 'ownerCode' });
  },
  get giver() {
    return one(Person, { by: 'givenBy' });
  },
}) {}
class Club extends Model('clubs', {
  code: text().primaryKey(),
  get members() {
    return many(Person, { through: 'memberships' });
  },
}) {}
/** Refers to another of its kind, which may be itself. */
class Step extends Model('steps', {
  code: text().primaryKey(),
  note: text().nullable(),
  nextCode: text().nullable().references('steps.code'),
  get next() {
    return one(Step, { by: 'nextCode' }).nullable();
  },
}) {}
Model.register(Manager);

/** Keys that change without help of the database, where what refers to them may not be wrong for a moment. */
export function movedKeyCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
    await db.run(
      `insert into persons (code, name, version) values ('a', 'Ann', 1), ('b', 'Bob', 1), ('c', 'Cid', 1)`,
      `insert into managers (code, level) values ('b', 1), ('c', 2)`,
      `insert into cards (id, owner_code, given_by) values (1, 'a', 'a'), (2, 'b', 'a'), (3, 'c', 'b')`,
      `insert into clubs (code) values ('x'), ('y')`,
      `insert into memberships (person_code, club_code) values ('a', 'x'), ('a', 'y'), ('b', 'x')`,
    );
  });
  const cards = () => db.rows('select id, owner_code, given_by from cards order by id');
  const persons = async (): Promise<[Person, Manager, Manager]> => {
    const [ann, bob, cid] = await session.query(Person).orderBy(Person.c.code).all();
    return [ann!, bob as Manager, cid as Manager];
  };
  const commits = async (): Promise<void> => {
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect((await db.record(() => session.commit())).calls).toBe(0);
  };

  describe('a key that changes', () => {
    test('of a row that another refers to by two keys', async () => {
      const [ann] = await persons();
      ann.code = 'z';
      await commits();
      expect(await cards()).toEqual([
        [1, 'z', 'z'],
        [2, 'b', 'z'],
        [3, 'c', 'b'],
      ]);
    });

    test('of several rows with versions', async () => {
      const [ann, bob] = await persons();
      [ann.code, bob.code, bob.name] = ['y', 'z', 'Rob'];
      await commits();
      expect(await cards()).toEqual([
        [1, 'y', 'y'],
        [2, 'z', 'y'],
        [3, 'c', 'z'],
      ]);
      expect(await db.rows('select code, name, version from persons order by code')).toEqual([
        ['c', 'Cid', 1],
        ['y', 'Ann', 2],
        ['z', 'Rob', 2],
      ]);
    });

    test('of a subclass whose own columns change too', async () => {
      const [, bob, cid] = await persons();
      [bob.code, bob.level, cid.level] = ['z', 7, 8];
      await commits();
      expect(await db.rows('select code, level from managers order by code')).toEqual([
        ['c', 8],
        ['z', 7],
      ]);
    });

    test('of a row that refers to itself, and to another meanwhile', async () => {
      await db.run(`insert into steps (code, next_code) values ('a', 'a'), ('b', null)`);
      const [a, b] = await session.query(Step).orderBy(Step.c.code).all();
      a!.code = 'z';
      await commits();
      expect(await db.rows('select code, next_code from steps order by code')).toEqual([
        ['b', null],
        ['z', 'z'],
      ]);
      a!.code = 'y';
      a!.next.set(b!);
      await commits();
      expect(await db.rows('select code, next_code from steps order by code')).toEqual([
        ['b', null],
        ['y', 'b'],
      ]);
    });
  });

  describe('keys that rows swap', () => {
    test('with what is unique in the rows that follow', async () => {
      const [ann, bob, cid] = await persons();
      const [first] = await ann.cards;
      [ann.code, bob.code, cid.code] = ['b', 'c', 'a'];
      await commits();
      expect(await cards()).toEqual([
        [1, 'b', 'b'],
        [2, 'c', 'b'],
        [3, 'a', 'c'],
      ]);
      expect([first!.ownerCode, first!.owner.peek(), ann.cards.peek()]).toEqual(['b', ann, [first]]);
      expect(await db.rows('select person_code, club_code from memberships order by 1, 2')).toEqual([
        ['b', 'x'],
        ['b', 'y'],
        ['c', 'x'],
      ]);
      expect(await db.rows('select code, level from managers order by code')).toEqual([
        ['a', 2],
        ['c', 1],
      ]);
    });

    test('while they change themselves, with the pairs of both', async () => {
      const [x, y] = await session.query(Club).orderBy(Club.c.code).all();
      const [, bob, cid] = await persons();
      [x!.code, y!.code] = ['y', 'x'];
      [bob.code, cid.code, bob.level, cid.name] = ['c', 'b', 5, 'Sid'];
      await commits();
      expect(await db.rows('select person_code, club_code from memberships order by 1, 2')).toEqual([
        ['a', 'x'],
        ['a', 'y'],
        ['c', 'y'],
      ]);
      expect(await db.rows('select p.code, name, level from persons p join managers m on m.code = p.code')).toEqual(
        expect.arrayContaining([
          ['c', 'Bob', 5],
          ['b', 'Sid', 2],
        ]),
      );
    });

    test('while a child moves between them', async () => {
      const [ann, bob, cid] = await persons();
      const third = (await session.get(Card, 3))!;
      [ann.code, bob.code] = ['b', 'a'];
      third.giver.set(ann);
      await commits();
      expect(await cards()).toEqual([
        [1, 'b', 'b'],
        [2, 'a', 'b'],
        [3, 'c', 'b'],
      ]);
      expect([third.givenBy, third.ownerCode, cid.code]).toEqual(['b', 'c', 'c']);
    });
  });
}
