import { declarativeBase, deleteFrom, extend, integer, many, ofType, one, select, text, update } from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Company extends Model('companies', {
  id: integer().primaryKey(),
  name: text(),
  get staff() {
    return many(Employee, { by: 'companyId' });
  },
  get managers() {
    return many(Manager, { by: 'companyId' });
  },
}) {}

/** A kind that a further subclass has not: a text to the compiler. */
const someKind = (kind: string): { kind: string } => ({ kind });

/** Three levels in one table, told by one column; the base says which rows are its own. */
class Employee extends Model(
  'employees',
  {
    id: integer().primaryKey(),
    kind: text().default('employee'),
    name: text(),
    companyId: integer().nullable().references('companies.id'),
    bossId: integer().nullable().references('employees.id'),
    get company() {
      return one(Company).nullable();
    },
    get boss() {
      return one(Manager, { by: 'bossId' }).nullable();
    },
  },
  { rows: { kind: 'employee' } },
) {}
class Manager extends extend(Employee, someKind('manager'), {
  level: integer(),
  get reports() {
    return many(Employee, { by: 'bossId' });
  },
}) {}
class Director extends extend(Manager, { kind: 'director' }, { car: text().nullable() }) {}
Model.register(Manager, Director);

/** Three levels of tables, told by a column of the first; the base is abstract. */
class Part extends Model(
  'parts',
  {
    id: integer().primaryKey(),
    kind: text(),
    label: text(),
    ownerId: integer().nullable().references('companies.id'),
  },
  { abstract: true },
) {}
class Engine extends extend(Part, 'engines', { power: integer() }, someKind('engine')) {}
class Turbine extends extend(Engine, 'turbines', { blades: integer() }, { kind: 'turbine' }) {}
class Wheel extends extend(Part, 'wheels', { size: integer() }, { kind: 'wheel' }) {}
Model.register(Engine, Turbine, Wheel);

/** Hierarchies that are told by one column at every level, abstract bases, and rows of no class. */
export function inheritanceCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });
  const names = (found: readonly { name: string }[]): string[] => found.map(({ name }) => name);

  describe('three levels in one table', () => {
    const given = async (): Promise<void> => {
      await db.run(
        `insert into companies (id, name) values (1, 'Acme'), (2, 'Bolt')`,
        `insert into employees (id, kind, name, company_id, boss_id, level, car) values
          (1, 'director', 'Dora', 1, null, 3, 'red'), (2, 'manager', 'Max', 1, 1, 1, null),
          (3, 'employee', 'Eve', 1, 2, null, null), (4, 'employee', 'Ed', 2, 1, null, null)`,
      );
      await db.advanceKeys();
    };

    test('are written with the kind of their class', async () => {
      const session = db.session();
      const director = new Director({ name: 'Dora', level: 3, car: 'red' });
      const boss = new Manager({ name: 'Max', level: 1, boss: director });
      session.addAll([new Employee({ name: 'Eve', boss }), boss, director]);
      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(await db.rows('select kind, name, level, car from employees order by name')).toEqual([
        ['director', 'Dora', 3, 'red'],
        ['employee', 'Eve', null, null],
        ['manager', 'Max', 1, null],
      ]);
      expect([director.kind, boss.kind]).toEqual(['director', 'manager']);
    });

    test('a query of each level has its rows and those below, each as its class, in one trip', async () => {
      await given();
      const { result, trips } = await db.record(() => db.session().query(Employee).orderBy(Employee.c.id).all());

      expect(trips).toBe(1);
      expect(result.map((item) => item.constructor)).toEqual([Director, Manager, Employee, Employee]);
      expect((result[0] as Director).car).toBe('red');
      expect(names(await db.session().query(Manager).orderBy(Manager.c.id).all())).toEqual(['Dora', 'Max']);
      expect(names(await db.session().query(Director).all())).toEqual(['Dora']);
      expect(await db.session().query(Manager).count()).toBe(2);
      expect(await db.session().query(Director).where(Director.c.car.eq('blue')).exists()).toBe(false);
      const session = db.session();
      expect(await session.get(Manager, 3)).toBeNull();
      expect(await session.get(Director, 2)).toBeNull();
      expect((await session.get(Employee, 1))!.constructor).toBe(Director);
      expect(await session.get(Director, 1)).toBe(await session.get(Manager, 1));
    });

    test('relations to a level, eager and lazy, and conditions over them', async () => {
      await given();
      const [acme, bolt] = await db.session().query(Company).orderBy(Company.c.id).with({ managers: true }).all();
      expect([names(acme!.managers.items), names(bolt!.managers.items)]).toEqual([['Dora', 'Max'], []]);
      const lazy = (await db.session().get(Company, 1))!;
      expect(names(await lazy.managers)).toEqual(['Dora', 'Max']);
      expect(names(await lazy.staff)).toEqual(['Dora', 'Max', 'Eve']);
      expect(names(await db.session().query(Company).where(Company.c.managers.none()).all())).toEqual(['Bolt']);
      const joined = select({ of: Company.c.name, name: Manager.c.name })
        .from(Company)
        .innerJoin(Manager, Manager.c.companyId.eq(Company.c.id));
      expect(names(await db.session().all(joined)).toSorted()).toEqual(['Dora', 'Max']);
      const related = select(Company).join(Company.c.managers).where(Manager.c.name.ne('Max'));
      expect(names(await db.session().all(related))).toEqual(['Acme']);
      const eve = await db.session().query(Employee).where(Employee.c.name.eq('Eve')).with({ boss: true }).one();
      expect(eve.boss.value).toBeInstanceOf(Manager);
      expect(names(await eve.boss.value!.reports)).toEqual(['Eve']);
    });

    test('statements that write keep to their level', async () => {
      await given();
      const session = db.session();
      expect(await session.run(update(Manager).set({ level: 9 }).allRows())).toBe(2);
      expect(await session.run(update(Director).set({ car: null }).where(Director.c.id.gt(0)))).toBe(1);
      await db.run('update employees set boss_id = null');
      expect(await session.run(deleteFrom(Manager).allRows())).toBe(2);
      expect(await db.values('select name from employees order by id')).toEqual(['Eve', 'Ed']);
    });

    test('a row of a kind that no class has is a typed error, and so is one that changes its kind', async () => {
      await given();
      await db.run(`update employees set kind = 'robot' where id = 4`);
      const { error } = await db.failure(() => db.session().query(Employee).all());
      expect(error).toMatchObject({
        code: 'ConfigurationError',
        model: 'Employee',
        table: 'employees',
        attributes: ['kind'],
      });
      expect((error as Error).message).toMatch(/no class that its kind would tell: extend\(Employee, …\)/);
      expect((error as Error).message).not.toContain('robot');
      expect(names(await db.session().query(Manager).orderBy(Manager.c.id).all())).toEqual(['Dora', 'Max']);

      const session = db.session();
      const max = (await session.get(Manager, 2))!;
      max.kind = 'director';
      expect((await db.failure(() => session.commit())).error).toMatchObject({
        code: 'ConfigurationError',
        message: 'Manager.kind of a Manager (key: id) tells what class a row is of, and cannot be changed',
      });
      expect(() => new Employee({ name: 'x', kind: 'manager' })).toThrow(/is what tells its rows/);
    });
  });

  describe('three levels of tables, under an abstract base', () => {
    test('are written, read and deleted at every level', async () => {
      const session = db.session();
      const turbine = new Turbine({ label: 't', power: 9, blades: 30 });
      session.addAll([turbine, new Engine({ label: 'e', power: 5 }), new Wheel({ label: 'w', size: 20 })]);
      await session.commit();
      expect(await db.rows('select kind, label from parts order by label')).toEqual([
        ['engine', 'e'],
        ['turbine', 't'],
        ['wheel', 'w'],
      ]);

      const parts = await db.session().query(Part).orderBy(Part.c.label).all();
      expect(parts.map((part) => part.constructor)).toEqual([Engine, Turbine, Wheel]);
      const engines = await db.session().query(Engine).orderBy(Engine.c.power).all();
      expect(engines.map((engine) => [engine.constructor, engine.power])).toEqual([
        [Engine, 5],
        [Turbine, 9],
      ]);
      expect(await db.session().query(Turbine).count()).toBe(1);
      turbine.power = 10;
      turbine.blades = 31;
      turbine.label = 'T';
      await session.commit();
      expect(await db.rows('select power from engines order by power')).toEqual([[5], [10]]);
      session.delete(turbine);
      await session.commit();
      expect(await db.values('select count(*) from turbines')).toEqual([0]);
      expect(await db.session().query(Part).count()).toBe(2);
    });

    test('conditions on a column of a subclass in a query of the base, also where it is counted', async () => {
      const session = db.session();
      session.addAll([new Turbine({ label: 't', power: 9, blades: 30 }), new Wheel({ label: 'w', size: 20 })]);
      await session.commit();
      const strong = db.session().query(Part).where(Engine.c.power.gt(5));

      expect((await strong.all()).map(({ label }) => label)).toEqual(['t']);
      expect([await strong.count(), await strong.limit(5).count(), await strong.exists()]).toEqual([1, 1, true]);
      const found: string[] = [];
      for await (const part of strong.stream()) found.push(part.label);
      expect(found).toEqual(['t']);
    });

    test('nobody makes one of the base, and a row of none is a typed error', async () => {
      expect(() => new Part({ kind: 'engine', label: 'x' })).toThrow(
        expect.objectContaining({
          code: 'ConfigurationError',
          message: expect.stringMatching(/Part.*abstract/) as string,
        }) as Error,
      );
      await db.run(`insert into parts (id, kind, label) values (1, 'bolt', 'x')`);
      const { error } = await db.failure(() => db.session().get(Part, 1));
      expect(error).toMatchObject({ code: 'ConfigurationError', model: 'Part', attributes: ['kind'] });
    });
  });

  test('ofType: conditions over a relation to a base, on columns of a subclass', async () => {
    const M = declarativeBase();
    class Owner extends M('owners', {
      id: integer().primaryKey(),
      name: text(),
      get pets() {
        return many(Pet);
      },
    }) {}
    class Pet extends M('pets', {
      id: integer().primaryKey(),
      kind: text(),
      ownerId: integer().references('owners.id'),
    }) {}
    class Dog extends extend(Pet, { kind: 'dog' }, { barks: integer() }) {}
    class Bird extends extend(Pet, 'birds', { wings: integer() }, { kind: 'bird' }) {}
    M.register(Dog, Bird);
    const own = await freshDatabase(await open(), M.metadata);
    const session = own.session();
    session.addAll([
      new Owner({ name: 'Ann', pets: [new Dog({ barks: 9 }), new Bird({ wings: 2 })] }),
      new Owner({ name: 'Bob', pets: [new Dog({ barks: 1 })] }),
    ]);
    await session.commit();
    const owners = async (condition: ReturnType<typeof Owner.c.pets.some>): Promise<string[]> =>
      names(await own.session().query(Owner).where(condition).orderBy(Owner.c.id).all());

    expect(await owners(ofType(Owner.c.pets, Dog).some(Dog.c.barks.gt(5)))).toEqual(['Ann']);
    expect(await owners(ofType(Owner.c.pets, Dog).every(Dog.c.barks.gt(5)))).toEqual(['Ann']);
    expect(await owners(ofType(Owner.c.pets, Bird).some(Bird.c.wings.eq(2)))).toEqual(['Ann']);
    expect(await owners(ofType(Owner.c.pets, Bird).none())).toEqual(['Bob']);
    const joined = select(Owner).join(ofType(Owner.c.pets, Bird)).where(Bird.c.wings.gt(1));
    expect(names(await own.session().all(joined))).toEqual(['Ann']);
    const [ann] = await own
      .session()
      .query(Owner)
      .with({ pets: select(Dog) })
      .orderBy(Owner.c.id)
      .all();
    expect(ann!.pets.subset.map((dog) => dog.barks)).toEqual([9]);
    expect(() => (ofType(Owner.c.pets, Owner as never) as { some(): unknown }).some()).toThrow(/Owner is no Pet/);
    expect(() => ofType({} as never, Dog)).toThrow(/expected a relation/);
  });
}
