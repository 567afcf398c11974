import {
  array,
  arrayContains,
  arrayGet,
  arrayHas,
  declarativeBase,
  type Expr,
  integer,
  plainDate,
  range,
  rangeHas,
  type Range,
  text,
  type Values,
} from 'cinnabar';
import { expectTypeOf, test } from 'vitest';

const Model = declarativeBase();
class Note extends Model('notes', {
  id: integer().primaryKey(),
  tags: array(text().nullable()).nullable(),
  grid: array(array(integer())),
  nights: range(plainDate()),
}) {}
const { c } = Note;

test('arrays and ranges have the types of their members', () => {
  expectTypeOf<Values<Note>['tags']>().toEqualTypeOf<readonly (string | null)[] | null>();
  expectTypeOf<Values<Note>['grid']>().toEqualTypeOf<readonly (readonly number[])[]>();
  expectTypeOf<Values<Note>['nights']>().toEqualTypeOf<Range<string>>();
  expectTypeOf(arrayGet(c.tags, 0)).toExtend<Expr<string | null, 'notes'>>();
});

test('what is asked of them is of their type', () => {
  arrayHas(c.tags, 'a');
  // @ts-expect-error a number is no member
  arrayHas(c.tags, 1);
  // @ts-expect-error NULL is found by none
  arrayHas(c.tags, null);
  // @ts-expect-error one member is no list
  arrayContains(c.tags, 'a');
  // @ts-expect-error a column of text is no array
  arrayHas(c.id, 1);
  rangeHas(c.nights, '2024-01-01');
  // @ts-expect-error a date object is no day
  rangeHas(c.nights, new Date());
});
