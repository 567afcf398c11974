import { globSync, readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError, isCinnabarError } from 'cinnabar';
import { afterAll, describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/compiler/dialect.ts';
import { quote } from '../../src/dialect/sqlite/quote.ts';
import { anyName, isName } from './support/names.ts';
import { positions, type Texts } from './support/positions.ts';
import { Random, runs, seedOf, tryAll } from './support/random.ts';
import { type Token, tokenize } from './support/sqlite-tokens.ts';

// Of a name in any place of a statement the tokenizer makes one token, which is the name: the statement is otherwise the
// one that a harmless name makes. What can be no name is refused before there is any text.

const HARMLESS = 'harmless';
/** Rows that arrive as objects would lose the order of such columns, or the column: they are read under another name. */
const READ_UNDER_ANOTHER = /^(?:\d*|__proto__)$/;
const HARMLESS_NUMBER = '4242424242';
const database = new DatabaseSync(':memory:');
afterAll(() => database.close());

describe('the tokenizer of these tests reads as SQLite does', () => {
  /** Runs a text, and says whether the engine could read it. */
  const read = (sql: string): readonly string[] | undefined => {
    try {
      return database
        .prepare(sql)
        .columns()
        .map(({ name }) => name);
    } catch {
      return undefined;
    }
  };

  test('names in quotes of every kind', { timeout: 600_000 }, async () => {
    await tryAll('tokens', runs(1000, 100_000), (random) => {
      const [open, close] = random.pick(['""', '``', '[]'] as const);
      const inside = anyName(random).replaceAll('\0', '').toWellFormed();
      const sql = `select 1 as ${open}${random.chance(0.5) ? inside : inside.replaceAll(close!, close! + close!)}${close}`;
      const names = read(sql);
      const tokens = ((): readonly Token[] => {
        try {
          return tokenize(sql);
        } catch {
          return [];
        }
      })();
      const [, , , last] = tokens;
      // The whole rest of the text is one name to both, or to neither.
      if (tokens.length === 4 && last!.kind === 'name') expect(names).toEqual([last!.value]);
      else expect(names).not.toEqual([inside]);
    });
  });

  test.for([
    [`'it''s' "a""b" [c]d] \`e\`\`f\``, ["string:it's", 'name:a"b', 'name:c', 'word:d', undefined]],
    [
      `x'00ff' 1.5e-3 .5 0x1F ?1 :a @b $c`,
      [
        'blob:00ff',
        'number:1.5e-3',
        'number:.5',
        'number:0x1F',
        'parameter:?1',
        'parameter::a',
        'parameter:@b',
        'parameter:$c',
      ],
    ],
    ['a->>b||c<>d', ['word:a', 'operator:->>', 'word:b', 'operator:||', 'word:c', 'operator:<>', 'word:d']],
    ['1 -- x', [undefined]],
    ['1 /* x */', [undefined]],
    [`"open`, [undefined]],
  ] as [string, (string | undefined)[]][])('%s', ([sql, expected]) => {
    if (expected.includes(undefined)) expect(() => tokenize(sql)).toThrow(/comment|quote|unrecognized/);
    else expect(tokenize(sql).map(({ kind, value }) => `${kind}:${value}`)).toEqual(expected);
  });
});

const templates = new Map<string, Token[][]>();

function tokensOf({ ddl, statements }: Texts): Token[][] {
  return [...ddl, ...statements].map(tokenize);
}

/** The texts with a name where a harmless one stood, or undefined where the name was refused as a name. */
function check(place: string, name: string): Texts | undefined {
  const make = positions[place]!;
  const stand = READ_UNDER_ANOTHER.test(name) ? HARMLESS_NUMBER : HARMLESS;
  const key = `${place} ${stand}`;
  let harmless = templates.get(key);
  if (!harmless) templates.set(key, (harmless = tokensOf(make(stand))));
  let texts: Texts;
  try {
    texts = make(name);
  } catch (error) {
    if (!isCinnabarError(error, 'ConfigurationError')) throw error;
    return undefined;
  }
  const tokens = tokensOf(texts);
  if (tokens.length !== harmless.length) throw new Error(`${tokens.length} statements, not ${harmless.length}`);
  tokens.forEach((found, statement) => {
    const expected = harmless[statement]!;
    if (found.length !== expected.length)
      throw new Error(`other tokens: ${[...texts.ddl, ...texts.statements][statement]}`);
    found.forEach(({ kind, value }, at) => {
      const { kind: kindMeant, value: meant } = expected[at]!;
      // A name that the library makes of others is cut, with a hash at its end, where it is too long.
      const isCut = meant !== stand && meant.includes(stand) && /_[\da-f]{8}$/.test(value);
      if (kind !== kindMeant || (value !== meant.replaceAll(stand, () => name) && !isCut))
        throw new Error(`'${value}' where '${meant}' was meant`);
    });
  });
  return texts;
}

const places = Object.keys(positions);

test('a name is one token in every place, or refused', { timeout: 3_600_000 }, async () => {
  let refused = 0;
  let possible = 0;
  await tryAll('identifiers', runs(5000, 1_000_000), (random, at) => {
    const name = anyName(random);
    const place = places[at % places.length]!;
    const texts = check(place, name);
    if (texts) expect(isName(name) || (name === '' && /^(?:a label|named)/.test(place))).toBe(true);
    else if (isName(name)) possible++;
    else refused++;
  });
  console.log(`identifiers: ${places.length} places; ${refused} refused as no names, ${possible} for another reason`);
  expect(refused).toBeGreaterThan(50);
  // A point in the target of a key, a name that another column or table of the case has, a text over the limit.
  expect(possible).toBeLessThan(runs(5000, 1_000_000) / 30);
});

test('the engine reads what was meant', { timeout: 3_600_000 }, async () => {
  let prepared = 0;
  await tryAll('identifiers prepared', runs(600, 100_000), (random, at) => {
    const name = anyName(random);
    // Names that SQLite keeps for itself, and columns of subqueries that it does not find again.
    if (/^(?:sqlite_.*|true|false)$/is.test(name)) return;
    const texts = check(places[at % places.length]!, name);
    if (!texts) return;
    const { attach = 'main' } = texts;
    const attached = !/^(?:main|temp)$/i.test(attach);
    if (attached) database.exec(`attach ':memory:' as ${quote(attach)}`);
    try {
      for (const sql of texts.ddl) database.exec(sql);
      for (const sql of texts.statements) {
        database.prepare(sql);
        prepared++;
      }
      // Nothing but the tables of the case is there, and they all go.
      for (const sql of texts.drop) database.exec(sql);
      expect(database.prepare("select name from sqlite_master where name not like 'sqlite_%'").all()).toEqual([]);
    } finally {
      if (attached) database.exec(`detach ${quote(attach)}`);
    }
  });
  expect(prepared).toBeGreaterThan(runs(600, 100_000) / 2);
});

describe('quoting', () => {
  test('is in one function of each dialect, and each refuses what can be no name', async () => {
    const dialects = readdirSync(new URL('../../src/dialect', import.meta.url));
    expect(dialects).toContain('sqlite');
    for (const dialect of dialects) {
      const all: Record<string, unknown> = await import(`../../src/dialect/${dialect}/index.ts`);
      const found = Object.values(all).filter(
        (value): value is Dialect => typeof value === 'object' && value !== null && 'quote' in value,
      );
      expect(found, dialect).toHaveLength(1);
      const { quote } = found[0]!;
      for (const name of ['', '\0', 'a\0b', '\ud800', 'x\udc00y', 5, null, ['x']] as string[])
        expect(() => quote(name)).toThrow(ConfigurationError);
      const random = new Random(seedOf());
      for (let at = 0; at < 2000; at++) {
        const name = anyName(random);
        if (!isName(name)) continue;
        // PostgreSQL would cut it, perhaps to the name of another.
        if (dialect === 'postgres' && new TextEncoder().encode(name).length > 63) {
          expect(() => quote(name)).toThrow(ConfigurationError);
          continue;
        }
        const text = quote(name);
        const mark = text[0]!;
        expect(text).toBe(mark + name.replaceAll(mark, mark + mark) + mark);
      }
    }
  });

  test('is nowhere else', () => {
    const sources = globSync('{src,adapters}/**/*.ts', { cwd: new URL('../..', import.meta.url) });
    const others = sources.filter(
      (path) =>
        !path.endsWith('/quote.ts') &&
        // Conformance cases send texts of their own.
        !path.startsWith('src/testing/') &&
        /,\s*(['"`])(["`])\2\1\s*\)/.test(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')),
    );
    expect(others).toEqual([]);
    expect(sources.length).toBeGreaterThan(80);
  });
});
