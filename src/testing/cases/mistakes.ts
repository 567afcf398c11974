import { isCinnabarError } from '../../errors/base.ts';
import { type ExpectedError, holds, refuses } from '../assert.ts';
import { type ConformanceCase, knows, type Query } from '../conformance.ts';
import { all, survivesRollback } from './requirements.ts';

const secret = 'canary-5309';

/** Statements that no database takes; `$t` is a table with a column `v`. */
const mistakes: readonly (readonly [what: string, query: Query])[] = [
  ['a word that is none', ['selec v from $t']],
  ['no end', ['select v from']],
  ['a parenthesis too few', ['select (1 from $t']],
  ['a text without an end', [`select '${secret} from $t`]],
  ['a table that is not there', ['select v from no_such_table']],
  ['a column that is not there', ['select w from $t']],
  ['a column that is there twice', ['select v from $t a, $t b']],
  ['a function that is not there', [`select no_such_function('${secret}')`]],
  ['a function with too many arguments', [`select upper('${secret}', 'b')`]],
  ['a collation that is not there', ['select v from $t order by v collate no_such_collation']],
  ['values for too few columns', [`insert into $t (v) values (1, '${secret}')`]],
  ['selects of other widths put together', ['select 1 as a union select 1, 2']],
  ['an aggregate where there is none', ['select v from $t where count(*) > 1']],
  ['a conflict target that is no key', [`insert into $t values ('${secret}') on conflict (v) do nothing`]],
  ['JSON that is none', ['select @json(?1) as j', `{${secret}`]],
  ['a path that is none', ['select @path(?1, ?2) as j', '{}', secret]],
  ['a sum beyond 64 bits', ['select @sum(@int(value)) as s from @list(?1) as l', '[9223372036854775807,1]']],
  ['a number without its positive', ['select abs(-9223372036854775807 - 1) as a']],
];

const mistake = ([what, [sql, ...params]]: (typeof mistakes)[number]): ConformanceCase => ({
  name: `a mistake: ${what}`,
  async run({ same, table, unit, read }) {
    const t = await table('v integer');
    const query: Query = [sql.replaceAll('$t', t), ...params];
    const write: Query = [`insert into ${t} values (1)`];
    for (const work of [
      () => read(...query),
      () => unit('read', ['select 1 as a'], query),
      () => unit('write', write, query),
      () => unit('write', query, write),
    ]) {
      const error = await refuses(work, { code: ['DatabaseError', 'InvalidValueError'], retryable: false });
      holds(error.outcome !== 'unknown', 'the outcome is said to be unknown');
      const { cause: _, ...details } = error;
      holds(!(error.message + JSON.stringify(details)).includes('5309'), 'the error says what a literal holds');
    }
    same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
  },
});

/** What ends the transaction by itself D1 reports as an error of its own: then nobody knows, but nothing is kept. */
export const mayBeLost = (how: string): ExpectedError => (/rollback/i.test(how) ? {} : { outcome: 'not committed' });

/** What a trigger says. */
const raised: readonly ConformanceCase[] = (['abort', 'fail', 'rollback'] as const).map((how) => ({
  name: `a trigger that raises ${how} keeps nothing of the unit`,
  ...(how === 'fail' && { requires: knows('conflictClauses') }),
  ...(how === 'rollback' && { requires: all(knows('conflictClauses'), survivesRollback) }),
  async run({ same, table, trigger, unit, read }) {
    const t = await table('v integer');
    await trigger({ table: t, on: 'before', when: 'new.v > 2', act: { raise: 'too large', how } });
    const work = (): Promise<unknown> =>
      unit('write', [`insert into ${t} values (0)`], [`insert into ${t} values (1), (2), (3)`]);
    await refuses(work, mayBeLost(how));
    await refuses(() => unit('write', [`insert into ${t} values (1), (2), (3)`]), mayBeLost(how));
    same(await read(`select v from ${t}`), [], 'rows');
    await unit('write', [`insert into ${t} values (1)`]);
    same(await read(`select v from ${t}`), [[1]], 'rows of the next unit');
  },
}));

/** What stands in for a value: `unknown`, since the types refuse it. */
const strangers: readonly (readonly [what: string, value: unknown])[] = [
  ['undefined', undefined],
  ['a boolean', true],
  ['a bigint', 5n],
  ['a date', new Date(0)],
  ['an object', { v: 1 }],
  ['a list', [1]],
  ['a function', () => 1],
  ['a symbol', Symbol('v')],
];

const stranger = ([what, value]: (typeof strangers)[number]): ConformanceCase => ({
  name: `a parameter that is ${what} is refused before anything is sent`,
  async run({ same, table, unit, read }) {
    const t = await table('v @integer');
    const insert: Query = [`insert into ${t} values (?1)`, value as null];
    const refused = { code: 'InvalidValueError', outcome: 'not sent' } as const;
    await refuses(() => unit('write', [`insert into ${t} values (1)`], insert), refused);
    await refuses(() => read('select ?1 as v', value as null), refused);
    same(await read(`select v from ${t}`), [], 'rows');
  },
});

export const mistakeCases: readonly ConformanceCase[] = [
  ...mistakes.map(mistake),
  ...raised,
  ...strangers.map(stranger),
  {
    name: 'an error has the cause, and a name that is its code',
    async run({ same, read }) {
      const error = await refuses(() => read('selec'), { code: 'DatabaseError' });
      same(
        [error.name, error instanceof Error, isCinnabarError(error, 'DatabaseError')],
        ['DatabaseError', true, true],
        'error',
      );
      holds(error.cause !== undefined, 'there is no cause');
    },
  },
];
