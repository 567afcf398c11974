import { declarativeBase, dropAll, createAll, integer, many, one, serialize, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

/** Refers to its head, who refers to it: a cycle. Its parent is one of its own: a self-reference. */
class Unit extends Model('units', {
  id: integer().primaryKey(),
  name: text(),
  headId: integer().nullable().references('people.id'),
  parentId: integer().nullable().references('units.id'),
  get head() {
    return one(Person, { by: 'headId' }).nullable();
  },
  get parent() {
    return one(Unit, { by: 'parentId' }).nullable();
  },
  get units() {
    return many(Unit, { by: 'parentId' });
  },
  get people() {
    return many(Person, { by: 'unitId' });
  },
}) {}
class Person extends Model('people', {
  id: integer().primaryKey(),
  name: text(),
  unitId: integer().references('units.id'),
  get unit() {
    return one(Unit, { by: 'unitId' });
  },
  get rooms() {
    return many(Room, { through: 'room_people' });
  },
  get friends() {
    return many(Person, { through: 'friends', by: 'personId', inverse: 'friendId' });
  },
  get befriended() {
    return many(Person, { through: 'friends', by: 'friendId', inverse: 'personId' });
  },
}) {}
/** A key of two columns, referred to by a link table too. */
class Room extends Model('rooms', {
  building: text().primaryKey(),
  number: integer().primaryKey({ generated: false }),
  seats: integer(),
  get people() {
    return many(Person, { through: 'room_people' });
  },
}) {}

/** Tables of a whole set of models, a graph over all of them, and the way back. */
export function reloadCases(open: OpenDriver): void {
  describe('a set of models with a cycle, a self-reference, a key of two columns and many-to-many', () => {
    test('is created, filled and read back, each in one trip', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await createAll(db.engine, Model.metadata);
      const session = db.session();
      const root = new Unit({ name: 'root' });
      const lab = new Unit({ name: 'lab', parent: root });
      const [ann, bob, cat] = ['Ann', 'Bob', 'Cat'].map((name) => new Person({ name, unit: lab })) as [
        Person,
        Person,
        Person,
      ];
      lab.head.set(ann);
      root.head.set(bob);
      const rooms = [
        new Room({ building: 'A', number: 1, seats: 2, people: [ann, bob] }),
        new Room({ building: 'A', number: 2, seats: 3, people: [cat] }),
        new Room({ building: 'B', number: 1, seats: 1 }),
      ];
      ann.friends.add(bob, cat);
      bob.friends.add(ann);
      ann.rooms.add(rooms[2]!);
      session.addAll([lab, ...rooms]);

      expect((await db.record(() => session.commit())).trips).toBe(1);

      const shape = {
        head: true,
        parent: { head: true },
        people: { rooms: true, friends: true, befriended: true },
      } as const;
      const again = db.session();
      const { result, trips } = await db.record(() => again.query(Unit).filterBy({ name: 'lab' }).with(shape).one());
      expect(trips).toBe(1);
      expect(serialize(result, shape)).toEqual({
        id: 2,
        name: 'lab',
        headId: 1,
        parentId: 1,
        head: { id: 1, name: 'Ann', unitId: 2 },
        parent: { id: 1, name: 'root', headId: 2, parentId: null, head: { id: 2, name: 'Bob', unitId: 2 } },
        people: [
          {
            id: 1,
            name: 'Ann',
            unitId: 2,
            rooms: [
              { building: 'A', number: 1, seats: 2 },
              { building: 'B', number: 1, seats: 1 },
            ],
            friends: [
              { id: 2, name: 'Bob', unitId: 2 },
              { id: 3, name: 'Cat', unitId: 2 },
            ],
            befriended: [{ id: 2, name: 'Bob', unitId: 2 }],
          },
          {
            id: 2,
            name: 'Bob',
            unitId: 2,
            rooms: [{ building: 'A', number: 1, seats: 2 }],
            friends: [{ id: 1, name: 'Ann', unitId: 2 }],
            befriended: [{ id: 1, name: 'Ann', unitId: 2 }],
          },
          {
            id: 3,
            name: 'Cat',
            unitId: 2,
            rooms: [{ building: 'A', number: 2, seats: 3 }],
            friends: [],
            befriended: [{ id: 1, name: 'Ann', unitId: 2 }],
          },
        ],
      });

      // Both ends of a relation of a model to itself stay in step; a composite key moves its pairs along.
      const [first, second, third] = (await again.query(Person).orderBy(Person.c.id).all()) as [Person, Person, Person];
      first.friends.remove(second);
      third.friends.add(first);
      expect(second.befriended.peek()).toEqual([]);
      expect(first.befriended.peek()).toEqual([second, third]);
      third.rooms.add(...(await first.rooms));
      expect((await db.record(() => again.commit())).trips).toBe(1);
      expect(await db.rows('select person_id, friend_id from friends order by 1, 2')).toEqual([
        [1, 3],
        [2, 1],
        [3, 1],
      ]);
      expect(await db.rows('select room_building, room_number, people_id from room_people order by 3, 1, 2')).toEqual([
        ['A', 1, 1],
        ['B', 1, 1],
        ['A', 1, 2],
        ['A', 1, 3],
        ['A', 2, 3],
        ['B', 1, 3],
      ]);

      await again.refresh(first);
      again.delete(first);
      expect((await db.record(() => again.commit())).trips).toBe(1);
      expect(await db.rows('select person_id, friend_id from friends')).toEqual([]);
      expect(await db.values('select head_id from units order by id')).toEqual([2, null]);
      await dropAll(db.engine, Model.metadata);
      expect(
        await db.values(
          db.by({
            sqlite: 'select name from sqlite_master where name',
            postgres: 'select table_name from information_schema.tables where table_name',
          }) + ` in ('units', 'people', 'rooms', 'friends', 'room_people')`,
        ),
      ).toEqual([]);
    });
  });
}
