import { refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import type { Ability } from '../forms/forms.ts';
import { mayBeLost } from './mistakes.ts';

/** Ways to fail; `$t` is a table with a unique column `v` that holds 0. */
const failures: readonly (readonly [how: string, query: Query, needs?: Ability])[] = [
  ['a value that is taken', ['insert into $t (v) values (0)']],
  ['a mistake', ['selec 1']],
  ['a missing table', ['insert into no_such_table values (1)']],
  ['a guard', [`@fail('cinnabar:stale:0:0')`]],
  [
    'an overflow in the last row',
    [
      `insert into $t (v) select abs(@int(value)) from @list('[21,22]') as l union all select abs(-9223372036854775807 - 1)`,
    ],
  ],
  ['rows that collide after some', ['insert into $t (v) values (31), (32), (32)']],
  [
    'rows that collide after some, kept by their clause',
    ['insert or fail into $t (v) values (31), (32), (32)'],
    'conflictClauses',
  ],
  ['a collision that ends the transaction by its clause', ['@insertOrRollback into $t (v) values (0)']],
];

const units = 5;

/** What would end the transaction of a unit, or is no statement at all. */
const controls = [
  'commit',
  ' END transaction',
  'begin immediate',
  'Rollback',
  'rollback transaction',
  '/* a * comment */ commit',
  '-- a comment\n;commit',
  '',
  ' ; -- nothing',
];

/** A unit of five writes keeps nothing when a statement fails in any place among them. */
const failing = failures.flatMap(([how, [sql], ability]) =>
  [0, 2, units].map((place): ConformanceCase => ({
    name: `${how} ${['before', '', 'amid', '', '', 'after'][place]} the other statements keeps nothing`,
    ...(ability && { requires: knows(ability) }),
    async run({ same, table, unit, read }) {
      const t = await table('id @key, v integer unique, w text');
      await unit('write', [`insert into ${t} (v, w) values (0, 'before')`]);
      const queries: Query[] = [
        [`insert into ${t} (v) values (?1)`, 11],
        [`update ${t} set w = 'changed'`],
        [`create table ${t}_new (v integer)`],
        [`delete from ${t} where v = 11`],
        [`insert into ${t}_new values (1)`],
      ];
      queries.splice(place, 0, [sql.replaceAll('$t', t)]);
      await refuses(() => unit('write', ...queries), mayBeLost(sql));
      same(await read(`select id, v, w from ${t}`), [[1, 0, 'before']], 'rows');
      same(await read('select @tables(?1) as n', `${t}_new`), [[0]], 'new tables');
    },
  })),
);

export const atomicityCases: readonly ConformanceCase[] = [
  ...failing,
  ...['insert or fail', 'insert or rollback', 'insert or abort'].map((insert): ConformanceCase => ({
    name: `a statement alone keeps nothing when it fails amid its rows: ${insert}`,
    requires: knows('conflictClauses'),
    async run({ same, table, write, read }) {
      const t = await table('v integer unique');
      const collide = `${insert} into ${t} values (1), (2), (1)`;
      await refuses(() => write(collide), mayBeLost(insert));
      same(await read(`select v from ${t}`), [], 'rows');
      await write(`insert into ${t} values (1)`);
    },
  })),
  ...controls.map((control): ConformanceCase => ({
    name: `a unit is one transaction, whatever a statement says: ${JSON.stringify(control)}`,
    async run({ same, table, unit, read }) {
      const t = await table('v integer');
      const insert = (v: number): Query => [`insert into ${t} values (?1)`, v];
      const refused = { code: 'ConfigurationError', outcome: 'not sent' } as const;
      await refuses(() => unit('write', insert(1), [control], insert(2)), refused);
      await refuses(() => read(control), refused);
      await unit('write', insert(3));
      same(await read(`select v from ${t}`), [[3]], 'rows');
    },
  })),
  {
    name: 'a read unit that fails gives nothing, and holds no lock',
    async run({ same, table, unit, read }) {
      const t = await table('v integer');
      for (let time = 0; time < 3; time++) {
        await refuses(() => unit('read', [`select v from ${t}`], ['select v from no_such_table']), {
          code: 'DatabaseError',
        });
        await unit('write', [`insert into ${t} values (?1)`, time]);
      }
      same(await read(`select v from ${t} order by v`), [[0], [1], [2]], 'rows');
    },
  },
  {
    name: 'a unit of a thousand statements is one round trip, and all or nothing',
    async run({ same, sameTrips, table, unit, read }) {
      const t = await table('id @key, v integer unique');
      const inserts = Array.from({ length: 1000 }, (_, at): Query => [
        `insert into ${t} (v) values (?1) returning v`,
        at,
      ]);
      await refuses(() => unit('write', ...inserts, [`insert into ${t} (v) values (500)`]), {
        code: 'UniqueViolation',
      });
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows after the failure');
      const { results, trips } = await unit('write', ...inserts);
      sameTrips(trips, 1, 'trips', inserts.length);
      same(
        results.map(({ rows }) => rows),
        inserts.map((_, at) => [[at]]),
        'rows',
      );
    },
  },
];
