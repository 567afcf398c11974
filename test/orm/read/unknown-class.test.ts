import { createAll, createEngine, declarativeBase, extend, integer, isCinnabarError, text } from 'cinnabar';
import { expect, test } from 'vitest';
import { freshDatabase } from '../../support/database.ts';
import { libsqlMemory } from '../../support/libsql.ts';

const open = libsqlMemory();

test('one value tells the rows of one level of a hierarchy', async () => {
  const Model = declarativeBase();
  class Animal extends Model('animals', { id: integer().primaryKey(), kind: text() }) {}
  class Dog extends extend(Animal, { kind: 'dog' }, { barks: integer().nullable() }) {}
  const Puppy = extend(Dog, { kind: 'dog' }, {});

  expect(Puppy).toBeDefined();
  await expect(createAll(createEngine(open()), Model.metadata)).rejects.toThrow(
    "extend(): 'kind' tells the rows of Dog by the same value",
  );
});

test('a row of a class that nothing made known is a typed error that says how', async () => {
  const Model = declarativeBase();
  class Animal extends Model('animals', { id: integer().primaryKey(), kind: text() }) {}
  class Dog extends extend(Animal, { kind: 'dog' }, { barks: integer().nullable() }) {}
  const db = await freshDatabase(open(), Model.metadata);
  await db.run(`insert into animals (id, kind) values (1, 'animal'), (2, 'dog')`);

  expect(await db.session().query(Animal).where(Animal.c.kind.eq('animal')).count()).toBe(1);
  const { error } = await db.failure(() => db.session().query(Animal).all());
  expect(isCinnabarError(error, 'ConfigurationError') && error.message).toContain('Model.register(…) it');

  Model.register(Dog);
  const animals = await db.session().query(Animal).orderBy(Animal.c.id).all();
  expect(animals.map((animal) => animal.constructor)).toEqual([Animal, Dog]);
});
