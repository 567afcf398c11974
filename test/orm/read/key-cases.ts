import {
  bigint,
  custom,
  declarativeBase,
  double,
  integer,
  many,
  numeric,
  one,
  select,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

type Values = [first: string, second: string];

/** Relations over keys of every type, and over columns that are no primary key. */
export function keyCases(open: OpenDriver): void {
  const one1 = '00000000-0000-4000-8000-000000000001';
  const two = '00000000-0000-4000-8000-000000000002';
  test.for<[string, unknown, Values | Record<'sqlite' | 'postgres', Values>, unknown]>([
    ['bigint', bigint(), ['9007199254740993', '-9223372036854775808'], 9007199254740993n],
    ['text', text(), [`'a''b'`, `'10'`], "a'b"],
    ['uuid', uuid(), [`'${one1}'`, `'${two}'`], one1],
    ['a short decimal', numeric(10, 2), { sqlite: ['150', '-5'], postgres: ['1.50', '-0.05'] }, '1.50'],
    ['a long decimal', numeric(30, 2), [`'1.50'`, `'-0.05'`], '1.50'],
    [
      'timestamp',
      timestamp(),
      {
        sqlite: [`'2020-01-01T00:00:00.000Z'`, `'0000-01-01T00:00:00.000Z'`],
        postgres: [`'2020-01-01T00:00:00Z'`, `'0001-01-01T00:00:00Z BC'`],
      },
      new Date('2020-01-01'),
    ],
    ['double', double(), ['0.1', '5e-324'], 0.1],
    [
      'a type of one’s own',
      custom(text(), { read: (s) => ({ s }), write: (v: { s: string }) => v.s }),
      [`'x'`, `'y'`],
      { s: 'x' },
    ],
  ])('%s', async ([, type, literals, key]) => {
    const Model = declarativeBase();
    class Parent extends Model('parents', {
      id: (type as ReturnType<typeof text>).primaryKey({ generated: false }),
      get children() {
        return many(Child);
      },
    }) {}
    class Child extends Model('children', {
      id: integer().primaryKey(),
      parentId: (type as ReturnType<typeof text>).references('parents.id').nullable(),
      get parent() {
        return one(Parent).nullable();
      },
    }) {}
    const db = await freshDatabase(await open(), Model.metadata);
    const [first, second] = Array.isArray(literals) ? literals : db.by(literals);
    await db.run(
      `insert into parents values (${first}), (${second})`,
      `insert into children values (1, ${first}), (2, ${second}), (3, ${first}), (4, null)`,
    );

    const eager = await db.record(() =>
      db
        .session()
        .query(Child)
        .orderBy(Child.c.id)
        .with({ parent: { children: true } })
        .all(),
    );
    expect(eager.trips).toBe(1);
    const [a, b, c, d] = eager.result;
    expect(a!.parent.value!.id).toEqual(key);
    expect(a!.parent.value).toBe(c!.parent.value);
    expect(a!.parent.value!.children.items).toEqual([a, c]);
    expect(b!.parent.value!.children.items).toEqual([b]);
    expect(d!.parent.value).toBeNull();

    const lazy = db.session();
    const children = await lazy.query(Child).orderBy(Child.c.id).all();
    const { result, trips } = await db.record(async () => {
      const counts: (number | undefined)[] = [];
      for (const child of children) counts.push((await (await child.parent)?.children)?.length);
      return counts;
    });
    expect(result).toEqual([2, 1, 2, undefined]);
    expect(trips).toBe(2);
    const parent = await lazy.get(Parent, key as never);
    expect(parent).toBe(await children[0]!.parent);
    expect(await lazy.query(Child).filterBy({ parent: parent! }).count()).toBe(2);
    expect(
      await lazy
        .query(Parent)
        .where(Parent.c.children.some(Child.c.id.eq(2)))
        .count(),
    ).toBe(1);
  });

  describe('a foreign key to a unique column', () => {
    const Model = declarativeBase();
    class Country extends Model('countries', {
      id: integer().primaryKey(),
      code: text().unique(),
      name: text(),
      get cities() {
        return many(City);
      },
    }) {}
    class City extends Model('cities', {
      id: integer().primaryKey(),
      name: text(),
      code: text().nullable().references('countries.code'),
      get country() {
        return one(Country).nullable();
      },
    }) {}

    test('leads both ways, eagerly, lazily, and with some of the columns', async () => {
      const db = await freshDatabase(await open(), Model.metadata);
      await db.run(
        `insert into countries values (1, 'fr', 'France'), (2, 'it', 'Italy')`,
        `insert into cities values (1, 'Paris', 'fr'), (2, 'Rome', 'it'), (3, 'Lyon', 'fr'), (4, 'Nowhere', null)`,
      );
      const names = (cities: readonly { name: string }[]): string[] => cities.map((city) => city.name);

      const eager = await db.record(() =>
        db
          .session()
          .query(Country)
          .orderBy(Country.c.id)
          .with({ cities: { country: true } })
          .all(),
      );
      expect(eager.trips).toBe(1);
      expect(eager.result.map((country) => names(country.cities.items))).toEqual([['Paris', 'Lyon'], ['Rome']]);
      expect(eager.result[0]!.cities.items[1]!.country.value).toBe(eager.result[0]);

      const some = await db
        .session()
        .query(Country)
        .loadOnly('name')
        .orderBy(Country.c.id)
        .with({ cities: select(City).loadOnly('name').orderBy(City.c.name) })
        .all();
      expect(some.map((country) => names(country.cities.subset))).toEqual([['Lyon', 'Paris'], ['Rome']]);
      const parts = await db
        .session()
        .query(City)
        .loadOnly('name')
        .orderBy(City.c.id)
        .with({ country: select(Country).loadOnly('name') })
        .all();
      expect(parts.map((city) => names(city.country.subset))).toEqual([['France'], ['Italy'], ['France'], []]);

      const cities = await db.session().query(City).orderBy(City.c.id).all();
      const lazy = await db.record(async () => {
        const found: (string | undefined)[] = [];
        for (const city of cities) found.push((await city.country)?.name);
        return found;
      });
      expect([lazy.trips, lazy.result]).toEqual([1, ['France', 'Italy', 'France', undefined]]);
    });
  });

  test('a part reads what its parents refer to it by, though no relation of its own needs it', async () => {
    const Model = declarativeBase();
    class Country extends Model('countries', { id: integer().primaryKey(), code: text().unique(), name: text() }) {}
    class City extends Model('cities', {
      id: integer().primaryKey(),
      code: text().references('countries.code'),
      get country() {
        return one(Country);
      },
    }) {}
    const db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into countries values (1, 'fr', 'France'), (2, 'it', 'Italy')`,
      `insert into cities values (1, 'it'), (2, 'fr')`,
    );
    const cities = await db
      .session()
      .query(City)
      .orderBy(City.c.id)
      .with({ country: select(Country).loadOnly('name') })
      .all();

    expect(cities.map((city) => city.country.subset.map((country) => country.name))).toEqual([['Italy'], ['France']]);
  });

  test('a model and itself over a link table', async () => {
    const Model = declarativeBase();
    class Person extends Model('people', {
      id: integer().primaryKey(),
      get follows() {
        return many(Person, { through: 'followings', by: 'fromId', inverse: 'toId' });
      },
      get followers() {
        return many(Person, { through: 'followings', by: 'toId', inverse: 'fromId' });
      },
    }) {}
    const db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      'insert into people values (1), (2), (3)',
      'insert into followings (from_id, to_id) values (1, 2), (1, 3), (2, 1), (3, 3)',
    );

    const { result, trips } = await db.record(() =>
      db
        .session()
        .query(Person)
        .orderBy(Person.c.id)
        .with({ follows: { followers: true }, followers: true })
        .all(),
    );
    const ids = (people: readonly Person[]): number[] => people.map((person) => person.id);

    expect(trips).toBe(1);
    expect(result.map((person) => [ids(person.follows.items), ids(person.followers.items)])).toEqual([
      [[2, 3], [2]],
      [[1], [1]],
      [[3], [1, 3]],
    ]);
    expect(
      await db
        .session()
        .query(Person)
        .where(Person.c.follows.some(Person.c.id.eq(3)))
        .count(),
    ).toBe(2);
    expect(
      await db
        .session()
        .query(Person)
        .where(Person.c.followers.none(Person.c.id.eq(1)))
        .count(),
    ).toBe(1);
  });
}
