import {
  alias,
  createAll,
  createEngine,
  declarativeBase,
  deleteFrom,
  type Engine,
  extend,
  insert,
  integer,
  many,
  one,
  select,
  Session,
  text,
  update,
} from 'cinnabar';
import { recordingDriver, type RecordingDriver } from 'cinnabar/testing';
import { neonConfig, neon as neonClient } from '@neondatabase/serverless';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { neon } from '../../adapters/neon/index.ts';
import { pg } from '../../adapters/pg/index.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
const Model = declarativeBase();
class Team extends Model('teams', {
  id: integer().primaryKey({ generated: false }),
  name: text(),
  get members() {
    return many(Member);
  },
}) {}
class Member extends Model('members', {
  id: integer().primaryKey({ generated: false }),
  name: text(),
  teamId: integer().references('teams.id'),
  get team() {
    return one(Team);
  },
}) {}
class Guest extends extend(Member, 'guests', { until: text() }) {}
Model.register(Guest);

let pool: Pool;
let driver: RecordingDriver<true>;
let engine: Engine<true>;
beforeAll(async () => {
  pool = new Pool({ connectionString: url(), pipeline: true });
  driver = recordingDriver(pg(pool));
  engine = createEngine(driver);
  await createAll(engine, Model.metadata);
});
afterAll(() => pool.end());
beforeEach(async () => {
  await psql(url(), 'truncate guests, members, teams');
  await engine.batch([
    insert(Team).values({ id: 1, name: 'red' }, { id: 2, name: 'blue' }),
    insert(Member).values({ id: 1, name: 'Ann', teamId: 1 }, { id: 2, name: 'Bob', teamId: 2 }),
  ]);
  driver.clear();
});
const inTransaction = <R>(work: (session: Session<true>) => Promise<R>): Promise<R> =>
  new Session(engine).transaction(work);
/** What another connection may do at once with a row. */
const may = (text: string): Promise<boolean> =>
  psql(url(), `set lock_timeout = 20`, text).then(
    () => true,
    () => false,
  );

describe('a lock', () => {
  test.for([
    ['forUpdate', [' for update', false, false, false]],
    ['forNoKeyUpdate', [' for no key update', false, false, true]],
    ['forShare', [' for share', false, true, true]],
    ['forKeyShare', [' for key share', true, true, true]],
  ] as const)('%s lasts until the end of the transaction', async ([method, [sql, change, share, refer]]) => {
    await inTransaction(async (session) => {
      await session.query(Team).filterBy({ id: 1 })[method]().one();
      expect(driver.sql.at(-1)).toContain(sql);
      expect(await may("update teams set name = 'x' where id = 1")).toBe(change);
      expect(await may('select from teams where id = 1 for share')).toBe(share);
      expect(await may('insert into members values (3, 1, 1); delete from members where id = 3')).toBe(refer);
      expect(await may("update teams set name = 'x' where id = 2")).toBe(true);
    });
    expect(await may("update teams set name = 'x' where id = 1")).toBe(true);
  });

  test('skips rows that others hold, or fails at once', async () => {
    await inTransaction(async (first) => {
      await first.query(Team).forUpdate().orderBy(Team.c.id).first();
      await inTransaction(async (second) => {
        const free = second.query(Team).orderBy(Team.c.id);
        expect((await free.forUpdate({ skipLocked: true }).all()).map((team) => team.id)).toEqual([2]);
        const failing = second.nested(() => free.forUpdate({ noWait: true }).all());
        await expect(failing).rejects.toMatchObject({
          code: 'LockTimeout',
          retryable: true,
          outcome: 'not committed',
        });
      });
    });
  });

  test('of some sources leaves the rows of the others free', async () => {
    const Boss = alias(Member, 'boss');
    await engine.transaction(async (tx) => {
      const rows = tx.all(
        select({ name: Member.c.name })
          .from(Member)
          .innerJoin(Team, Team.c.id.eq(Member.c.teamId))
          .innerJoin(Boss, Boss.c.id.eq(Member.c.id))
          .forUpdate({ of: [Boss], noWait: true }),
      );
      expect(await rows).toHaveLength(2);
      expect(driver.sql.at(-1)).toMatch(/ for update of "boss" nowait$/);
      expect(await may("update members set name = 'x' where id = 1")).toBe(false);
      expect(await may("update teams set name = 'x' where id = 1")).toBe(true);
    });
  });

  test('reads what the database has: clean attributes are refreshed, changed ones stay', async () => {
    await inTransaction(async (session) => {
      const team = (await session.get(Team, 1))!;
      const member = (await session.get(Member, 1))!;
      member.name = 'mine';
      await psql(url(), "update teams set name = 'green'", "update members set name = 'theirs'");
      await session.query(Team).filterBy({ id: 1 }).forUpdate().one();
      expect(team.name).toBe('green');
    });
    expect(await psql(url(), 'select name from members order by id')).toEqual([['mine'], ['theirs']]);
  });

  test('is asked for once: relations of locked rows are read by their keys', async () => {
    await inTransaction(async (session) => {
      driver.clear();
      const teams = await session
        .query(Team)
        .orderBy(Team.c.id)
        .with({ members: { team: true } })
        .forUpdate()
        .all();
      expect(teams.map((team) => team.members.items.map(({ name }) => name))).toEqual([['Ann'], ['Bob']]);
      expect(driver.sql.filter((sql) => sql.includes('for update'))).toHaveLength(1);
      expect(driver.calls).toHaveLength(2);
      expect(await may("update members set name = 'x' where id = 1")).toBe(true);
    });
  });

  test('may be of a part of a relation', async () => {
    await inTransaction(async (session) => {
      const team = await session
        .query(Team)
        .filterBy({ id: 1 })
        .with({ members: select(Member).forUpdate() })
        .one();
      expect(team.members.subset).toHaveLength(1);
      expect(await may("update members set name = 'x' where id = 1")).toBe(false);
      expect(await may("update teams set name = 'x' where id = 1")).toBe(true);
    });
  });

  test('of a model with subclasses is on the row of the model', async () => {
    await inTransaction(async (session) => {
      session.add(new Guest({ id: 7, name: 'Eve', teamId: 1, until: 'noon' }));
      await session.flush();
    });
    await inTransaction(async (session) => {
      const members = await session.query(Member).orderBy(Member.c.id).forUpdate().all();
      expect(members.map((member) => member instanceof Guest)).toEqual([false, false, true]);
      expect(await may("update members set name = 'x' where id = 7")).toBe(false);
    });
  });

  test('counts, and asks whether there is one, with the rows locked', async () => {
    await inTransaction(async (session) => {
      expect(await session.query(Team).forUpdate().count()).toBe(2);
      expect(await may("update teams set name = 'x' where id = 2")).toBe(false);
      expect(await session.query(Member).filterBy({ id: 2 }).forShare().exists()).toBe(true);
      expect(await may("update members set name = 'x' where id = 2")).toBe(false);
    });
  });

  test('lets two sessions take turns: read, decide, write loses nothing', async () => {
    const grow = (): Promise<void> =>
      inTransaction(async (session) => {
        const team = await session.query(Team).filterBy({ id: 1 }).forUpdate().one();
        team.name += '!';
      });
    await Promise.all(Array.from({ length: 8 }, grow));
    expect(await psql(url(), 'select name from teams where id = 1')).toEqual([['red!!!!!!!!']]);
  });
});

describe('bad input', () => {
  test('a lock outside of a transaction is refused before anything is sent', async () => {
    const session = new Session(engine);
    const locked = select(Team).forUpdate();
    const refused = { code: 'ConfigurationError', message: expect.stringContaining('transaction()') as string };
    await expect(session.query(Team).forUpdate().all()).rejects.toMatchObject(refused);
    await expect(session.all(locked)).rejects.toMatchObject(refused);
    await expect(session.batch([select(Team), locked])).rejects.toMatchObject(refused);
    await expect(engine.all(locked)).rejects.toMatchObject(refused);
    expect(driver.calls).toEqual([]);
  });

  test('in one unit with a write it is of the transaction of the unit', async () => {
    const rename = update(Team).set({ name: 'new' }).where(Team.c.id.eq(1));
    const [locked, written] = await engine.batch([select(Team).where(Team.c.id.eq(1)).forUpdate(), rename]);
    expect([locked.length, written]).toEqual([1, 1]);
  });

  test('of what is not read, and of contradictions', async () => {
    expect(() => select(Team).forUpdate({ of: ['teams'] as never })).toThrow(/of/);
    for (const options of [{ of: Member }, { skipLocked: true, noWait: true } as never]) {
      const work = inTransaction((session) => session.query(Team).forUpdate(options).all());
      await expect(work).rejects.toMatchObject({ code: 'ConfigurationError', outcome: 'not sent' });
    }
  });

  test('Neon over HTTP has no transaction in which it could last', async () => {
    neonConfig.fetchEndpoint = () => 'http://127.0.0.1:1';
    const session = new Session(createEngine(neon(neonClient('postgres://u:p@db.invalid/d'))));
    await expect(session.query(Team).forUpdate().all()).rejects.toMatchObject({ outcome: 'not sent' });
  });

  test('texts of statements with other locks are not mixed up', async () => {
    await inTransaction(async (session) => {
      driver.clear();
      const ids = select({ id: Team.c.id }).from(Team);
      for (const statement of [ids, ids.forUpdate(), ids.forShare(), ids.forUpdate({ of: Team }), ids])
        await session.all(statement);
    });
    expect(driver.sql.map((sql) => /"teams"( for.*)?$/.exec(sql)?.[1])).toEqual([
      undefined,
      ' for update',
      ' for share',
      ' for update of "teams"',
      undefined,
    ]);
  });
});

test('what it deletes under a lock is gone', async () => {
  await inTransaction(async (session) => {
    const member = await session.query(Member).filterBy({ id: 1 }).forUpdate().one();
    session.delete(member);
  });
  expect(await engine.run(deleteFrom(Member).allRows())).toBe(1);
});
