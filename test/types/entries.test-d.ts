import { expectTypeOf, test } from 'vitest';
import { createEngine, Session } from 'cinnabar';
import { d1 } from 'cinnabar/d1';
import { libsql } from 'cinnabar/libsql';

test('every entry point has types of its own', () => {
  expectTypeOf<typeof import('cinnabar')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/libsql')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/d1')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/node-sqlite')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/migrate')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/testing')>().not.toBeAny();
});

test('a driver says whether it has transactions that stay open', () => {
  const interactive = new Session(createEngine(libsql({} as never)));
  expectTypeOf(interactive.interactive).toEqualTypeOf<true>();
  void interactive.transaction(async () => {});
  const batches = new Session(createEngine(d1({} as never)));
  expectTypeOf(batches.interactive).toEqualTypeOf<false>();
  // @ts-expect-error D1 has none
  void batches.transaction(async () => {});
});
