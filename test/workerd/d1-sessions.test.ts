import { createAll, createEngine, type CinnabarError, declarativeBase, integer, select, Session, text } from 'cinnabar';
import { d1, withSession } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';

const Model = declarativeBase();
class Visit extends Model('d1_session_visits', { id: integer().primaryKey(), who: text() }) {}

test('what one request writes the next sees, by a bookmark alone', async () => {
  const first = createEngine(d1(withSession(env.DB, 'first-primary')));
  expect(first.bookmark).toBeUndefined();
  await createAll(first, Model.metadata);
  const made = first.bookmark;
  expect(made).toMatch(/^[0-9a-f-]+$/);
  const session = new Session(first);
  session.add(new Visit({ who: 'ann' }));
  await session.commit();
  expect(first.bookmark! > made!).toBe(true);

  const next = createEngine(d1(withSession(env.DB, first.bookmark!)));
  expect(next.bookmark).toBe(first.bookmark);
  expect(await next.all(select({ who: Visit.c.who }).from(Visit))).toEqual([{ who: 'ann' }]);
  expect(next.bookmark! >= first.bookmark!).toBe(true);
});

test('a session goes on from the bookmark of another: of what it committed, and of what it only read', async () => {
  await createAll(createEngine(d1(env.DB)), Model.metadata);
  const first = new Session(createEngine(d1(withSession(env.DB, 'first-primary'))));
  const visit = new Visit({ who: 'carried' });
  expect(first.bookmark).toBeUndefined();
  first.add(visit);
  await first.commit();
  const written = first.bookmark!;
  expect(written).toMatch(/^[0-9a-f-]+$/);

  const second = new Session(createEngine(d1(withSession(env.DB, written))));
  expect(second.bookmark).toBe(written);
  const found = (await second.get(Visit, visit.id))!;
  expect([found.who, second.roundTrips]).toEqual(['carried', 1]);
  const read = second.bookmark!;
  expect(read >= written).toBe(true);

  const third = new Session(createEngine(d1(withSession(env.DB, read))));
  const again = (await third.get(Visit, visit.id))!;
  again.who = 'carried on';
  await third.commit();
  expect(third.bookmark! > read).toBe(true);
  const fourth = new Session(createEngine(d1(withSession(env.DB, third.bookmark!))));
  expect((await fourth.get(Visit, visit.id))?.who).toBe('carried on');
  // A session tells of its own engine alone.
  expect([first.bookmark, second.bookmark]).toEqual([written, read]);
});

test('a session that was started outside tells its bookmark too, and a binding has none', async () => {
  const unit = { statements: [{ sql: 'select 1 as a', params: [] }], mode: 'read' } as const;
  const outside = d1(env.DB.withSession('first-unconstrained'));
  await outside.execute(unit);
  expect(outside.capabilities.bookmarks).toBe(true);
  expect(outside.bookmark).toMatch(/^[0-9a-f-]+$/);
  const binding = d1(env.DB);
  await binding.execute(unit);
  expect(binding.capabilities.bookmarks).toBe(false);
  expect(binding.bookmark).toBeUndefined();
});

test('units at the same time leave the bookmark of the last', async () => {
  const driver = d1(withSession(env.DB, 'first-unconstrained'));
  const run = (sql: string): ReturnType<typeof driver.execute> =>
    driver.execute({ statements: [{ sql, params: [] }], mode: 'write' });
  await run('create table d1_session_marks (v integer)');
  const marks: string[] = [];
  const write = async (): Promise<void> => {
    await run('insert into d1_session_marks values (1)');
    marks.push(driver.bookmark!);
  };
  await Promise.all(Array.from({ length: 10 }, write));
  expect(marks).toEqual(marks.toSorted());
  expect(driver.bookmark).toBe(marks.at(-1));
  const { results } = await d1(withSession(env.DB, driver.bookmark!)).execute({
    statements: [{ sql: 'select count(*) as n from d1_session_marks', params: [] }],
    mode: 'read',
  });
  expect(results[0]?.rows).toEqual([[10]]);
});

test('sessions that commit at the same time on one engine lose nothing, and one that commits twice at once is refused', async () => {
  const engine = createEngine(d1(withSession(env.DB, 'first-primary')));
  await createAll(engine, Model.metadata);
  const before = await engine.all(select({ id: Visit.c.id }).from(Visit));
  const commit = async (who: string): Promise<void> => {
    const session = new Session(engine);
    session.add(new Visit({ who }));
    const twice = await Promise.allSettled([session.commit(), session.commit()]);
    expect(twice[0].status).toBe('fulfilled');
    expect(twice[1]).toMatchObject({ status: 'rejected', reason: { code: 'SessionBusyError' } });
  };
  await Promise.all(Array.from({ length: 8 }, (_, at) => commit(`visitor ${at}`)));

  const next = createEngine(d1(withSession(env.DB, engine.bookmark!)));
  const after = await next.all(select({ id: Visit.c.id }).from(Visit));
  expect(after).toHaveLength(before.length + 8);
});

test('a unit that fails leaves the bookmark where it was', async () => {
  const driver = d1(withSession(env.DB, 'first-primary'));
  await driver.execute({ statements: [{ sql: 'select 1 as a', params: [] }], mode: 'read' });
  const before = driver.bookmark;
  const wrong = { statements: [{ sql: 'selec', params: [] }], mode: 'write' } as const;
  await expect(driver.execute(wrong)).rejects.toMatchObject({ code: 'DatabaseError' });
  expect(driver.bookmark).toBe(before);
});

describe('what comes from a cookie', () => {
  const failure = (work: () => unknown): CinnabarError => {
    try {
      work();
    } catch (error) {
      return error as CinnabarError;
    }
    throw new Error('expected an error');
  };

  test.for(['', ' ', 'a\r\nset-cookie: x', 'żółw', 'x'.repeat(201), 'first-primry', "' or 1=1", 5, {}, null])(
    '%j starts no session, and is not told',
    (session) => {
      const error = failure(() => withSession(env.DB, session as string));
      expect(error).toMatchObject({ code: 'InvalidValueError', outcome: 'not sent' });
      expect(error.message).toBe("withSession(): expected 'first-primary', 'first-unconstrained' or a bookmark of D1");
    },
  );

  test('no binding, or one that cannot start a session, is said at once', () => {
    for (const binding of [undefined, null, {}, 'DB']) {
      expect(failure(() => d1(binding as never)).message).toContain('expected a binding like env.DB');
    }
    for (const binding of [env.DB.withSession('first-primary'), undefined]) {
      expect(failure(() => withSession(binding as never, 'first-primary')).code).toBe('ConfigurationError');
    }
  });
});
