import {
  and,
  assign,
  createEngine,
  declarativeBase,
  extend,
  insert,
  insertMany,
  integer,
  many,
  merge,
  on,
  one,
  rowFilter,
  select,
  Session,
  sql,
  text,
  timestamp,
  update,
  upsert,
  validate,
} from 'cinnabar';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Tenant extends Model('tenants', { id: integer().primaryKey(), name: text() }) {}
/** Nobody has to give the tenant: a relation may, or the filter. */
const Owned = Model.with({ tenantId: integer().references('tenants.id') });

class Project extends Owned('projects', {
  id: integer().primaryKey(),
  name: text().unique(),
  doneAt: timestamp().nullable(),
  get tenant() {
    return one(Tenant, { by: 'tenantId' });
  },
  get tasks() {
    return many(Task, { by: 'projectId' });
  },
}) {}
class Task extends Owned('tasks', {
  id: integer().primaryKey(),
  title: text(),
  projectId: integer().nullable().references('projects.id'),
}) {}
validate(Project, ({ name }) => (name === 'no' ? 'is no name' : undefined));

/** Rows of one class alone are filtered. */
class Pet extends Model('pets', { id: integer().primaryKey(), kind: text(), home: integer().nullable() }) {}
class Dog extends extend(Pet, { kind: 'dog' }, {}) {}
Model.register(Dog);
/** A filter that leaves writes alone. */
class Page extends Model('pages', { id: integer().primaryKey(), lang: text() }) {}

const tenant = rowFilter('tenant', { id: integer() }).on(Owned, (row, { id }) => row.tenantId.eq(id));
const open = rowFilter('open').on(Project, (row) => row.doneAt.isNull());
const home = rowFilter('home', { at: integer(), least: integer() }).on(Dog, (dog, { at, least }) =>
  and(at.eq(dog.home), dog.id.gte(least)),
);
const lang = rowFilter('lang', { is: text() }, { checkWrites: false }).on(Page, (page, { is }) => page.lang.eq(is));

/** What sessions with filters write. */
export function filteredWriteCases(openDriver: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await openDriver(), Model.metadata);
    await db.run(
      `insert into tenants (id, name) values (1, 'one'), (2, 'two')`,
      `insert into projects (id, name, tenant_id) values (1, 'mine', 1), (2, 'theirs', 2)`,
    );
    await db.advanceKeys();
    session = db.session();
    tenant.set(session, { id: 1 });
  });
  const refused = async (work: () => Promise<unknown>, model: string, attribute = 'tenantId'): Promise<void> => {
    const { error, calls } = await db.failure(work);
    expect(error).toMatchObject({ code: 'InvalidValueError', outcome: 'not sent', model, attributes: [attribute] });
    expect(calls).toBe(0);
  };
  const owners = (): Promise<readonly unknown[][]> =>
    db.rows('select name, tenant_id from projects order by id') as Promise<unknown[][]>;

  describe('a new entity', () => {
    test('without a value gets that of the filter, with all that it reaches', async () => {
      const project = new Project({ name: 'new', tasks: [new Task({ title: 'a' }), new Task({ title: 'b' })] });
      session.add(project);
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(project.tenantId).toBe(1);
      expect(await db.values('select tenant_id from tasks')).toEqual([1, 1]);
      expect(await session.query(Project).count()).toBe(2);
    });

    test('with the value is written, and with another refused', async () => {
      session.add(new Project({ name: 'right', tenantId: 1 }));
      const wrong = new Project({ name: 'wrong', tenantId: 2 });
      session.add(wrong);
      await refused(() => session.commit(), 'Project');
      wrong.tenantId = 1;
      await session.commit();
      expect((await owners()).slice(2)).toEqual([
        ['right', 1],
        ['wrong', 1],
      ]);
    });

    test('with the relation to another tenant, or to one that is new, is refused', async () => {
      const [one1, two] = [(await session.get(Tenant, 1))!, (await session.get(Tenant, 2))!];
      const project = new Project({ name: 'x', tenant: two });
      session.add(project);
      await refused(() => session.commit(), 'Project');
      project.tenant.set(new Tenant({ name: 'three' }));
      await refused(() => session.commit(), 'Project');
      project.tenant.set(one1);
      await session.commit();
      expect((await owners()).at(-1)).toEqual(['x', 1]);
    });

    test('is completed after handlers, and looked at as it is when it is taken', async () => {
      const off = on(Project, 'beforeInsert', (project) => {
        if (project.name === 'evil') project.tenantId = 2;
      });
      const evil = new Project({ name: 'evil' });
      session.add(evil);
      await refused(() => session.commit(), 'Project');
      off();
      await session.rollback();
      const late = new Project({ name: 'late', tenantId: 1 });
      session.add(late);
      const commit = session.commit();
      late.tenantId = 2;
      await commit;
      expect((await owners()).at(-1)).toEqual(['late', 1]);
      await refused(() => session.commit(), 'Project');
      await session.rollback();
      session.add(new Project({ name: 'no' }));
      expect(await session.commit().catch((error: unknown) => error)).toMatchObject({
        code: 'InvalidValueError',
        message: 'Project: is no name',
      });
    });

    test('of another tenant is not merged in', async () => {
      await merge(session, Project, { id: 9, name: 'merged', tenantId: 2 } as never);
      await refused(() => session.commit(), 'Project');
    });
  });

  describe('a change', () => {
    test('to another value is refused, by assignment or relation', async () => {
      const mine = (await session.get(Project, 1))!;
      mine.tenantId = 2;
      await refused(() => session.commit(), 'Project');
      await session.rollback();
      mine.tenant.set((await session.get(Tenant, 2))!);
      await refused(() => session.commit(), 'Project');
      await session.rollback();
      mine.name = 'renamed';
      await session.commit();
      expect(await owners()).toEqual([
        ['renamed', 1],
        ['theirs', 2],
      ]);
    });

    test('of a row that a lifted query brought leaves it where it is, or brings it home', async () => {
      const theirs = await tenant.lift(session.query(Project)).where(Project.c.id.eq(2)).one();
      theirs.name = 'seen';
      await session.commit();
      theirs.tenantId = 1;
      await session.commit();
      expect(await owners()).toEqual([
        ['mine', 1],
        ['seen', 1],
      ]);
    });

    test('out of what no value of the filter says is free: a soft delete', async () => {
      const mine = (await session.get(Project, 1))!;
      mine.doneAt = new Date(0);
      await session.commit();
      expect(await session.query(Project).count()).toBe(0);
      expect(await open.lift(session.query(Project)).count()).toBe(1);
    });
  });

  describe('a statement', () => {
    test('that inserts another value, none, or one that nobody knows is refused', async () => {
      const row = (tenantId: number) => ({ name: `n${tenantId}`, tenantId });
      await refused(() => session.run(insert(Project).values(row(1), row(2))), 'projects');
      await refused(() => session.run(insert(Project).values({ name: 'x' } as never)), 'projects');
      await refused(() => insertMany(session, Project, [row(2)]), 'projects');
      await refused(() => upsert(session, Project, [row(2)], { on: ['name'] }), 'projects');
      await refused(() => session.all(insert(Project).values(row(2)).returning()), 'projects');
      const move = insert(Project)
        .values(row(1))
        .onConflict('name')
        .update(() => ({ tenantId: 2 }));
      await refused(() => session.run(move), 'projects');
      await session.run(insert(Project).values(row(1)));
      await insertMany(session, Project, [{ name: 'many', tenantId: 1 }]);
      await upsert(session, Project, [{ name: 'many', tenantId: 1 }], { on: ['name'] });
      expect((await owners()).slice(2)).toEqual([
        ['n1', 1],
        ['many', 1],
      ]);
    });

    test('that inserts what it reads takes rows of the filter alone', async () => {
      const copy = insert(Task).from(select({ title: Project.c.name, tenantId: Project.c.tenantId }).from(Project));
      expect(await session.run(copy)).toBe(1);
      const lifted = tenant.lift(select({ title: Project.c.name, tenantId: Project.c.tenantId }).from(Project));
      await refused(() => session.run(insert(Task).from(lifted)), 'tasks');
      const other = select({ title: Tenant.c.name, tenantId: Tenant.c.id }).from(Tenant);
      await refused(() => session.run(insert(Task).from(other)), 'tasks');
      expect(await db.rows('select title, tenant_id from tasks')).toEqual([['mine', 1]]);
    });

    test('that changes the value is refused, unless the filter is lifted', async () => {
      const move = (to: unknown) =>
        update(Project)
          .set({ tenantId: to as number })
          .where(Project.c.id.eq(1));
      await refused(() => session.run(move(2)), 'projects');
      await refused(() => session.run(move(sql`2`)), 'projects');
      expect(await session.run(move(1))).toBe(1);
      expect(await session.run(tenant.lift(move(2)))).toBe(1);
      const theirs = insert(Project).values({ name: 'lifted', tenantId: 2 });
      expect(await session.run(tenant.lift(theirs))).toBe(1);
      expect(await owners()).toEqual([
        ['mine', 2],
        ['theirs', 2],
        ['lifted', 2],
      ]);
    });
  });

  test('a session that lacks the values writes what it is given', async () => {
    const admin = db.session();
    admin.addAll([new Project({ name: 'a', tenantId: 1 }), new Project({ name: 'b', tenantId: 2 })]);
    await admin.commit();
    expect((await owners()).slice(2)).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('values of an engine hold for its sessions, and for their transactions', async () => {
    const engine = createEngine(db.driver);
    tenant.set(engine, { id: 2 });
    const own = new Session(engine);
    own.add(new Task({ title: 'x' }));
    await own.commit();
    expect(await db.values('select tenant_id from tasks')).toEqual([2]);
    if (!own.isInteractive()) return;
    const work = own.transaction(async (tx) => {
      tx.add(new Task({ title: 'y' }));
      await tx.flush();
      tx.add(new Task({ title: 'z', tenantId: 1 }));
      await tx.flush();
    });
    expect(await work.catch((error: unknown) => error)).toMatchObject({ code: 'InvalidValueError', model: 'Task' });
    expect(await db.values('select title from tasks')).toEqual(['x']);
  });

  test('a filter of a subclass is of its rows alone', async () => {
    home.set(session, { at: 7, least: 0 });
    const [dog, pet] = [new Dog({ id: 5 }), new Pet({ kind: 'cat', home: 3 })];
    session.addAll([dog, pet]);
    await session.commit();
    expect([dog.home, pet.home]).toEqual([7, 3]);
    dog.home = 8;
    await refused(() => session.commit(), 'Dog', 'home');
    await session.rollback();
    assign(dog, { home: Dog.c.home.plus(0) });
    await refused(() => session.commit(), 'Dog', 'home');
  });

  test('a filter may leave writes alone', async () => {
    lang.set(session, { is: 'en' });
    session.add(new Page({ lang: 'fr' }));
    await session.commit();
    expect(await db.values('select lang from pages')).toEqual(['fr']);
  });
}
