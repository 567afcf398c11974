import { declarativeBase, extend, integer, many, one, select, text } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Owner extends Model('owners', {
  id: integer().primaryKey(),
  name: text(),
  get things() {
    return many(Thing, { by: 'ownerId' });
  },
  get cars() {
    return many(Car, { by: 'ownerId' });
  },
  get vans() {
    return many(Van, { by: 'ownerId' });
  },
  get driven() {
    return many(Car, { by: 'driverId' });
  },
}) {}

class Thing extends Model('things', {
  id: integer().primaryKey(),
  kind: text(),
  label: text(),
  ownerId: integer().nullable().references('owners.id'),
  get owner() {
    return one(Owner, { by: 'ownerId' }).nullable();
  },
}) {}
/** Of a table of its own. */
class Car extends extend(
  Thing,
  'cars',
  {
    seats: integer(),
    form: text().nullable(),
    driverId: integer().nullable().references('owners.id'),
    get driver() {
      return one(Owner, { by: 'driverId' }).nullable();
    },
    get parts() {
      return many(Part);
    },
  },
  { kind: 'car' },
) {}
/** Of a further table, which alone tells them. */
class Truck extends extend(Car, 'trucks', { load: integer() }) {}
/** Rows of the table of cars, told by a column of theirs. */
class Van extends extend(Car, { form: 'van' }, { height: integer().nullable() }) {}
/** Rows of the first table. */
class Book extends extend(Thing, { kind: 'book' }, { pages: integer().nullable() }) {}
class Part extends Model('parts', {
  id: integer().primaryKey(),
  carId: integer().references('cars.id'),
  get car() {
    return one(Car);
  },
}) {}
Model.register(Car, Truck, Van, Book);

/** Hierarchies of several levels, of one table and of several, and relations that lead into them. */
export function hierarchyCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into owners values (1, 'Ann'), (2, 'Bob')`,
      `insert into things (id, kind, label, owner_id, pages) values (1, 'thing', 'pen', 1, null), (2, 'car', 'mini', 1, null), (3, 'car', 'mack', 2, null), (4, 'car', 'bus', 1, null), (5, 'book', 'tome', 2, 900), (6, 'car', 'audi', null, null)`,
      `insert into cars (id, seats, form, driver_id, height) values (2, 4, null, 2, null), (3, 2, 'x', 1, null), (4, 9, 'van', 1, 3), (6, 5, null, null, null)`,
      'insert into trucks values (3, 20)',
      'insert into parts values (1, 2), (2, 3), (3, 3), (4, 4)',
    );
  });
  const label = (things: readonly { label: string }[]): string[] => things.map((thing) => thing.label);

  test('every row is of its own class, whichever class is asked', async () => {
    const session = db.session();
    const things = await session.query(Thing).orderBy(Thing.c.id).all();
    const cars = await db.session().query(Car).orderBy(Car.c.id).all();

    expect(things.map((thing) => thing.constructor)).toEqual([Thing, Car, Truck, Van, Book, Car]);
    expect(cars.map((car) => car.constructor)).toEqual([Car, Truck, Van, Car]);
    expect((things[2] as Truck).load + (things[2] as Truck).seats).toBe(22);
    expect([(things[3] as Van).height, (things[4] as Book).pages]).toEqual([3, 900]);
    expect(await session.query(Truck).all()).toEqual([things[2]]);
    expect(await session.query(Van).all()).toEqual([things[3]]);
    expect(await session.get(Truck, 3)).toBe(things[2]);
    expect(await session.get(Van, 3)).toBeNull();
    expect(await db.session().get(Car, 5)).toBeNull();
    expect((await db.session().get(Thing, 3))!.constructor).toBe(Truck);
  });

  test('conditions, orders and terminals over the tables of a hierarchy', async () => {
    const trucks = db.session().query(Truck).where(Truck.c.label.eq('mack'), Truck.c.seats.lt(3), Truck.c.load.gt(1));
    const cars = db.session().query(Car).orderBy(Car.c.label.desc());

    expect(label(await trucks.orderBy(Truck.c.label).all())).toEqual(['mack']);
    expect([
      await trucks.count(),
      await trucks.exists(),
      await cars.count(),
      await cars.limit(3).offset(1).count(),
    ]).toEqual([1, true, 4, 3]);
    expect(label(await cars.limit(2).all())).toEqual(['mini', 'mack']);
    expect(label(await db.session().query(Van).filterBy({ label: 'bus', seats: 9, height: 3 }).all())).toEqual(['bus']);
    const streamed: string[] = [];
    for await (const car of cars.stream()) streamed.push(car.label);
    expect(streamed).toEqual(['mini', 'mack', 'bus', 'audi']);
  });

  test('relations into the hierarchy, at each of its levels', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Owner)
        .orderBy(Owner.c.id)
        .with({ things: true, cars: { parts: true }, vans: true, driven: { owner: true, driver: true } })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((owner) => label(owner.things.items))).toEqual([
      ['pen', 'mini', 'bus'],
      ['mack', 'tome'],
    ]);
    expect(result.map((owner) => label(owner.cars.items))).toEqual([['mini', 'bus'], ['mack']]);
    expect(result.map((owner) => label(owner.vans.items))).toEqual([['bus'], []]);
    expect(result.map((owner) => label(owner.driven.items))).toEqual([['mack', 'bus'], ['mini']]);
    expect(result[0]!.driven.items[0]!.owner.value).toBe(result[1]);
    expect(result[1]!.cars.items[0]!.parts.items.map((part) => part.id)).toEqual([2, 3]);
    expect(result[1]!.cars.items[0]!.constructor).toBe(Truck);
  });

  test('relations out of it, of the class and of its bases', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Truck)
        .with({ owner: true, driver: { driven: true }, parts: { car: true } })
        .all(),
    );

    expect(trips).toBe(1);
    const [truck] = result;
    expect([truck!.owner.value!.name, truck!.driver.value!.name]).toEqual(['Bob', 'Ann']);
    expect(truck!.parts.items.map((part) => part.car.value)).toEqual([truck, truck]);
    expect(label(truck!.driver.value!.driven.items)).toEqual(['mack', 'bus']);
  });

  test('parts: a subclass of the target, limited, with relations of its own', async () => {
    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Owner)
        .orderBy(Owner.c.id)
        .with({ things: select(Car).orderBy(Car.c.seats.desc()).limit(1).with({ parts: true }) })
        .all(),
    );

    expect(trips).toBe(1);
    expect(result.map((owner) => label(owner.things.subset))).toEqual([['bus'], ['mack']]);
    expect(result.map((owner) => owner.things.subset[0]!.parts.items.length)).toEqual([1, 2]);
    expect(result.map((owner) => owner.things.subset[0]!.constructor)).toEqual([Van, Truck]);
  });

  test('conditions over relations into the hierarchy', async () => {
    const owners = async (condition: ReturnType<typeof Owner.c.cars.some>): Promise<string[]> =>
      (await db.session().query(Owner).where(condition).orderBy(Owner.c.id).all()).map((owner) => owner.name);

    expect(await owners(Owner.c.things.some(Thing.c.label.eq('tome')))).toEqual(['Bob']);
    expect(await owners(Owner.c.cars.some(Car.c.seats.gt(8)))).toEqual(['Ann']);
    expect(await owners(Owner.c.cars.some(Car.c.label.eq('mack')))).toEqual(['Bob']);
    expect(await owners(Owner.c.vans.some())).toEqual(['Ann']);
    expect(await owners(Owner.c.vans.none())).toEqual(['Bob']);
    expect(await owners(Owner.c.cars.every(Car.c.seats.lt(9)))).toEqual(['Bob']);
    expect(
      label(
        await db
          .session()
          .query(Car)
          .where(Car.c.driver.has(Owner.c.name.eq('Ann')))
          .orderBy(Car.c.id)
          .all(),
      ),
    ).toEqual(['mack', 'bus']);
    expect(
      label(
        await db
          .session()
          .query(Truck)
          .where(Truck.c.owner.has(Owner.c.name.eq('Bob')), Truck.c.parts.some())
          .all(),
      ),
    ).toEqual(['mack']);
  });

  test('a loop over entities of several classes loads each relation once', async () => {
    const session = db.session();
    const cars = await session.query(Car).orderBy(Car.c.id).all();
    const { result, trips } = await db.record(async () => {
      const seen: unknown[] = [];
      for (const car of cars) seen.push((await car.parts).length, (await car.owner)?.name, (await car.driver)?.name);
      return seen;
    });

    expect(result).toEqual([1, 'Ann', 'Bob', 2, 'Bob', 'Ann', 1, 'Ann', 'Ann', 0, undefined, undefined]);
    expect(trips).toBe(2); // parts, owners; the drivers are owners, in memory by then
  });

  test('members of rows', async () => {
    const rows = await db
      .session()
      .all(
        select({ owner: Owner.c.name, car: Car })
          .from(Car)
          .leftJoin(Owner, Owner.c.id.eq(Car.c.ownerId))
          .orderBy(Car.c.id),
      );
    const things = await db
      .session()
      .all(
        select({ thing: Thing, owner: Owner })
          .from(Owner)
          .rightJoin(Thing, Thing.c.ownerId.eq(Owner.c.id))
          .orderBy(Thing.c.id),
      );

    expect(rows.map(({ owner, car }) => [owner, car.constructor, car.label])).toEqual([
      ['Ann', Car, 'mini'],
      ['Bob', Truck, 'mack'],
      ['Ann', Van, 'bus'],
      [null, Car, 'audi'],
    ]);
    expect(things.map(({ thing, owner }) => [thing.constructor, owner?.name ?? null])).toEqual([
      [Thing, 'Ann'],
      [Car, 'Ann'],
      [Truck, 'Bob'],
      [Van, 'Ann'],
      [Book, 'Bob'],
      [Car, null],
    ]);
  });

  test('loadOnly over several tables', async () => {
    const cars = await db.session().query(Car).loadOnly('label').orderBy(Car.c.id).with({ parts: true }).all();

    expect(label(cars)).toEqual(['mini', 'mack', 'bus', 'audi']);
    expect(cars.map((car) => car.parts.items.length)).toEqual([1, 2, 1, 0]);
    expect(Object.hasOwn(cars[0]!, 'seats')).toBe(false);
  });
}
