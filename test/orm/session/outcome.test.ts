import { createClient } from '@libsql/client';
import {
  CommitOutcomeUnknown,
  createAll,
  createEngine,
  declarativeBase,
  integer,
  Session,
  text,
  type Driver,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class User extends Model('users', { id: integer().primaryKey(), name: text() }) {}

/** A real driver whose reply to the next write is lost after the database has done it. */
function losing(driver: Driver<true>): { readonly driver: Driver<true>; lose(): void } {
  let lost = false;
  return {
    driver: {
      ...driver,
      async execute(unit, options) {
        const result = await driver.execute(unit, options);
        if (!lost || unit.mode === 'read') return result;
        lost = false;
        throw new CommitOutcomeUnknown('the reply was lost', { outcome: 'unknown' });
      },
    },
    lose: () => (lost = true),
  };
}

test('after an unknown outcome nothing is written again until rollback()', async () => {
  const { driver, lose } = losing(libsql(createClient({ url: ':memory:' })));
  const engine = createEngine(driver);
  await createAll(engine, Model.metadata);
  const session = new Session(engine);
  const ann = new User({ name: 'Ann' });
  session.add(ann);

  lose();
  await expect(session.commit()).rejects.toMatchObject({ code: 'CommitOutcomeUnknown', outcome: 'unknown' });
  await expect(session.commit()).rejects.toMatchObject({ code: 'CommitOutcomeUnknown' });
  expect(await session.query(User).count()).toBe(1);

  await session.rollback();
  session.add(new User({ name: 'Bob' }));
  await session.commit();
  expect((await session.query(User).orderBy(User.c.id).all()).map((user) => user.name)).toEqual(['Ann', 'Bob']);
});
