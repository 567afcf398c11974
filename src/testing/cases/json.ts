import type { ConformanceCase } from '../conformance.ts';
import { type ExpectedRows, queryCase, three } from './selects.ts';

/** JSON, on which lists and whole rows travel. */
const json: readonly ExpectedRows[] = [
  [
    'parts of a document',
    {
      sqlite: [
        `select ?1 ->> '$.a.b[1]' as a, ?1 -> '$.a' as b, json_extract(?1, '$.c') as c, ?1 ->> 'c' as d`,
        '{"a":{"b":[1,"x"]},"c":null}',
      ],
      postgres: [
        `select @json(?1) #>> '{a,b,1}' as a, @json(?1) -> 'a' as b, @json(?1) #>> '{c}' as c, @json(?1) ->> 'c' as d`,
        '{"a":{"b":[1,"x"]},"c":null}',
      ],
    },
    [['x', '{"b":[1,"x"]}', null, null]],
  ],
  [
    'keys that need quotes',
    {
      sqlite: [`select ?1 ->> '$."a.b"' as a, ?1 ->> '$."x y"' as b, ?1 ->> 'a.b' as c`, '{"a.b":1,"x y":2}'],
      postgres: [
        `select @json(?1) #>> array['a.b'] as a, @json(?1) ->> 'x y' as b, @json(?1) ->> 'a.b' as c`,
        '{"a.b":1,"x y":2}',
      ],
    },
    [[1, 2, 1]],
  ],
  [
    'lists taken apart',
    {
      sqlite: ['select key, value, type from json_each(?1) order by key', '[1,"a",null,true,[2]]'],
      postgres: [
        `select key, value #>> '{}', json_typeof(value) from @rows(?1) as r order by key`,
        '[1,"a",null,true,[2]]',
      ],
    },
    {
      sqlite: [
        [0, 1, 'integer'],
        [1, 'a', 'text'],
        [2, null, 'null'],
        [3, 1, 'true'],
        [4, '[2]', 'array'],
      ],
      postgres: [
        [0, 1, 'number'],
        [1, 'a', 'string'],
        [2, null, 'null'],
        [3, 'true', 'boolean'],
        [4, '[2]', 'array'],
      ],
    },
  ],
  [
    'a tree taken apart',
    [`select fullkey, atom from json_tree(?1) where atom is not null order by fullkey`, '{"a":[1,{"b":2}]}'],
    [
      ['$.a[0]', 1],
      ['$.a[1].b', 2],
    ],
    'jsonTree',
  ],
  [
    'documents made of rows',
    {
      sqlite: [`select json_group_array(json_object('id', id, 'v', v)) as j from ${three} as s`],
      postgres: [`select jsonb_agg(jsonb_build_object('id', id, 'v', v) order by id) as j from ${three} as s`],
    },
    {
      sqlite: [['[{"id":1,"v":"a"},{"id":2,"v":"b"},{"id":3,"v":"b"}]']],
      postgres: [['[{"v": "a", "id": 1}, {"v": "b", "id": 2}, {"v": "b", "id": 3}]']],
    },
  ],
  [
    'documents changed',
    {
      sqlite: [
        `select json_set(?1, '$.b', json('[1]')) as a, json_remove(?1, '$.a') as b, json_patch(?1, '{"a":null,"c":2}') as c`,
        '{"a":1}',
      ],
      postgres: [
        `select jsonb_set(@json(?1)::jsonb, '{b}', '[1]') as a, @json(?1)::jsonb - 'a' as b, @json(?1)::jsonb - 'a' || '{"c":2}' as c`,
        '{"a":1}',
      ],
    },
    {
      sqlite: [['{"a":1,"b":[1]}', '{}', '{"c":2}']],
      postgres: [['{"a": 1, "b": [1]}', '{}', '{"c": 2}']],
    },
  ],
  [
    'integers beyond 2^53 in a document',
    {
      sqlite: ['select cast(?1 ->> 0 as text) as a, cast(value as text) as b from json_each(?1)', '[9007199254740993]'],
      postgres: ['select @json(?1) ->> 0 as a, value as b from @list(?1) as l', '[9007199254740993]'],
    },
    [['9007199254740993', '9007199254740993']],
  ],
  [
    'text in a document, to the last character',
    [`select @json(?1) ->> 0 as a`, JSON.stringify(['"\\/\u0001\n🐢\u2028'])],
    [['"\\/\u0001\n🐢\u2028']],
  ],
  [
    'what is JSON and what is not',
    {
      sqlite: [
        `select json_valid('{"a":1}') as a, json_valid('{a') as b, json_type('[1.5]', '$[0]') as c, json_array_length('[1,2]') as d, json_quote('a"b') as e`,
      ],
      postgres: [
        `select json_typeof('{"a":1}') as a, json_typeof('[1.5]'::json -> 0) as c, json_array_length('[1,2]') as d, to_json('a"b'::text) as e`,
      ],
    },
    { sqlite: [[1, 0, 'real', 2, '"a\\"b"']], postgres: [['object', 'number', 2, '"a\\"b"']] },
  ],
  [
    'a list of ten thousand as one parameter',
    [
      'select count(*) as c, sum(@int(value)) as s from @list(?1) as l',
      JSON.stringify(Array.from({ length: 10_000 }, (_, at) => at)),
    ],
    [[10_000, 49_995_000]],
  ],
  [
    'bytes as hexadecimal digits in a document',
    {
      sqlite: [`select hex(unhex(value)) as a, typeof(unhex(value)) as b from json_each(?1)`, '["00ff"]'],
      postgres: [
        `select @hex(decode(value, 'hex')) as a, @kind(decode(value, 'hex')) as b from @list(?1) as l`,
        '["00ff"]',
      ],
    },
    [['00FF', 'blob']],
  ],
];

export const jsonCases: readonly ConformanceCase[] = json.map(queryCase('JSON'));
