import { declarativeBase, integer, many, merge, Session, text, upsert } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Car extends Model('cars', {
  id: integer().primaryKey(),
  name: text(),
  get parts() {
    return many(Part, { cascade: 'orphans' });
  },
  get rentals() {
    return many(Rental, { cascade: 'orphans' });
  },
}) {}

class Shelf extends Model('shelves', {
  id: integer().primaryKey(),
  get parts() {
    return many(Part, { cascade: 'orphans' });
  },
}) {}

class Client extends Model('clients', {
  id: integer().primaryKey(),
  get rentals() {
    return many(Rental, { cascade: 'orphans' });
  },
}) {}

/** In a car or on a shelf. */
class Part extends Model('parts', {
  id: integer().primaryKey(),
  name: text(),
  carId: integer().nullable().references('cars.id'),
  shelfId: integer().nullable().references('shelves.id'),
}) {}

/** What two parents have in common: it needs both. */
class Rental extends Model('rentals', {
  id: integer().primaryKey(),
  carId: integer().references('cars.id'),
  clientId: integer().references('clients.id'),
}) {}

/** Rows that several relations own over different keys. */
export function ownerCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into cars (id, name) values (1, 'red'), (2, 'blue')`,
      `insert into shelves (id) values (1)`,
      `insert into clients (id) values (1)`,
      `insert into parts (id, name, car_id, shelf_id) values (1, 'wheel', 1, null), (2, 'door', 1, 1)`,
      `insert into rentals (id, car_id, client_id) values (1, 1, 1)`,
    );
    await db.advanceKeys();
    session = db.session();
    await session.query(Car).with({ parts: true, rentals: true }).all();
  });
  const parts = (): Promise<unknown> => db.rows('select id, car_id, shelf_id from parts order by id');
  const twoParents = (label: string): object => ({
    code: 'ConfigurationError',
    outcome: 'not sent',
    model: 'Part',
    attributes: ['carId', 'shelfId'],
    message: expect.stringContaining(
      `${label} (key: id) has two parents: Car.parts (carId) and Shelf.parts (shelfId), which both have cascade: 'orphans'`,
    ),
  });

  describe('a second owner is refused before anything is sent', () => {
    test('of a row', async () => {
      const shelf = (await session.get(Shelf, 1))!;
      shelf.parts.add((await session.get(Part, 1))!);

      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject(twoParents('a Part'));
      expect(calls).toBe(0);
    });

    test('of a new row, with parents that are new too', async () => {
      const part = new Part({ name: 'bolt' });
      session.addAll([new Car({ name: 'green', parts: [part] }), new Shelf({ parts: [part] })]);

      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject(twoParents('a new Part'));
      expect(calls).toBe(0);
    });

    test('by its key alone', async () => {
      (await session.get(Part, 1))!.shelfId = 1;
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject(twoParents('a Part'));
      expect(calls).toBe(0);
    });
  });

  describe('a second owner that comes another way', () => {
    test('by a merge, of entities or of data', async () => {
      const ways = [
        () => merge(session, Shelf, { id: 1, parts: [{ id: 1 }] }),
        () => merge(session, Part, { id: 1, shelfId: 1 }),
      ];
      for (const way of ways) {
        await way();
        const { error, calls } = await db.failure(() => session.commit());
        expect(error).toMatchObject(twoParents('a Part'));
        expect(calls).toBe(0);
        await session.rollback();
      }
    });

    test('of a row that upsert() brought', async () => {
      const [wheel] = await upsert(session, Part, [{ id: 1, name: 'tyre', carId: 1 }], { on: ['id'] });
      (await session.get(Shelf, 1))!.parts.add(wheel!);
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject(twoParents('a Part'));
      expect(calls).toBe(0);
    });

    test('of one whose commit failed before: taken out of either, all of it is committed', async () => {
      const [red, shelf, wheel] = [await session.get(Car, 1), await session.get(Shelf, 1), await session.get(Part, 1)];
      red!.name = 'kept';
      shelf!.parts.add(wheel!);
      for (let turn = 0; turn < 2; turn++) {
        const { error, calls } = await db.failure(() => session.commit());
        expect(error).toMatchObject(twoParents('a Part'));
        expect(calls).toBe(0);
      }
      red!.parts.remove(wheel!);
      expect((await db.record(() => session.commit())).calls).toBe(1);
      expect(await parts()).toEqual([
        [1, null, 1],
        [2, 1, 1],
      ]);
      expect(await db.values('select name from cars where id = 1')).toEqual(['kept']);
    });

    test('within a transaction, of which the rest is undone', async () => {
      if (!session.interactive) return;
      const open = session as Session<true>;
      const error: unknown = await open
        .transaction(async (tx) => {
          (await tx.get(Car, 1))!.name = 'undone';
          await tx.flush();
          await tx.nested(async () => (await tx.get(Shelf, 1))!.parts.add((await tx.get(Part, 1))!));
        })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...twoParents('a Part'), outcome: expect.anything() });
      expect(await db.values('select name from cars where id = 1')).toEqual(['red']);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });
  });

  describe('what stays legal', () => {
    test('another parent of the same relation: the row moves', async () => {
      const blue = (await session.get(Car, 2))!;
      blue.parts.add((await session.get(Part, 1))!);
      await session.commit();

      expect(await parts()).toEqual([
        [1, 2, null],
        [2, 1, 1],
      ]);
    });

    test('from one relation to the other: the row is handed over, and not deleted', async () => {
      const [red, shelf, wheel] = [await session.get(Car, 1), await session.get(Shelf, 1), await session.get(Part, 1)];
      red!.parts.remove(wheel!);
      shelf!.parts.add(wheel!);
      await session.commit();

      expect(await parts()).toEqual([
        [1, null, 1],
        [2, 1, 1],
      ]);
    });

    test('the same of a new row', async () => {
      const [red, shelf] = [(await session.get(Car, 1))!, (await session.get(Shelf, 1))!];
      const bolt = new Part({ name: 'bolt' });
      red.parts.add(bolt);
      red.parts.remove(bolt);
      shelf.parts.add(bolt);
      await session.commit();

      expect(await parts()).toEqual([
        [1, 1, null],
        [2, 1, 1],
        [3, null, 1],
      ]);
    });

    test('handed over by a parent that is deleted in the same commit', async () => {
      const [red, shelf, wheel] = [await session.get(Car, 1), await session.get(Shelf, 1), await session.get(Part, 1)];
      red!.parts.remove(wheel!);
      shelf!.parts.add(wheel!);
      session.delete(red!);
      await session.commit();

      expect(await parts()).toEqual([[1, null, 1]]);
    });

    test('a row that has two already: other attributes change, and who lets go leaves it to the other', async () => {
      const [red, door] = [(await session.get(Car, 1))!, (await session.get(Part, 2))!];
      door.name = 'left door';
      await session.commit();
      red.parts.remove(door);
      await session.commit();

      expect(await db.rows('select name, car_id, shelf_id from parts where id = 2')).toEqual([['left door', null, 1]]);
    });

    test('keys that are never NULL: the row needs both parents, and goes with either', async () => {
      const [blue, client] = [(await session.get(Car, 2))!, (await session.get(Client, 1))!];
      const rental = new Rental({});
      blue.rentals.add(rental);
      client.rentals.add(rental);
      await session.commit();
      expect(await db.rows('select car_id, client_id from rentals order by id')).toEqual([
        [1, 1],
        [2, 1],
      ]);

      blue.rentals.remove(rental);
      await session.commit();
      expect(await db.rows('select car_id, client_id from rentals')).toEqual([[1, 1]]);
    });
  });
}
