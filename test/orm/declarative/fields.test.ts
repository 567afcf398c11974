import { declarativeBase, integer, many, text } from 'cinnabar';
import { describe, expect, test } from 'vitest';

const Model = declarativeBase();

describe('class fields', () => {
  test('one that redeclares a column is refused', () => {
    class Redeclared extends Model('redeclared', { id: integer().primaryKey(), name: text() }) {
      override name = 'overwritten';
    }
    expect(() => new Redeclared({ name: 'Ann' })).toThrow(/^Redeclared\.name: the class has a field of that name/);
  });

  test('one of the program’s own stays', () => {
    class Cached extends Model('cached', { id: integer().primaryKey(), name: text() }) {
      cache = new Map<string, number>();
    }
    const entity = new Cached({ name: 'Ann' });
    expect([entity.name, entity.cache.size]).toEqual(['Ann', 0]);
  });

  test('one that hides a relation is refused', () => {
    class Child extends Model('children', {
      id: integer().primaryKey(),
      parentId: integer().references('parents.id'),
    }) {}
    class Parent extends Model('parents', {
      id: integer().primaryKey(),
      get children() {
        return many(Child);
      },
    }) {}
    class Hidden extends (Parent as unknown as new (init: object) => { id: number }) {
      children = [];
    }
    expect(() => new Hidden({})).toThrow(/Parent\.children: the class has a field of that name/);
  });
});
