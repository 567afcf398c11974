import { expectTypeOf, test } from 'vitest';
import {
  abs,
  bitAnd,
  bitOr,
  boolAnd,
  caseOf,
  cast,
  coalesce,
  collate,
  concat,
  contains,
  dateAdd,
  dateDiff,
  dateTrunc,
  decimalAdd,
  decimalMultiply,
  extract,
  firstValue,
  greatest,
  ifNull,
  integer,
  json,
  jsonArrayLength,
  jsonContains,
  jsonExists,
  jsonGet,
  jsonGroupArray,
  lag,
  lead,
  length,
  like,
  literal,
  negate,
  now,
  ntile,
  nullIf,
  numeric,
  position,
  replace,
  round,
  select,
  shiftLeft,
  sql,
  stringAgg,
  substring,
  sum,
  text,
  total,
  tuple,
  typed,
  type Aggregate,
  type Condition,
  type Expr,
} from 'cinnabar';
import { Every, Post, Tag, User, type UserId } from './models.ts';

test('operators', () => {
  expectTypeOf(User.c.email.isNotNull()).toEqualTypeOf<Expr<boolean>>();
  expectTypeOf(User.c.email.isNot(null)).toEqualTypeOf<Expr<boolean>>();
  expectTypeOf(User.c.role.notIn(['reader'])).toEqualTypeOf<Condition>();
  expectTypeOf(Post.c.views.notBetween(1, 2)).toEqualTypeOf<Condition>();
  expectTypeOf(User.c.email.notLike('%x')).toEqualTypeOf<Condition>();
  expectTypeOf(Post.c.views.minus(User.c.score)).toEqualTypeOf<Expr<number | null, 'posts' | 'users'>>();
  expectTypeOf(Post.c.views.times(2)).toEqualTypeOf<Expr<number, 'posts'>>();
  expectTypeOf(Post.c.views.dividedBy(2)).toEqualTypeOf<Expr<number | null, 'posts'>>();
  expectTypeOf(Tag.c.id.modulo(2n)).toEqualTypeOf<Expr<bigint | null, 'tags'>>();
  // @ts-expect-error what is never null
  User.c.name.isNot(null);
  // @ts-expect-error null is not in a list
  User.c.email.notIn([null]);
  // @ts-expect-error no such label
  User.c.role.notIn(['owner']);
  // @ts-expect-error text is not subtracted
  User.c.name.minus('x');
  // @ts-expect-error nor are instants
  User.c.createdAt.minus(new Date());
  // @ts-expect-error a bigint and a number
  Tag.c.id.times(2);
  // @ts-expect-error a number has no pattern
  Post.c.views.notLike('1%');
});

test('numbers', () => {
  expectTypeOf(negate(User.c.score)).toEqualTypeOf<Expr<number | null, 'users'>>();
  expectTypeOf(abs(Tag.c.id)).toEqualTypeOf<Expr<bigint, 'tags'>>();
  expectTypeOf(round(User.c.score, 2)).toEqualTypeOf<Expr<number | null, 'users'>>();
  expectTypeOf(bitAnd(Tag.c.id, 1n)).toEqualTypeOf<Expr<bigint, 'tags'>>();
  expectTypeOf(bitOr(Post.c.views, User.c.score)).toEqualTypeOf<Expr<number | null, 'posts' | 'users'>>();
  expectTypeOf(shiftLeft(Post.c.views, User.c.score)).toEqualTypeOf<Expr<number | null, 'posts' | 'users'>>();
  // @ts-expect-error text has no sign
  negate(User.c.name);
  // @ts-expect-error a bigint and a number
  bitAnd(Tag.c.id, 1);
});

test('text', () => {
  expectTypeOf(length(User.c.email)).toEqualTypeOf<Expr<number | null, 'users'>>();
  expectTypeOf(position(User.c.name, 'x')).toEqualTypeOf<Expr<number, 'users'>>();
  expectTypeOf(substring(User.c.email, 1, Post.c.views)).toEqualTypeOf<Expr<string | null, 'users' | 'posts'>>();
  expectTypeOf(substring(User.c.name, 1, User.c.score)).toEqualTypeOf<Expr<string | null, 'users'>>();
  expectTypeOf(substring(User.c.name, 1)).toEqualTypeOf<Expr<string, 'users'>>();
  expectTypeOf(replace(User.c.name, 'x', User.c.email)).toEqualTypeOf<Expr<string | null, 'users'>>();
  expectTypeOf(replace(User.c.name, 'x', Post.c.title)).toEqualTypeOf<Expr<string, 'users' | 'posts'>>();
  expectTypeOf(position(User.c.name, User.c.email)).toEqualTypeOf<Expr<number | null, 'users'>>();
  expectTypeOf(concat(User.c.name, ' ', Post.c.title)).toEqualTypeOf<Expr<string, 'users' | 'posts'>>();
  expectTypeOf(concat(User.c.email, '!')).toEqualTypeOf<Expr<string | null, 'users'>>();
  expectTypeOf(collate(User.c.name, 'nocase')).toEqualTypeOf<Expr<string, 'users'>>();
  expectTypeOf(contains(User.c.email, '%')).toEqualTypeOf<Condition>();
  expectTypeOf(like(User.c.name, '!%', { escape: '!' })).toEqualTypeOf<Condition>();
  // @ts-expect-error a number is no text
  length(Post.c.views);
  // @ts-expect-error one part is none
  concat(User.c.name);
  // @ts-expect-error a number is no part
  contains(User.c.name, 1);
});

test('choices', () => {
  expectTypeOf(caseOf(User.c.role).when('reader', 1).when('editor', 'x')).toExtend<Expr<1 | 'x' | null>>();
  expectTypeOf(caseOf(User.c.role).when('reader', 1).else(User.c.email)).toEqualTypeOf<
    Expr<1 | string | null, 'users'>
  >();
  expectTypeOf(coalesce(User.c.email, User.c.email, 'none')).toEqualTypeOf<Expr<string>>();
  expectTypeOf(ifNull(User.c.email, User.c.name)).toEqualTypeOf<Expr<string, 'users'>>();
  expectTypeOf(nullIf(User.c.name, '')).toEqualTypeOf<Expr<string | null, 'users'>>();
  expectTypeOf(greatest(Post.c.views, 1)).toEqualTypeOf<Expr<number, 'posts'>>();
  expectTypeOf(greatest(Post.c.views, 1, User.c.score)).toEqualTypeOf<Expr<number | null, 'posts' | 'users'>>();
  expectTypeOf(cast(User.c.email, integer())).toEqualTypeOf<Expr<number | null, 'users'>>();
  expectTypeOf(literal('1.15', numeric(4, 2))).toEqualTypeOf<Expr<string>>();
  expectTypeOf(typed(sql`1`, integer<UserId>())).toEqualTypeOf<Expr<UserId>>();
  // @ts-expect-error no such label
  caseOf(User.c.role).when('owner', 1);
  // @ts-expect-error a case has a branch
  select({ value: caseOf(User.c.role) });
  // @ts-expect-error the type is a column
  cast(User.c.name, 'integer');
  // @ts-expect-error a value of the type
  literal('x', integer());
  // @ts-expect-error values of one type
  greatest(Post.c.views, 'x');
  // @ts-expect-error two at least
  greatest(Post.c.views);
});

test('decimals', () => {
  expectTypeOf(decimalAdd(Every.c.price, '1.5')).toEqualTypeOf<Expr<string, 'every'>>();
  expectTypeOf(decimalMultiply(Every.c.price, Post.c.views)).toEqualTypeOf<Expr<string, 'every' | 'posts'>>();
  // @ts-expect-error numbers add by plus()
  decimalAdd(Post.c.views, 1);
});

test('dates', () => {
  expectTypeOf(now()).toEqualTypeOf<Expr<Date>>();
  expectTypeOf(extract('year', User.c.createdAt)).toEqualTypeOf<Expr<number, 'users'>>();
  expectTypeOf(dateTrunc('day', User.c.createdAt)).toEqualTypeOf<Expr<Date, 'users'>>();
  expectTypeOf(dateAdd(User.c.createdAt, { days: Post.c.views })).toEqualTypeOf<Expr<Date, 'users' | 'posts'>>();
  expectTypeOf(dateAdd(User.c.createdAt, { days: 1 })).toEqualTypeOf<Expr<Date, 'users'>>();
  expectTypeOf(dateAdd(User.c.createdAt, { days: 1, hours: User.c.score })).toEqualTypeOf<Expr<Date | null, 'users'>>();
  expectTypeOf(dateDiff('day', User.c.createdAt, now())).toEqualTypeOf<Expr<number, 'users'>>();
  User.c.createdAt.lt(dateAdd(now(), { days: -1 }));
  // @ts-expect-error a number is no date
  extract('year', Post.c.views);
  // @ts-expect-error no such field
  extract('century', User.c.createdAt);
  // @ts-expect-error no such amount
  dateAdd(User.c.createdAt, { fortnights: 1 });
  // @ts-expect-error months have no fixed length
  dateDiff('month', User.c.createdAt, now());
});

test('documents', () => {
  expectTypeOf(jsonGet(Every.c.tags, ['a', 0], text())).toEqualTypeOf<Expr<string | null, 'every'>>();
  expectTypeOf(jsonGet(Every.c.tags, [], json<{ a: 1 }>())).toEqualTypeOf<Expr<{ a: 1 } | null, 'every'>>();
  expectTypeOf(jsonExists(Every.c.tags, ['a'])).toEqualTypeOf<Expr<boolean>>();
  expectTypeOf(jsonContains(Every.c.tags, 'a')).toEqualTypeOf<Expr<boolean>>();
  expectTypeOf(jsonArrayLength(jsonGet(Every.c.tags, ['a'], json()))).toExtend<Expr<number | null, 'every'>>();
  // @ts-expect-error a path is an array
  jsonGet(Every.c.tags, 'a', text());
  // @ts-expect-error a leg is a key or a place
  jsonGet(Every.c.tags, [{}], text());
  // @ts-expect-error a scalar
  jsonContains(Every.c.tags, {});
});

test('rows', () => {
  expectTypeOf(total(User.c.score)).toEqualTypeOf<Aggregate<number>>();
  expectTypeOf(boolAnd(Post.c.published)).toEqualTypeOf<Aggregate<boolean | null>>();
  expectTypeOf(stringAgg(User.c.name, ',', { orderBy: [User.c.id] })).toEqualTypeOf<Aggregate<string | null>>();
  expectTypeOf(jsonGroupArray(User.c.email)).toEqualTypeOf<Aggregate<(string | null)[]>>();
  expectTypeOf(lag(Post.c.views)).toEqualTypeOf<Aggregate<number | null, 'posts'>>();
  expectTypeOf(lead(Post.c.views, 1, 0).over()).toEqualTypeOf<Expr<number, 'posts'>>();
  expectTypeOf(lead(Post.c.views, 1, User.c.score)).toEqualTypeOf<Aggregate<number | null, 'posts' | 'users'>>();
  expectTypeOf(firstValue(Post.c.title)).toEqualTypeOf<Aggregate<string | null>>();
  expectTypeOf(ntile(4)).toEqualTypeOf<Aggregate<number>>();
  expectTypeOf(sum(Post.c.views.plus(1)).filter(Post.c.published)).toEqualTypeOf<Aggregate<number | null>>();
  // @ts-expect-error a number is no text
  stringAgg(Post.c.views);
  // @ts-expect-error a default of the same type
  lag(Post.c.views, 1, 'x');
});

test('tuples', () => {
  expectTypeOf(tuple(Post.c.views, Post.c.title).gt([1, 'x'])).toEqualTypeOf<Condition>();
  tuple(Post.c.views, Post.c.title).eq([User.c.score, User.c.name]);
  tuple(Post.c.views, Post.c.title).in([[1, 'x']]);
  tuple(Post.c.id, User.c.id).in(select({ a: Post.c.id, b: Post.c.authorId }).from(Post));
  // @ts-expect-error as many values
  tuple(Post.c.views, Post.c.title).eq([1]);
  // @ts-expect-error of their types
  tuple(Post.c.views, Post.c.title).eq(['x', 1]);
  // @ts-expect-error null is equal to nothing
  tuple(Post.c.views, User.c.email).in([[1, null]]);
  // @ts-expect-error one is no tuple
  tuple(Post.c.views);
});

test('parts of the tag', () => {
  expectTypeOf(sql.identifier('main', 'users')).toEqualTypeOf<Expr<unknown>>();
  expectTypeOf(sql.join([1, User.c.id], sql`, `)).toEqualTypeOf<Expr<unknown>>();
  expectTypeOf(sql<number>`1`).toEqualTypeOf<Expr<number>>();
  // @ts-expect-error a separator is a fragment
  sql.join([1], ', ');
  // @ts-expect-error a name
  sql.identifier();
  // @ts-expect-error a name is text
  sql.identifier(1);
});
