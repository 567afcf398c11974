import {
  bigint,
  declarativeBase,
  generatedAlways,
  insert,
  insertMany,
  insertSchema,
  integer,
  many,
  merge,
  one,
  select,
  text,
  update,
  type Session,
} from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class User extends Model('users', {
  id: generatedAlways(integer()),
  name: text(),
  bossId: integer().nullable().references('users.id'),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get team() {
    return many(User, { by: 'bossId' });
  },
}) {}
class Entry extends Model('entries', { id: generatedAlways(bigint()), note: text() }) {}

/** Keys that the database makes, always. */
export function alwaysCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    session = db.session();
  });

  test('are made for a graph, in one trip, and the entities go on as others do', async () => {
    const ann = new User({ name: 'Ann', team: [new User({ name: 'Bob' }), new User({ name: 'Cid' })] });
    session.addAll([ann, new Entry({ note: 'x' })]);
    expect((await db.record(() => session.commit())).trips).toBe(1);
    expect(await db.rows('select name, boss_id from users order by id')).toEqual([
      ['Ann', null],
      ['Bob', ann.id],
      ['Cid', ann.id],
    ]);
    ann.name = 'Anna';
    session.delete((await ann.team)[0]!);
    await session.commit();
    const found = await db.session().get(User, ann.id);
    expect([found!.name, (await found!.team).length]).toEqual(['Anna', 1]);
    const other = db.session();
    const merged = await merge(other, User, { id: ann.id, name: 'Merged' });
    await other.commit();
    expect([merged.name, await db.values(`select name from users where id = ${ann.id}`)]).toEqual([
      'Merged',
      ['Merged'],
    ]);
    const fresh = merge(db.session(), User, { id: 99, name: 'Nobody' });
    expect(await fresh.catch((error: unknown) => error)).toMatchObject({ code: 'InvalidValueError', model: 'User' });
    await session.run(insert(User).values({ name: 'Dot' }));
    await insertMany(session, User, [{ name: 'Eve' }]);
    expect(await db.values('select count(*) from users')).toEqual([4]);
  });

  test('are an identity ALWAYS, where the database has one', async () => {
    const made = db.by({
      sqlite: `select 'ALWAYS'`,
      postgres: `select identity_generation from information_schema.columns where table_name = 'users' and column_name = 'id'`,
    });
    expect(await db.values(made)).toEqual(['ALWAYS']);
  });

  test('are taken from no program, before any I/O', async () => {
    const refused = async (work: () => unknown): Promise<void> => {
      const { error, calls } = await db.failure(async () => work());
      expect(error).toMatchObject({ code: 'InvalidValueError' });
      expect((error as Error).message).toContain('the database makes it, always');
      expect(calls).toBe(0);
    };
    await refused(() => new User({ id: 7, name: 'x' }));
    const user = new User({ name: 'x' });
    await refused(() => (user.id = 7));
    await refused(() => session.run(insert(User).values({ id: 7, name: 'x' })));
    await refused(() => session.run(update(User).set({ id: 7 }).allRows()));
    await refused(() => insertMany(session, User, [{ id: 7, name: 'x' }]));
    await refused(() => session.run(insert(User).from(select({ id: User.c.id, name: User.c.name }).from(User))));
    expect(insertSchema(User)['~standard'].validate({ id: 7, name: 'x' })).toMatchObject({
      issues: [{ path: ['id'] }],
    });
    expect(() => generatedAlways(text() as never)).toThrow('integer()');
  });
}
