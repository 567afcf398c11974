import { createClient } from '@libsql/client';
import {
  alias,
  createAll,
  createEngine,
  declarativeBase,
  insert,
  integer,
  isCinnabarError,
  select,
  text,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote } from '../../src/dialect/sqlite/quote.ts';

const name = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom(
        '"',
        "'",
        '`',
        '[',
        ']',
        ';',
        '-',
        '/',
        '*',
        '\\',
        ' ',
        '\n',
        '.',
        '?',
        ':',
        '$',
        '@',
        'a',
        '\u0001',
        'ü',
        '😀',
      ),
      minLength: 1,
      maxLength: 12,
    }),
    fc.constantFrom(
      'select',
      'rowid',
      '__proto__',
      'constructor',
      '1',
      '-1',
      'null',
      'sqlite',
      '"',
      '""',
      '"; drop table x; --',
      'a".b',
      "a' or 1=1",
      '\u2028',
      '\uFEFF',
    ),
  )
  .filter((value) => value.isWellFormed() && !value.includes('\0'));

/** The names in double quotes that a text begins with, and what is left. */
function firstToken(sql: string): [name: string, rest: string] {
  let at = 1;
  let found = '';
  for (; ; at++) {
    if (sql[at] !== '"') found += sql[at];
    else if (sql[at + 1] === '"') found += sql[at++];
    else return [found, sql.slice(at + 1)];
  }
}

test('a quoted name is one token, which is the name', () => {
  fc.assert(
    fc.property(name, fc.string(), (value, rest) => {
      expect(firstToken(`${quote(value)} ${rest}`)).toEqual([value, ` ${rest}`]);
    }),
    { numRuns: 2000 },
  );
});

test('what cannot be a name is refused', () => {
  for (const value of ['', '\0', 'a\0b', '\uD800', 'x\uDC00y'])
    expect(() => quote(value)).toThrow(
      'a name of the database is no text, is empty, holds NUL or is no well-formed text',
    );
});

test('the database reads the name that was meant', async () => {
  const client = createClient({ url: ':memory:' });
  await fc.assert(
    fc.asyncProperty(name, async (value) => {
      const { columns, rows } = await client.execute(`select 1 as ${quote(value)}`);
      expect([columns, rows[0]![0]]).toEqual([[value], 1]);
    }),
    { numRuns: 1000 },
  );
  client.close();
});

test('tables, columns, aliases, results and constraints of any name', async () => {
  const client = createClient({ url: ':memory:' });
  const engine = createEngine(libsql(client));
  const distinct = fc.uniqueArray(name, { minLength: 5, maxLength: 5, selector: (value) => value.toLowerCase() });
  await fc.assert(
    fc.asyncProperty(
      distinct,
      fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0')),
      async ([table, key, column, other, shown], value) => {
        const Model = declarativeBase();
        class Thing extends Model(`t ${table!}`, {
          id: integer().primaryKey().named(key!),
          note: text().named(column!),
        }).constrain((c) => ({ checks: { [other!]: c.note.ne('never') } })) {}
        await createAll(engine, Model.metadata);
        const Other = alias(Thing, other!);
        const inner = select({ [shown!]: Thing.c.note }).cte(shown!);

        expect(await engine.all(insert(Thing).values({ note: value }).returning())).toEqual([{ id: 1, note: value }]);
        expect(
          await engine.all(
            select({ [shown!]: Other.c.note, whole: Thing, id: Thing.c.id })
              .from(Thing)
              .innerJoin(Other, Other.c.id.eq(Thing.c.id))
              .innerJoin(inner, (inner.c as Record<string, typeof Thing.c.note>)[shown!]!.eq(Thing.c.note))
              .where(Thing.c.note.eq(value)),
          ),
        ).toEqual([
          Object.fromEntries([
            [shown!, value],
            ['whole', { id: 1, note: value }],
            ['id', 1],
          ]),
        ]);
        const error: unknown = await engine
          .run(insert(Thing).values({ note: 'never' }))
          .catch((caught: unknown) => caught);
        expect(isCinnabarError(error, 'CheckViolation')).toBe(true);
        await client.execute(`drop table ${quote(`t ${table!}`)}`);
      },
    ),
    { numRuns: 200 },
  );
  client.close();
});
