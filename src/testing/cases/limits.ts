import { refuses, same } from '../assert.ts';
import type { ConformanceCase } from '../conformance.ts';
import { sqlite } from './requirements.ts';

const times = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));
// Numbered parameters would take SQLite seconds: it looks each of them up among all.
const parameters = (count: number): string => `select 1 as a where 1 in (${times(count, () => '?').join()})`;
const terms = (count: number): string => times(count, (at) => `select ${at} as a`).join(' union all ');
const columns = (count: number): string => `select ${times(count, (at) => `1 as c${at}`).join()}`;
const sum = (count: number): string => `select ${times(count, () => '1').join(' + ')} as a`;

/** The limits that the driver declares: what they allow works, and what they do not is a typed refusal. */
export const limitCases: readonly ConformanceCase[] = [
  {
    name: 'a statement binds as many parameters as the driver declares, and no more',
    requires: (driver) => (Number.isFinite(driver.limits.parameters) ? sqlite(driver) : 'the driver has no limit'),
    async run({ driver, read, unit }) {
      const { parameters: most } = driver.limits;
      same(await read(parameters(most), ...times(most, () => 1)), [[1]], 'rows');
      const over = [parameters(most + 1), ...times(most + 1, () => 1)] as const;
      await refuses(() => read(...over), { code: 'LimitExceeded' });
      await refuses(() => unit('write', ['select 1 as a'], over), { code: 'LimitExceeded' });
    },
  },
  ...(
    [
      ['terms of a compound SELECT', 'compoundTerms', terms],
      ['columns of a result', 'columns', columns],
      ['levels of an expression', 'depth', sum],
    ] as const
  ).map(([what, limit, sql]): ConformanceCase => ({
    name: `as many ${what} as the driver declares, and no more`,
    requires: (driver) => (Number.isFinite(driver.limits[limit]) ? sqlite(driver) : 'the driver has no limit'),
    async run({ driver, read }) {
      const most = driver.limits[limit];
      await read(sql(most));
      await refuses(() => read(sql(most + 1)), { code: 'LimitExceeded' });
    },
  })),
  {
    name: 'a statement is as long as the driver declares',
    requires: sqlite,
    async run({ driver, read }) {
      const most = Math.min(driver.limits.statementBytes, 1_000_000);
      const [head, tail] = ['select 1 as a /*', '*/'];
      same(await read(head + 'x'.repeat(most - head.length - tail.length) + tail), [[1]], 'rows');
    },
  },
  {
    name: 'a value is as large as the driver declares',
    requires: sqlite,
    async run({ driver, read }) {
      const most = Math.min(driver.limits.valueBytes, 5_000_000);
      same(await read('select length(?1) as n', 'x'.repeat(most)), [[most]], 'characters');
      same(await read('select length(?1) as n', new Uint8Array(most)), [[most]], 'bytes');
    },
  },
];
