import {
  bigint,
  boolean,
  bytes,
  type Condition,
  custom,
  double,
  enumeration,
  integer,
  json,
  jsonArrayLength,
  jsonContains,
  jsonEquals,
  jsonExists,
  jsonGet,
  literal,
  numeric,
  plainDate,
  plainTime,
  select,
  sql,
  text,
  timestamp,
  typed,
  uuid,
} from 'cinnabar';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenDriver, TestDatabase } from '../support/database.ts';
import { givenSamples, refusedCases, s, Sample, valueCases } from './samples.ts';

/** Documents: values at a path, and what they hold. */
export function jsonCases(open: OpenDriver): void {
  const leaves = (doc: string): string =>
    `(select json_group_array(json_array(fullkey, type, atom)) from (select * from json_tree(${doc}) order by fullkey))`;
  valueCases('documents', open, [
    [jsonGet(s.doc, ['name'], text()), '"doc" ->> ?1', 'x'],
    [jsonGet(s.doc, ['n'], integer()), '"doc" ->> ?1', 5],
    [jsonGet(s.doc, ['n'], bigint()), 'cast("doc" ->> ?1 as text)', 5n],
    [jsonGet(s.doc, ['n'], double()), '"doc" ->> ?1', 5],
    [jsonGet(s.doc, ['half'], double()), '"doc" ->> ?1', 0.5],
    [jsonGet(s.doc, ['yes'], boolean()), booleanAt('"doc"'), true],
    [jsonGet(s.doc, ['no'], boolean()), booleanAt('"doc"'), false],
    [jsonGet(s.doc, ['n'], boolean()), booleanAt('"doc"'), null],
    [jsonGet(s.doc, ['deep', 'list', 0], text()), '"doc" ->> ?1', 'p'],
    [jsonGet(s.doc, ['deep', 'list', 9], text()), '"doc" ->> ?1', null],
    [jsonGet(s.doc, ['deep', 'list', 'x'], text()), '"doc" ->> ?1', null],
    [jsonGet(s.doc, ['name', 'x'], text()), '"doc" ->> ?1', null],
    [jsonGet(s.doc, ['nil'], text()), '"doc" ->> ?1', null],
    [jsonGet(s.doc, ['deep'], json<unknown>()), '"doc" -> ?1', { list: ['p', 'q', 1, true, null] }],
    [jsonGet(s.doc, ['nil'], json<unknown>()), '"doc" -> ?1', null],
    [jsonGet(s.doc, ['name'], json<unknown>()), '"doc" -> ?1', 'x'],
    [jsonGet(jsonGet(s.doc, ['deep'], json()), ['list', 1], text()), '("doc" -> ?1) ->> ?2', 'q'],
    [
      jsonGet(literal({ at: '2024-01-01T00:00:00.000Z' }, json()), ['at'], timestamp()),
      '?1 ->> ?2',
      new Date('2024-01-01'),
    ],
    [jsonGet(literal({ day: '2024-01-01' }, json()), ['day'], plainDate()), '?1 ->> ?2', '2024-01-01'],
    [jsonGet(literal({ role: 'a' }, json()), ['role'], enumeration('a', 'b')), '?1 ->> ?2', 'a'],
    [jsonGet(literal([1, [2]], json()), [1, 0], integer()), '?1 ->> ?2', 2],
    [jsonGet(literal('whole', json()), [], text()), '?1 ->> ?2', 'whole'],
    [
      jsonGet(s.doc, ['deep', 'list'], text()),
      '"doc" ->> ?1',
      '["p","q",1,true,null]',
      { value: '["p", "q", 1, true, null]' },
    ],
    [jsonGet(s.doc, ['n'], integer()).plus(1), '("doc" ->> ?1) + cast(?2 as integer)', 6],
    [jsonGet(s.doc, ['n'], integer()).eq(5), '("doc" ->> ?1) = cast(?2 as integer)', true],
    [jsonGet(s.doc, ['n'], text()).eq('5'), '("doc" ->> ?1) = ?2', false, { value: null }],
    [jsonGet(s.doc, ['name'], text()).in(['x']), '("doc" ->> ?1) in (select value from json_each(?2))', true],
    [jsonExists(s.doc, ['deep', 'list']), 'json_type("doc", ?1) is not null', true],
    [jsonExists(s.doc, ['nil']), 'json_type("doc", ?1) is not null', true],
    [jsonExists(s.doc, ['deep', 'none']), 'json_type("doc", ?1) is not null', false],
    [jsonArrayLength(jsonGet(s.doc, ['deep', 'list'], json())), 'json_array_length("doc" -> ?1)', 5],
    [jsonArrayLength(s.doc), 'json_array_length("doc")', 0],
    [jsonArrayLength(jsonGet(s.doc, ['none'], json())), 'json_array_length("doc" -> ?1)', null],
    [
      jsonContains(jsonGet(s.doc, ['deep', 'list'], json()), 'q'),
      `exists (select 1 from json_each("doc" -> ?1) where typeof(key) <> 'text' and type = 'text' and atom = ?2)`,
      true,
    ],
    [jsonEquals(s.doc, { name: 'x' }), `${leaves('"doc"')} = ${leaves('?1')}`, false],
  ]);

  describe('what a document holds', () => {
    let db: TestDatabase;
    beforeAll(async () => {
      db = await givenSamples(open);
    });
    const holds = async (condition: Condition): Promise<unknown> => {
      const [row] = await db.engine.all(select({ value: condition }));
      return row!.value;
    };
    const list = literal(['a', '1', 1, 2.5, true, null, ['in'], { k: 'deep' }], json());

    test.for([
      ['a', true],
      ['1', true],
      ['2', false],
      ['true', false],
      ['in', false],
      ['deep', false],
      [1, true],
      [2, false],
      [2.5, true],
      [true, true],
      [false, false],
      [null, true],
    ] as const)('%s among its elements: %s', async ([value, expected]) => {
      expect(await holds(jsonContains(list, value))).toBe(expected);
      expect(await holds(jsonContains(literal({ x: value }, json()), value))).toBe(false);
      expect(await holds(jsonContains(literal(value, json().nullable()), value as string))).toBe(value !== null);
      expect(await holds(jsonContains(literal([], json()), value))).toBe(false);
    });

    test.for([
      [{ a: 1, b: [true, null] }, `{ "b" : [true,null], "a" : 1 }`, true],
      [{ a: 1 }, '{"a":"1"}', false],
      [{ a: 1 }, '{"a":1,"b":2}', false],
      [{ a: {} }, '{"a":[]}', false],
      [[1, 2], '[2,1]', false],
      [[1, 2], ' [1, 2] ', true],
      [null, 'null', true],
      ['x', '"x"', true],
      [{ 'a.b': 1 }, '{"a":{"b":1}}', false],
      [{}, '[]', false],
    ] as const)('%j equals %s: %s', async ([value, stored, expected]) => {
      expect(await holds(jsonEquals(typed(sql`${stored}`, json()), value))).toBe(expected);
    });

    test.for([
      // Of another type of JSON, which PostgreSQL leaves out.
      ['text', text(), 5, null],
      ['integer', integer(), 'x', null],
      ['bigint', bigint(), 'x', null],
      ['double', double(), '1.5', null],
      ['timestamp', timestamp(), 5, null],
      ['a type of one’s own', custom(text(), { read: (value) => ({ value }), write: ({ value }) => value }), 5, null],
      ['integer', integer(), 1.5],
      ['bigint', bigint(), 1e300],
      ['uuid', uuid(), 'x'],
      ['enumeration', enumeration('a', 'b'), 'c'],
      ['plainDate', plainDate(), '2024-02-30'],
      ['timestamp', timestamp(), 'yesterday', null],
      ['plainDate', plainDate(), 'today', null],
    ] as const)('another value than %s is an error when it is read', async ([, type, value, postgres]) => {
      const doc = literal({ canary: value }, json());
      const statement = select({ value: jsonGet(doc, ['canary'], type as ReturnType<typeof text>) });
      if (postgres === null && db.by({ sqlite: false, postgres: true })) {
        expect(await db.engine.all(statement)).toEqual([{ value: null }]);
        return;
      }
      const { error } = await db.failure(() => db.engine.all(statement));

      expect(error).toMatchObject({
        code: 'InvalidValueError',
        message: expect.stringMatching(
          db.by({ sqlite: /^value: what was read/, postgres: /^(value: what was read|the database refuses a value)/ }),
        ),
      });
    });

    test('a condition leaves out what is of another type', async () => {
      const rows = await db.engine.all(
        select({ id: Sample.c.id })
          .where(jsonGet(Sample.c.doc, ['n'], integer()).gte(0))
          .orderBy(Sample.c.id),
      );
      expect(rows).toEqual([{ id: 1 }]);
    });

    test.for(['a"b', 'a\\b', '$x', '', 'a.b', 'é', '💥', 'a\nb', "'", '[0]', '*', '\u2028', '\u0001'])(
      'the key %j, as it is written',
      async (key) => {
        const doc = literal({ other: 0, [key]: { [key]: ['v'] } }, json());
        const [row] = await db.engine.all(
          select({ value: jsonGet(doc, [key, key, 0], text()), none: jsonExists(doc, [key, 'other']) }),
        );
        expect(row).toEqual({ value: 'v', none: false });
      },
    );

    test('two paths are one text', async () => {
      const { sql: sent } = await db.record(async () => {
        for (const path of [['a'], ['b', 3, "';--"], []])
          await db.engine.all(select({ value: jsonGet(s.doc, path, json()) }));
      });
      expect(new Set(sent).size).toBe(1);
    });
  });

  refusedCases('documents', [
    [
      'a path as text',
      () => jsonGet(s.doc, 'name' as never, text()),
      'InvalidValueError',
      'jsonGet(): a path is an array of keys and places',
    ],
    [
      'a place below 0',
      () => jsonGet(s.doc, ['a', -1], text()),
      'InvalidValueError',
      'jsonGet(): leg 1 of a path is a key, or a place from 0',
    ],
    ['a fraction', () => jsonGet(s.doc, [0.5], text()), 'InvalidValueError', 'leg 0 of a path'],
    ['a place that wraps', () => jsonGet(s.doc, [2 ** 32], text()), 'InvalidValueError', 'leg 0 of a path'],
    [
      'an object as a leg',
      () => jsonGet(s.doc, [{ toString: () => 'x' } as never], text()),
      'InvalidValueError',
      'got an object',
    ],
    ['a lone surrogate', () => jsonGet(s.doc, ['\ud800'], text()), 'InvalidValueError', 'leg 0 of a path'],
    ['NUL', () => jsonExists(s.doc, ['\0']), 'InvalidValueError', 'jsonExists(): leg 0 of a path'],
    [
      'a decimal',
      () => jsonGet(s.doc, ['a'], numeric(4, 2)),
      'ConfigurationError',
      'jsonGet(): JSON has no value that is numeric(4, 2); read text() or json()',
    ],
    ['bytes', () => jsonGet(s.doc, ['a'], bytes()), 'ConfigurationError', 'JSON has no value that is bytes()'],
    [
      'a time of day',
      () => jsonGet(s.doc, ['a'], plainTime()),
      'ConfigurationError',
      'JSON has no value that is plainTime()',
    ],
    [
      'a type by name',
      () => jsonGet(s.doc, ['a'], 'text' as never),
      'ConfigurationError',
      'jsonGet(): its type is a column',
    ],
    [
      'a number',
      () => jsonGet(s.a, ['a'], text()),
      'ConfigurationError',
      'jsonGet(): expected a json() column, got integer()',
    ],
    [
      'no expression',
      () => jsonGet('{}' as never, ['a'], text()),
      'ConfigurationError',
      'jsonGet(): expected an expression, got a string',
    ],
    [
      'an object in an array',
      () => jsonContains(s.doc, {} as never),
      'InvalidValueError',
      'jsonContains(): expected text, a number, a boolean or null; got an object',
    ],
    [
      'NaN in an array',
      () => jsonContains(s.doc, Number.NaN),
      'InvalidValueError',
      'jsonContains(): expected a finite number',
    ],
    ['a bigint in a document', () => jsonEquals(s.doc, { n: 1n }), 'InvalidValueError', 'jsonEquals(): expected'],
  ]);
}

function booleanAt(doc: string): string {
  return `case json_type(${doc}, ?1) when 'true' then 1 when 'false' then 0 end`;
}
