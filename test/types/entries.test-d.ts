import { expectTypeOf, test } from 'vitest';

test('every entry point has types of its own', () => {
  expectTypeOf<typeof import('cinnabar')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/libsql')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/d1')>().not.toBeAny();
  expectTypeOf<typeof import('cinnabar/testing')>().not.toBeAny();
});
