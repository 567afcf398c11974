// oxlint-disable no-new -- what a constructor takes is what is tested
import { expectTypeOf, test } from 'vitest';
import {
  declarativeBase,
  extend,
  integer,
  many,
  ofType,
  one,
  text,
  type ManyRelation,
  type OneRelation,
} from 'cinnabar';

const Model = declarativeBase();
class Owner extends Model('owners', {
  id: integer().primaryKey(),
  petId: integer().nullable().references('pets.id'),
  get pets() {
    return many(Pet, { by: 'ownerId' });
  },
  get best() {
    return one(Pet, { by: 'petId' }).nullable();
  },
}) {}
class Pet extends Model(
  'pets',
  { id: integer().primaryKey(), kind: text().default('pet'), ownerId: integer().references('owners.id') },
  { rows: { kind: 'pet' } },
) {}
const dogs: { kind: string } = { kind: 'dog' };
class Dog extends extend(Pet, dogs, { barks: integer() }) {}
class Puppy extends extend(Dog, { kind: 'puppy' }, { teeth: integer() }) {}

test('a base says which rows are its own, by its attributes', () => {
  Model('a', { id: integer().primaryKey(), kind: text() }, { rows: { kind: 'a' } });
  Model('b', { id: integer().primaryKey() }, { abstract: true });
  // @ts-expect-error no such attribute
  Model('c', { id: integer().primaryKey() }, { rows: { kind: 'a' } });
});

test('a column that tells classes at several levels is a text on those above', () => {
  expectTypeOf<Puppy['kind']>().toEqualTypeOf<'puppy'>();
  expectTypeOf<Dog['kind']>().toEqualTypeOf<string>();
  expectTypeOf<Puppy>().toExtend<Dog>();
  new Puppy({ barks: 1, teeth: 2 });
  // @ts-expect-error what tells it is set by itself
  new Puppy({ barks: 1, teeth: 2, kind: 'puppy' });
  // @ts-expect-error what its base needs is needed
  new Puppy({ teeth: 2 });
});

test('ofType() is a relation to the subclass', () => {
  expectTypeOf(ofType(Owner.c.pets, Dog)).toEqualTypeOf<ManyRelation<typeof Dog>>();
  expectTypeOf(ofType(Owner.c.best, Puppy)).toEqualTypeOf<OneRelation<typeof Puppy, null>>();
  ofType(Owner.c.pets, Puppy).some(Puppy.c.teeth.gt(1));
  // @ts-expect-error an owner is no pet
  ofType(Owner.c.pets, Owner);
  // @ts-expect-error a column is no relation
  ofType(Owner.c.id, Dog);
});
