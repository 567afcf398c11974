import type { ConformanceCase } from '../conformance.ts';
import { type ExpectedRows, queryCase, three } from './selects.ts';

/** JSON, on which lists and whole rows travel. */
const json: readonly ExpectedRows[] = [
  [
    'parts of a document',
    [
      `select ?1 ->> '$.a.b[1]' as a, ?1 -> '$.a' as b, json_extract(?1, '$.c') as c, ?1 ->> 'c' as d`,
      '{"a":{"b":[1,"x"]},"c":null}',
    ],
    [['x', '{"b":[1,"x"]}', null, null]],
  ],
  [
    'keys that need quotes',
    [`select ?1 ->> '$."a.b"' as a, ?1 ->> '$."x y"' as b, ?1 ->> 'a.b' as c`, '{"a.b":1,"x y":2}'],
    [[1, 2, 1]],
  ],
  [
    'lists taken apart',
    ['select key, value, type from json_each(?1) order by key', '[1,"a",null,true,[2]]'],
    [
      [0, 1, 'integer'],
      [1, 'a', 'text'],
      [2, null, 'null'],
      [3, 1, 'true'],
      [4, '[2]', 'array'],
    ],
  ],
  [
    'a tree taken apart',
    [`select fullkey, atom from json_tree(?1) where atom is not null order by fullkey`, '{"a":[1,{"b":2}]}'],
    [
      ['$.a[0]', 1],
      ['$.a[1].b', 2],
    ],
  ],
  [
    'documents made of rows',
    [`select json_group_array(json_object('id', id, 'v', v)) as j from ${three}`],
    [['[{"id":1,"v":"a"},{"id":2,"v":"b"},{"id":3,"v":"b"}]']],
  ],
  [
    'documents changed',
    [
      `select json_set(?1, '$.b', json('[1]')) as a, json_remove(?1, '$.a') as b, json_patch(?1, '{"a":null,"c":2}') as c`,
      '{"a":1}',
    ],
    [['{"a":1,"b":[1]}', '{}', '{"c":2}']],
  ],
  [
    'integers beyond 2^53 in a document',
    ['select cast(?1 ->> 0 as text) as a, cast(value as text) as b from json_each(?1)', '[9007199254740993]'],
    [['9007199254740993', '9007199254740993']],
  ],
  [
    'text in a document, to the last character',
    [`select ?1 ->> 0 as a`, JSON.stringify(['"\\/\u0001\n🐢\u2028'])],
    [['"\\/\u0001\n🐢\u2028']],
  ],
  [
    'what is JSON and what is not',
    [
      `select json_valid('{"a":1}') as a, json_valid('{a') as b, json_type('[1.5]', '$[0]') as c, json_array_length('[1,2]') as d, json_quote('a"b') as e`,
    ],
    [[1, 0, 'real', 2, '"a\\"b"']],
  ],
  [
    'a list of ten thousand as one parameter',
    [
      'select count(*) as c, sum(value) as s from json_each(?1)',
      JSON.stringify(Array.from({ length: 10_000 }, (_, at) => at)),
    ],
    [[10_000, 49_995_000]],
  ],
  [
    'bytes as hexadecimal digits in a document',
    [`select hex(unhex(value)) as a, typeof(unhex(value)) as b from json_each(?1)`, '["00ff"]'],
    [['00FF', 'blob']],
  ],
];

export const jsonCases: readonly ConformanceCase[] = json.map(queryCase('JSON'));
