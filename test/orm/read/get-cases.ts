import { getMany, isCinnabarError, merge, mergeAll, refreshAll } from 'cinnabar';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';
import {
  Keyed,
  givenProjects,
  givenUsers,
  Model,
  Project,
  Tag,
  User,
  WHOLE_NUMBERS,
  TEXT_AND_NUMBER,
} from './models.ts';

/** Entities by key. */
export function getCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenUsers(db);
  });

  test('one key is one comparison', async () => {
    const { result, trips, sql } = await db.record(() => db.session().get(User, 2));

    expect([result?.name, trips]).toEqual(['Bob', 1]);
    expect(sql).toEqual([
      'select "users"."id", "users"."name", "users"."manager_id" from "users" where "users"."id" = ' +
        db.by({ sqlite: '?1', postgres: '$1::text::bigint' }),
    ]);
  });

  test('what is in memory takes no trip', async () => {
    const session = db.session();
    const [ann] = await session.query(User).all();
    const { result, trips } = await db.record(() => session.get(User, 1));

    expect(result).toBe(ann);
    expect(trips).toBe(0);
  });

  test('those of one turn are one query, misses and repetitions among them', async () => {
    const session = db.session();
    const { result, trips, sql } = await db.record(() =>
      Promise.all([session.get(User, 3), session.get(User, 99), session.get(User, 1), session.get(User, 3)]),
    );

    expect(result.map((user) => user?.name ?? null)).toEqual(['Cid', null, 'Ann', 'Cid']);
    expect(result[0]).toBe(result[3]);
    expect(trips).toBe(1);
    expect(sql[0]).toContain(`where "users"."id" in ${db.by(WHOLE_NUMBERS)}`);
  });

  test('those a few awaits apart too', async () => {
    const session = db.session();
    const later = async (id: number): Promise<User | null> => {
      await Promise.resolve();
      await Promise.resolve();
      return session.get(User, id);
    };
    const { trips } = await db.record(() => Promise.all([session.get(User, 1), later(2)]));

    expect(trips).toBe(1);
  });

  test('each model by itself', async () => {
    const session = db.session();
    const { result, trips } = await db.record(() =>
      Promise.all([session.get(User, 1), session.get(Tag, 9007199254740993n)]),
    );

    expect(result[1]?.label).toBe('big');
    expect(trips).toBe(2);
  });

  test('a miss is not remembered', async () => {
    const session = db.session();
    expect(await session.get(User, 99)).toBeNull();
    await db.run(`insert into users (id, name) values (99, 'Late')`);
    expect((await session.get(User, 99))?.name).toBe('Late');
  });

  test.for([
    ['undefined', undefined],
    ['null', null],
    ['text', '1'],
    ['a fraction', 1.5],
    ['an unsafe integer', 2 ** 53],
    ['an object', { id: 1 }],
  ] as const)('%s is no key: refused before any I/O', async ([, key]) => {
    const { error, calls } = await db.failure(() => db.session().get(User, key as never));

    expect(isCinnabarError(error, 'InvalidValueError') && error.attributes).toEqual(['id']);
    expect(calls).toBe(0);
  });

  test('an entity of which some columns were read is read whole', async () => {
    const session = db.session();
    const [ann] = await session.query(User).loadOnly('name').where(User.c.id.eq(2)).all();
    expect(Object.keys(ann!)).not.toContain('reports');
    const { result, trips } = await db.record(() => session.get(User, 2));

    expect(trips).toBe(0); // its key, its name and its foreign key are all there is
    expect(result!.managerId).toBe(1);
  });

  test('composite keys', async () => {
    db = await freshDatabase(await open(), Keyed.metadata);
    await givenProjects(db);
    const session = db.session();
    const { result, trips, sql } = await db.record(() =>
      Promise.all([
        session.get(Project, { tenant: 'b', id: 1 }),
        session.get(Project, { id: 2, tenant: 'a' }),
        session.get(Project, { tenant: 'b', id: 2 }),
      ]),
    );

    expect(result.map((project) => project?.name ?? null)).toEqual(['B1', 'A2', null]);
    expect(trips).toBe(1);
    expect(sql[0]).toContain(`where ("projects"."tenant", "projects"."id") in ${db.by(TEXT_AND_NUMBER)}`);
    expect(await session.get(Project, { tenant: 'a', id: 2 })).toBe(result[1]);
    expect((await db.failure(() => session.get(Project, 'a' as never))).calls).toBe(0);
    expect((await db.failure(() => session.get(Project, { tenant: 'a' } as never))).calls).toBe(0);
  });

  const timeout = (outcome: string) => ({ code: 'TimeoutError', outcome });

  describe('with a signal or a deadline', () => {
    test('one that gives up does not take the others with it, and theirs is one trip', async () => {
      const session = db.session();
      const impatient = new AbortController();
      const patient = new AbortController();
      const release = db.hold();
      db.driver.clear();
      const given = session.get(User, 1, { signal: impatient.signal });
      const waiting = Promise.all([
        session.get(User, 2),
        session.get(User, 3, { signal: patient.signal }),
        session.get(User, 1),
      ]);
      const refused = expect(given).rejects.toMatchObject(timeout('not committed'));
      await vi.waitFor(() => expect(db.driver.calls).toHaveLength(1));
      impatient.abort();
      await refused;
      release();
      expect((await waiting).map((user) => user?.name)).toEqual(['Bob', 'Cid', 'Ann']);
      expect(session.roundTrips).toBe(1);
      // What it asked for was read for another, and is in memory.
      expect((await db.record(() => session.get(User, 1))).trips).toBe(0);
    });

    test('those of one mind end together', async () => {
      const session = db.session();
      const controller = new AbortController();
      const release = db.hold();
      db.driver.clear();
      const both = getMany(session, User, [1, 2], { signal: controller.signal });
      const refused = expect(both).rejects.toMatchObject({ code: 'TimeoutError' });
      await vi.waitFor(() => expect(db.driver.calls).toHaveLength(1));
      controller.abort();
      release();
      await refused;
      expect((await getMany(session, User, [1, 2])).map((user) => user?.name)).toEqual(['Ann', 'Bob']);
    });

    test('one that has given up before asks for nothing', async () => {
      const session = db.session();
      const late = session.get(User, 1, { signal: AbortSignal.abort() });
      const other = session.get(User, 2);
      await expect(late).rejects.toMatchObject(timeout('not sent'));
      expect((await other)?.name).toBe('Bob');
      expect(session.roundTrips).toBe(1);
      expect((await db.record(() => session.get(User, 1))).trips).toBe(1);
    });

    test('one that gives up in the turn in which it asks sends nothing', async () => {
      const session = db.session();
      const controller = new AbortController();
      const given = session.get(User, 1, { signal: controller.signal });
      controller.abort();
      await expect(given).rejects.toMatchObject(timeout('not sent'));
      expect(session.roundTrips).toBe(0);
    });

    test('every other way to read what is known by its key takes them too', async () => {
      const session = db.session();
      const [ann, bob] = await session.query(User).orderBy(User.c.id).all();
      const past = { deadline: Date.now() - 1 };
      const ways: (() => Promise<unknown>)[] = [
        () => session.get(User, 3_000, past),
        () => getMany(session, User, [3_000, 4_000], past),
        () => session.load(ann!, { reports: true }, past),
        () => session.loadAll([ann!, bob!], { reports: true }, past),
        () => session.refresh(ann!, past),
        () => refreshAll(session, [ann!, bob!], past),
        () => refreshAll(session, [ann!, bob!], { only: ['name'], ...past }),
        () => merge(session, User, { id: 3_000, name: 'Zoe' }, past),
        () => mergeAll(session, User, [{ id: 3_000, name: 'Zoe' }], past),
      ];
      for (const way of ways) await expect(way()).rejects.toMatchObject(timeout('not sent'));
      expect(session.roundTrips).toBe(1);

      const future = { deadline: Date.now() + 3_600_000, signal: new AbortController().signal };
      expect((await session.get(User, 3, future))?.name).toBe('Cid');
      const { reports } = await session.load(ann!, { reports: true }, future);
      expect(reports.items).toBeDefined();
      await session.refresh(ann!, future);
    });
  });
}
