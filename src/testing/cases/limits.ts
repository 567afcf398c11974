import { refuses } from '../assert.ts';
import { type ConformanceCase, knows } from '../conformance.ts';
import { all } from './requirements.ts';

const times = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));
// Numbered parameters would take SQLite seconds: it looks each of them up among all.
const parameters = (count: number): string => `select 1 as a where 1 in (${times(count, () => '?').join()})`;
const terms = (count: number): string => times(count, (at) => `select ${at} as a`).join(' union all ');
const columns = (count: number): string => `select ${times(count, (at) => `1 as c${at}`).join()}`;
const sum = (count: number): string => `select ${times(count, () => '1').join(' + ')} as a`;

const always = (): undefined => undefined;

/** The limits that the driver declares: what they allow works, and what they do not is a typed refusal. */
export const limitCases: readonly ConformanceCase[] = [
  {
    name: 'a statement binds as many parameters as the driver declares, and no more',
    requires: (driver) => (Number.isFinite(driver.limits.parameters) ? undefined : 'the driver has no limit'),
    async run({ same, driver, read, unit }) {
      const { parameters: most } = driver.limits;
      same(await read(parameters(most), ...times(most, () => 1)), [[1]], 'rows');
      const over = [parameters(most + 1), ...times(most + 1, () => 1)] as const;
      await refuses(() => read(...over), { code: 'LimitExceeded' });
      await refuses(() => unit('write', ['select 1 as a'], over), { code: 'LimitExceeded' });
    },
  },
  ...(
    [
      ['terms of a compound SELECT', 'compoundTerms', terms, always],
      ['columns of a result', 'columns', columns, always],
      ['levels of an expression', 'depth', sum, knows('fixedDepth')],
    ] as const
  ).map(([what, limit, sql, fixed]): ConformanceCase => ({
    name: `as many ${what} as the driver declares, and no more`,
    requires: all((driver) => (Number.isFinite(driver.limits[limit]) ? undefined : 'the driver has no limit'), fixed),
    async run({ driver, read }) {
      const most = driver.limits[limit];
      await read(sql(most));
      await refuses(() => read(sql(most + 1)), { code: 'LimitExceeded' });
    },
  })),
  {
    name: 'a statement is as long as the driver declares',
    async run({ same, driver, read }) {
      const most = Math.min(driver.limits.statementBytes, 1_000_000);
      const [head, tail] = ['select 1 as a /*', '*/'];
      same(await read(head + 'x'.repeat(most - head.length - tail.length) + tail), [[1]], 'rows');
    },
  },
  {
    name: 'a value is as large as the driver declares',
    async run({ same, driver, read }) {
      const most = Math.min(driver.limits.valueBytes, 5_000_000);
      same(await read('select length(?1) as n', 'x'.repeat(most)), [[most]], 'characters');
      same(await read('select length(@blob(?1)) as n', new Uint8Array(most)), [[most]], 'bytes');
    },
  },
  {
    name: 'what is over a limit is refused before anything is sent',
    async run({ driver, read, unit }) {
      const { parameters: most, statementBytes, valueBytes } = driver.limits;
      const notSent = { code: 'LimitExceeded', outcome: 'not sent' } as const;
      if (Number.isFinite(most)) await refuses(() => read('select 1 as a', ...times(most + 1, () => 1)), notSent);
      await refuses(() => unit('write', ['select 1 as a'], ['x'.repeat(statementBytes + 1)]), notSent);
      if (valueBytes > 10_000_000) return;
      await refuses(() => read('select length(?1) as n', 'x'.repeat(valueBytes + 1)), notSent);
      await refuses(() => read('select length(?1) as n', new Uint8Array(valueBytes + 1)), notSent);
    },
  },
  {
    name: 'an expression that is balanced may be long',
    async run({ same, read }) {
      const balanced = (from: number, to: number): string => {
        const middle = (from + to) >> 1;
        return to - from === 1 ? String(from) : `(${balanced(from, middle)} + ${balanced(middle, to)})`;
      };
      same(await read(`select ${balanced(0, 2000)} as n`), [[1_999_000]], 'sum');
    },
  },
  {
    name: 'a table has as many columns as the driver declares',
    requires: (driver) => (Number.isFinite(driver.limits.columns) ? undefined : 'the driver has no limit'),
    async run({ same, driver, table, unit, read }) {
      const names = times(Math.min(driver.limits.columns, 1000), (at) => `c${at}`);
      const t = await table(names.map((name) => `${name} integer`).join());
      await unit('write', [`insert into ${t} select ${names.map((_, at) => at).join()}`]);
      same(await read(`select * from ${t}`), [names.map((_, at) => at)], 'row');
    },
  },
  {
    name: 'a list has as many members as fit into a value',
    async run({ same, read }) {
      const list = JSON.stringify(times(100_000, (at) => at));
      same(
        await read('select count(*) as n, max(@int(value)) as m from @list(?1) as l', list),
        [[100_000, 99_999]],
        'list',
      );
    },
  },
];
