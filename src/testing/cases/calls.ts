import { isCinnabarError } from '../../errors/base.ts';
import { holds, refuses, same } from '../assert.ts';
import { type ConformanceCase, statement } from '../conformance.ts';
import { sqlite } from './requirements.ts';

const early = { code: 'TimeoutError', outcome: 'not sent' } as const;

/** How a call may end early. */
export const callCases: readonly ConformanceCase[] = [
  {
    name: 'a signal that has aborted, or a deadline that has passed, sends nothing',
    requires: sqlite,
    async run({ driver, table, read }) {
      const t = await table('v integer');
      const unit = { statements: [statement([`insert into ${t} values (1)`])], mode: 'write' } as const;
      await refuses(() => driver.execute(unit, { signal: AbortSignal.abort() }), early);
      await refuses(() => driver.execute(unit, { deadline: Date.now() - 1 }), early);
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'a signal and a deadline that leave time change nothing',
    requires: sqlite,
    async run({ driver }) {
      const unit = { statements: [statement(['select 1 as a'])], mode: 'read' } as const;
      const { signal } = new AbortController();
      for (const deadline of [Date.now() + 60_000, Date.now() + 1e12, Infinity]) {
        same((await driver.execute(unit, { signal, deadline })).results[0]?.rows, [[1]], 'rows');
      }
    },
  },
  {
    name: 'a write that is given up under way is done, or says that its outcome is unknown',
    requires: sqlite,
    async run({ driver, table, read }) {
      const t = await table('v integer');
      const unit = { statements: [statement([`insert into ${t} values (1)`])], mode: 'write' } as const;
      const giveUp = new AbortController();
      const answer = driver.execute(unit, { signal: giveUp.signal }).catch((error: unknown) => error);
      giveUp.abort();
      const end = await answer;
      if (!isCinnabarError(end)) return same(await read(`select v from ${t}`), [[1]], 'rows');
      same(end.code, 'TimeoutError', 'code');
      if (driver.capabilities.cancel) return;
      holds(end.outcome === 'unknown' || end.outcome === 'not sent', `the outcome is said to be ${end.outcome}`);
    },
  },
];
