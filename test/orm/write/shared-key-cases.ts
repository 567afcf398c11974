import { declarativeBase, inspect, integer, isCinnabarError, many, one, refreshAll, Session, text } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

// Foreign keys that share a column which is never NULL: rows of a tenant refer to rows of the same tenant, or to nothing.

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
  },
  {
    foreignKeys: [
      { columns: ['tenant', 'ownerId'], references: 'persons' },
      { columns: ['tenant', 'reviewerId'], references: 'persons' },
      { columns: ['tenant', 'withinId'], references: 'tickets' },
    ],
  },
) {}

const ROWS = 'select id, owner_id, reviewer_id, within_id from tickets order by tenant, id';

export function sharedKeyCases(open: OpenDriver): void {
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
}
