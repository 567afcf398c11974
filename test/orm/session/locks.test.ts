import { createAll, createEngine, declarativeBase, integer, select, Session, text } from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';

const Model = declarativeBase();
class User extends Model('users', { id: integer().primaryKey(), name: text() }) {}

test('a lock on rows is never dropped: SQLite has none', async () => {
  const engine = createEngine(nodeSqlite(new DatabaseSync(':memory:')));
  await createAll(engine, Model.metadata);
  const trips = engine.roundTrips;
  const refused = { code: 'CapabilityError', outcome: 'not sent' };
  for (const method of ['forUpdate', 'forNoKeyUpdate', 'forShare', 'forKeyShare'] as const) {
    await expect(engine.all(select({ id: User.c.id })[method]())).rejects.toMatchObject(refused);
    await expect(
      new Session(engine).transaction((session) => session.query(User)[method]().all()),
    ).rejects.toMatchObject(refused);
  }
  expect(engine.roundTrips).toBe(trips);
});
