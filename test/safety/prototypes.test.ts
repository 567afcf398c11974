import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { deleteFrom, insert, isCinnabarError, select, serialize, update } from 'cinnabar';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Account, openShop, untyped } from './support/shop.ts';

// Keys that every object has, as attributes from outside: no prototype is read for them, nor written to.

const shop = await openShop();
const keys =
  '__proto__ constructor prototype toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ then toJSON brand node whole kind length name.length c tableName length caller arguments apply call bind'.split(
    ' ',
  );
const pristine = (): unknown[] => [Object, Array, Function].map(({ prototype }) => Reflect.ownKeys(prototype));

let before: unknown[];
beforeEach(() => {
  before = pristine();
});
afterEach(() => expect(pristine()).toEqual(before));

/** As JSON makes it: `__proto__` is a key of the object, and no prototype. */
const withKey = (key: string, value: unknown): never =>
  JSON.parse(`{"name":"x",${JSON.stringify(key)}:${JSON.stringify(value)}}`) as never;

describe.for(keys)('%s', (key) => {
  test.for<[string, (given: never) => unknown]>([
    ['of filterBy()', (given) => shop.engine.all(select(Account).filterBy(given))],
    ['of a query', (given) => shop.session().query(Account).filterBy(given).all()],
    ['of a row', (given) => shop.engine.run(insert(Account).values(given))],
    ['of what is set', (given) => shop.engine.run(update(Account).set(given).allRows())],
    ['of a new entity', (given) => Reflect.construct(Account, [given])],
    ['of with()', (given) => shop.session().query(Account).with(given).all()],
    ['of a shape', async (given) => serialize(untyped(await shop.session().get(Account, 1)), given)],
    ['of returning()', (given) => shop.engine.all(deleteFrom(Account).where(Account.c.id.lt(0)).returning(given))],
    ['of select()', (given) => shop.engine.all(select(given))],
  ])('%s', async ([, use]) => {
    for (const value of ['x', 1, null, true, { polluted: true }, ['x']]) {
      const error: unknown = await Promise.resolve()
        .then(() => use(withKey(key, value)))
        .catch((caught: unknown) => caught);
      expect(isCinnabarError(error), `${JSON.stringify(value)}: ${String(error)}`).toBe(true);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    }
  });

  test('as a name', async () => {
    for (const use of [
      () => shop.session().query(Account).loadOnly(untyped(key)).all(),
      () => shop.engine.run(insert(Account).values({ name: 'x' }).onConflict(untyped(key)).ignore()),
    ])
      expect(await shop.refusal(use)).toMatchObject({ code: 'ConfigurationError' });
    const [row] = await shop.engine.all(
      select(Object.fromEntries([[key, Account.c.name]]))
        .from(Account)
        .where(Account.c.id.eq(1)),
    );
    expect(Object.entries(row!)).toEqual([[key, 'Ann']]);
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    const part = select(Object.fromEntries([[key, Account.c.name]]))
      .from(Account)
      .subquery('part');
    const column = Object.entries(part.c).find(([name]) => name === key)![1];
    expect(await shop.engine.all(select({ name: column }).from(part).limit(1))).toHaveLength(1);
  });

  test('as a key in JSON', async () => {
    const doc = JSON.parse(`{${JSON.stringify(key)}:{"polluted":true}}`) as object;
    const statement = (): unknown => insert(Account).values({ name: 'x', doc }).returning({ doc: Account.c.doc });
    if (key === '__proto__') expect(await shop.refusal(statement)).toMatchObject({ code: 'InvalidValueError' });
    else expect(await shop.engine.all(statement() as never)).toEqual([{ doc }]);
  });
});

test(
  'the conformance suite passes without __proto__, on intrinsics that are frozen',
  { timeout: 120_000 },
  async () => {
    const file = join(tmpdir(), `cinnabar-hardened-${process.pid}.mjs`);
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('support/hardened-run.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node22',
    });
    await writeFile(file, outputFiles[0]!.text);
    try {
      for (const flags of [['--disable-proto=throw', '--frozen-intrinsics'], ['--disable-proto=delete']]) {
        const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--no-warnings', file]);
        const { totals, failures, clean } = JSON.parse(stdout) as {
          totals: { passed: number; failed: number };
          failures: string[];
          clean: boolean;
        };
        expect(failures).toEqual([]);
        expect(totals.passed).toBeGreaterThan(100);
        expect(clean).toBe(true);
      }
    } finally {
      await rm(file);
    }
  },
);
