import {
  createEngine,
  type CinnabarError,
  type Driver,
  type Engine,
  type EngineTransaction,
  type Resolution,
  receipts,
  select,
  type Session,
  update,
} from 'cinnabar';
import { expectTypeOf, test } from 'vitest';
import { User } from './models.ts';

declare const interactive: Engine<true>;
declare const batches: Engine<false>;
declare const session: Session<true>;
declare const driver: Driver;
declare const error: CinnabarError;

test('a transaction yields what its function does, and is there where the driver has transactions', () => {
  void expectTypeOf(interactive.transaction(async () => 7)).resolves.toEqualTypeOf<number>();
  void interactive.transaction(async (tx) => {
    expectTypeOf(tx).toEqualTypeOf<EngineTransaction>();
    expectTypeOf(await tx.nested(async () => 'x')).toEqualTypeOf<string>();
    await tx.run(update(User).set({ name: 'Ann' }).allRows());
  });
  // @ts-expect-error -- the driver has none
  void batches.transaction(async () => {});
});

test('what it may be told', () => {
  const work = async (): Promise<void> => {};
  void session.transaction(work, { isolation: 'repeatable read', readOnly: true, deferrable: true, retries: 2 });
  void session.transaction(work, {
    statementTimeout: 1,
    lockTimeout: 1,
    idleTimeout: 1,
    retryDelay: 1,
    identify: true,
  });
  void session.transaction(work, { signal: new AbortController().signal, deadline: 1, receipt: true });
  // @ts-expect-error -- no such level
  void session.transaction(work, { isolation: 'snapshot' });
  // @ts-expect-error -- no such option
  void session.transaction(work, { timeout: 1 });
});

test('locks keep the type of what they lock, and take one way to wait', () => {
  const query = session.query(User).with({ posts: true });
  expectTypeOf(query.forUpdate({ skipLocked: true }).all).toEqualTypeOf(query.all);
  const rows = select({ name: User.c.name }).from(User);
  expectTypeOf(rows.forShare({ of: User })).toEqualTypeOf(rows);
  expectTypeOf(rows.forNoKeyUpdate({ of: [User], noWait: true })).toEqualTypeOf(rows);
  // @ts-expect-error -- a row that is locked is left out, or is an error
  rows.forKeyShare({ skipLocked: true, noWait: true });
  // @ts-expect-error -- not a name
  rows.forUpdate({ of: 'users' });
});

test('receipts', () => {
  createEngine(driver, { receipts: receipts({ always: false }) });
  void session.commit({ receipt: true });
  void expectTypeOf(error.resolve()).resolves.toEqualTypeOf<Resolution>();
  // @ts-expect-error -- made by receipts()
  createEngine(driver, { receipts: true });
});
