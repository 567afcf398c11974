import { type } from 'arktype';
import * as v from 'valibot';
import { expectTypeOf, test } from 'vitest';
import {
  declarativeBase,
  extend,
  insertSchema,
  integer,
  json,
  text,
  updateSchema,
  validate,
  type Changes,
  type Column,
  type NewValues,
  type Validated,
} from 'cinnabar';
import { z } from 'zod';

const Model = declarativeBase();
class User extends Model('users', {
  id: integer().primaryKey(),
  email: validate(text().nullable(), z.email()),
  name: validate(text().hidden(), v.pipe(v.string(), v.minLength(2))),
  tags: validate(json<string[]>(), type('string[]')),
}) {}
class Admin extends extend(User, 'admins', { level: integer() }) {}

test('a rule leaves the column what it is', () => {
  expectTypeOf(validate(text().nullable(), z.email())).toEqualTypeOf<Column<string | null, 'optional'>>();
  validate(integer(), (n) => {
    expectTypeOf(n).toEqualTypeOf<number>();
    return n > 1 ? undefined : 'is too small';
  });
  // @ts-expect-error a schema of numbers says nothing of text
  validate(text(), z.number());
  const counting = z.string().transform((given) => given.length);
  // @ts-expect-error what a schema makes is kept: a number is no text
  validate(text(), counting);
  // @ts-expect-error true is no reason
  validate(text(), (value) => value === 'x');
  // @ts-expect-error asynchronous
  validate(text(), async (value) => Promise.resolve(value));
  // @ts-expect-error no rule at all
  validate(text());
});

test('a rule of a model has its columns, any of which may be missing', () => {
  validate(User, ({ email, tags }) => {
    expectTypeOf(email).toEqualTypeOf<string | null | undefined>();
    expectTypeOf(tags).toEqualTypeOf<string[] | undefined>();
    return undefined;
  });
  validate(User, z.object({ email: z.string() }));
  // @ts-expect-error no such attribute
  validate(User, ({ nickname }) => nickname);
});

test('the schemas of a model are of what an INSERT takes, and of changes', () => {
  const insert = insertSchema(User)['~standard'].validate({});
  expectTypeOf(insert).toEqualTypeOf<Validated<NewValues<User>>>();
  if (!insert.issues) expectTypeOf(new User(insert.value)).toEqualTypeOf<User>();
  const change = updateSchema(Admin)['~standard'].validate({});
  expectTypeOf(change).toEqualTypeOf<Validated<Changes<Admin>>>();
  if (!change.issues) expectTypeOf(change.value.level).toEqualTypeOf<number | undefined>();
  // @ts-expect-error an object is no model
  insertSchema({});
});
