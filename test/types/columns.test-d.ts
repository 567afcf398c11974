import { expectTypeOf, test } from 'vitest';
import {
  array,
  boolean,
  bytes,
  custom,
  enumeration,
  enumType,
  integer,
  json,
  text,
  timestamp,
  type Changes,
  type Column,
  type NewValues,
  type StandardSchema,
  type Values,
} from 'cinnabar';
import { Admin, Editor, Every, Post, User, type Locale, type PostId, type UserId } from './models.ts';

test('the value of each kind of column', () => {
  expectTypeOf<Values<Every>>().toEqualTypeOf<{
    id: string;
    locale: Locale;
    price: string;
    ratio: number;
    day: string;
    seen: Date | null;
    big: bigint | null;
    bytes: Uint8Array | null;
    tags: readonly string[];
    secret: string | null;
    version: number;
  }>();
});

test('flags', () => {
  expectTypeOf(text()).toEqualTypeOf<Column<string>>();
  expectTypeOf(text().nullable()).toEqualTypeOf<Column<string | null, 'optional'>>();
  expectTypeOf(text().hidden().unique().named('x')).toEqualTypeOf<Column<string, 'hidden'>>();
  expectTypeOf(integer().primaryKey()).toEqualTypeOf<Column<number, 'key' | 'generated'>>();
  expectTypeOf(integer().primaryKey({ generated: false })).toEqualTypeOf<Column<number, 'key'>>();
  expectTypeOf(text().primaryKey()).toEqualTypeOf<Column<string, 'key'>>();
  expectTypeOf(integer().primaryKey().references('a.id')).toEqualTypeOf<Column<number, 'key' | 'foreign'>>();
  expectTypeOf(integer().references('a.id').primaryKey()).toEqualTypeOf<Column<number, 'key' | 'foreign'>>();
});

test('defaults and codecs take values of the column', () => {
  text().default(() => 'x');
  enumeration('a', 'b').default('a');
  text().nullable().default(null);
  json<{ n: number }>().default({ n: 1 });
  // @ts-expect-error a number is no text
  text().default(1);
  // @ts-expect-error what the function makes is no text
  text().default(() => 1);
  // @ts-expect-error null, and the column is not nullable
  text().default(null);
  // @ts-expect-error no such label
  enumeration('a', 'b').default('c');
  // @ts-expect-error not the shape of the document
  json<{ n: number }>().default({ n: 'x' });
  // @ts-expect-error a number is no boolean
  boolean().onUpdate(() => 1);
  // @ts-expect-error only `false` says something
  integer().primaryKey({ generated: true });
  // @ts-expect-error no such action
  integer().references('a.id', { onDelete: 'nothing' });
  // @ts-expect-error a brand of numbers for text
  text<UserId>();
});

test('enumeration: the labels, without `as const`', () => {
  expectTypeOf(enumeration('a', 'b')).toEqualTypeOf<Column<'a' | 'b'>>();
});

test('enumType: columns of its labels', () => {
  const mood = enumType('mood', ['sad', 'ok']);
  expectTypeOf(mood()).toEqualTypeOf<Column<'sad' | 'ok'>>();
  expectTypeOf(mood.labels).toEqualTypeOf<readonly ('sad' | 'ok')[]>();
  expectTypeOf(array(mood().nullable())).toEqualTypeOf<Column<readonly ('sad' | 'ok' | null)[]>>();
  mood().default('ok').nullable();
  // @ts-expect-error no such label
  mood().default('odd');
  // @ts-expect-error a label is text
  enumType('mood', [1]);
  // @ts-expect-error labels are a list
  enumType('mood', 'sad');
});

test('json: the type of its schema', () => {
  const schema = {} as StandardSchema<unknown, { n: number }>;
  expectTypeOf(json(schema)).toEqualTypeOf<Column<{ n: number }>>();
  expectTypeOf(json<string[]>()).toEqualTypeOf<Column<string[]>>();
  // @ts-expect-error no schema
  json({ n: 1 });
});

test('custom: a type of one’s own', () => {
  const seconds = custom(timestamp(), {
    read: (date) => date.getTime() / 1000,
    write: (value: number) => new Date(value * 1000),
  });
  expectTypeOf(seconds).toEqualTypeOf<Column<number>>();
  // @ts-expect-error the stored value is bytes, not text
  custom(bytes(), { read: (stored) => stored.toUpperCase(), write: (value: string) => new Uint8Array(value.length) });
  // @ts-expect-error what is written is not what is stored
  custom(bytes(), { read: (stored) => stored.length, write: (value: number) => value });
});

test('NewValues: foreign keys are needed, relations are not among them', () => {
  const row: NewValues<Post> = { title: 'x', authorId: 1 as UserId };
  expectTypeOf(row.views).toEqualTypeOf<number | undefined>();
  // @ts-expect-error an INSERT is given its foreign key
  const noKey: NewValues<Post> = { title: 'x' };
  // @ts-expect-error a relation is no column
  const relation: NewValues<Post> = { title: 'x', authorId: 1 as UserId, author: {} as User };
  // @ts-expect-error the value of another column
  const wrong: NewValues<Post> = { title: 1, authorId: 1 as UserId };
  return { noKey, relation, wrong };
});

test('Changes: any of the columns', () => {
  const changes: Changes<Post> = { views: 2 };
  Object.assign({} as Post, changes);
  // @ts-expect-error title is not nullable
  const nothing: Changes<Post> = { title: null };
  // @ts-expect-error undefined is never a value
  const unknown: Changes<Post> = { title: undefined };
  // @ts-expect-error a method is no column
  const method: Changes<Post> = { headline: () => '' };
  // @ts-expect-error a relation is no column
  const relation: Changes<Post> = { author: {} as User };
  return { nothing, unknown, method, relation };
});

test('Values: of a base and of its subclass', () => {
  expectTypeOf<Values<Post>>().toEqualTypeOf<{
    createdAt: Date;
    id: PostId;
    title: string;
    views: number;
    published: boolean;
    meta: { words: number };
    authorId: UserId;
  }>();
  expectTypeOf<Values<Admin>['name']>().toEqualTypeOf<string>();
  expectTypeOf<Values<Admin>['level']>().toEqualTypeOf<number>();
  expectTypeOf<Values<Editor>['desk']>().toEqualTypeOf<string | null>();
});
