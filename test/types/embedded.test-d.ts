// oxlint-disable no-new -- what a constructor takes is what is tested
import { expectTypeOf, test } from 'vitest';
import {
  alias,
  declarativeBase,
  embedded,
  insert,
  integer,
  text,
  type Expr,
  type Json,
  type Session,
  type Values,
} from 'cinnabar';

class Money {
  declare amount: number;
  declare currency: string;
  format(): string {
    return this.currency;
  }
}
const Model = declarativeBase();
class User extends Model('users', {
  id: integer().primaryKey(),
  home: embedded({ street: text(), note: text().nullable() }),
  work: embedded({ city: text() }).nullable(),
  limit: embedded({ amount: integer(), currency: text<'EUR' | 'USD'>() }),
  wage: embedded({ amount: integer(), currency: text() }, { class: Money }),
}) {}

declare const user: User;
declare const session: Session;
const wage = new Money();
const given = { home: { street: 'x', note: null }, limit: { amount: 1, currency: 'EUR' }, wage } as const;

test('an entity has the value, typed by its parts or its class', () => {
  expectTypeOf(user.home).toEqualTypeOf<{ street: string; note: string | null }>();
  expectTypeOf(user.work).toEqualTypeOf<{ city: string } | null>();
  expectTypeOf(user.wage.format()).toEqualTypeOf<string>();
  expectTypeOf(user.limit.currency).toEqualTypeOf<'EUR' | 'USD'>();
  user.home.street = 'y';
  // @ts-expect-error not nullable
  user.home = null;
  // @ts-expect-error all parts are needed
  user.home = { street: 'x' };
});

test('a constructor needs it, unless it is nullable', () => {
  new User(given);
  new User({ ...given, work: { city: 'x' } });
  // @ts-expect-error home is needed
  new User({ limit: given.limit, wage });
  // @ts-expect-error a number is no street
  new User({ ...given, home: { street: 1, note: null } });
  // @ts-expect-error no such currency
  new User({ ...given, limit: { amount: 1, currency: 'CHF' } });
  // @ts-expect-error a sum of money has methods
  new User({ ...given, wage: { amount: 1, currency: 'EUR' } });
});

test('a class has its parts, as expressions', () => {
  expectTypeOf(User.c.home.street).toExtend<Expr<string, 'users'>>();
  expectTypeOf(User.c.work.city).toExtend<Expr<string, 'users'>>();
  expectTypeOf(alias(User, 'other').c.wage.amount).toExtend<Expr<number, 'other'>>();
  session.query(User).filterBy({ work: null }).loadOnly('home');
  // @ts-expect-error a part is compared, not the whole
  User.c.home.eq({ street: 'x', note: null });
  // @ts-expect-error no such part
  void User.c.home.zip;
});

test('elsewhere it is a value as others are', () => {
  expectTypeOf<Values<User>['work']>().toEqualTypeOf<{ city: string } | null>();
  expectTypeOf<Json<User>['home']>().toEqualTypeOf<{ street: string; note: string | null }>();
  insert(User).values(given);
  // @ts-expect-error needed in a row, too
  insert(User).values({ home: given.home });
});

test('what a column says is said of its parts', () => {
  // @ts-expect-error a key is a column
  embedded({ a: text() }).primaryKey();
  // @ts-expect-error unique is a column
  embedded({ a: text() }).unique();
  // @ts-expect-error a text is no column
  embedded({ a: 'x' });
  // @ts-expect-error the class lacks a part
  embedded({ amount: integer(), other: text() }, { class: Money });
});
