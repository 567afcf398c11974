import { isCinnabarError } from '../../errors/base.ts';
import { holds, refuses } from '../assert.ts';
import type { ConformanceCase } from '../conformance.ts';
import { needs } from './requirements.ts';

const early = { code: 'TimeoutError', outcome: 'not sent' } as const;

/** How a call may end early. */
export const callCases: readonly ConformanceCase[] = [
  {
    name: 'a signal that has aborted, or a deadline that has passed, sends nothing',
    async run({ same, driver, statement, table, read }) {
      const t = await table('v integer');
      const unit = { statements: [statement([`insert into ${t} values (1)`])], mode: 'write' } as const;
      await refuses(() => driver.execute(unit, { signal: AbortSignal.abort() }), early);
      await refuses(() => driver.execute(unit, { deadline: Date.now() - 1 }), early);
      same(await read(`select count(*) as n from ${t}`), [[0]], 'rows');
    },
  },
  {
    name: 'a signal and a deadline that leave time change nothing',
    async run({ same, driver, statement }) {
      const unit = { statements: [statement(['select 1 as a'])], mode: 'read' } as const;
      const { signal } = new AbortController();
      for (const deadline of [Date.now() + 60_000, Date.now() + 1e12, Infinity]) {
        same((await driver.execute(unit, { signal, deadline })).results[0]?.rows, [[1]], 'rows');
      }
    },
  },
  {
    name: 'a write that is given up under way is done, or says that its outcome is unknown',
    async run({ same, driver, statement, table, read }) {
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
  {
    name: 'a read that is given up under way is answered, or says that it was given up',
    async run({ same, driver, statement, read }) {
      const unit = { statements: [statement(['select 1 as a']), statement(['select 2 as a'])], mode: 'read' } as const;
      const giveUp = new AbortController();
      const answer = driver.execute(unit, { signal: giveUp.signal }).catch((error: unknown) => error);
      giveUp.abort();
      const end = await answer;
      if (isCinnabarError(end)) {
        same(end.code, 'TimeoutError', 'code');
        holds(end.outcome !== 'unknown', 'a read is said to have an unknown outcome');
      }
      same(await read('select 3 as a'), [[3]], 'the next call');
    },
  },
  {
    name: 'the reason of a signal is the cause of the error',
    async run({ driver, statement }) {
      const reason = new Error('the user left');
      const unit = { statements: [statement(['select 1 as a'])], mode: 'read' } as const;
      const error = await refuses(() => driver.execute(unit, { signal: AbortSignal.abort(reason) }), early);
      holds(error.cause === reason, 'the cause is another');
    },
  },
  {
    name: 'an early end of one call does not touch the next',
    async run({ same, driver, statement, table, read }) {
      const t = await table('v integer');
      const unit = { statements: [statement([`insert into ${t} values (1)`])], mode: 'write' } as const;
      const { signal } = new AbortController();
      for (let call = 0; call < 30; call++) {
        await refuses(() => driver.execute(unit, { signal: AbortSignal.abort() }), early);
        await driver.execute(unit, { signal, deadline: Date.now() + 60_000 });
      }
      same(await read(`select count(*) as n from ${t}`), [[30]], 'rows');
    },
  },
  {
    name: 'a driver may be closed twice',
    async run({ driver }) {
      await driver.close();
      await driver.close();
    },
  },
  {
    name: 'a driver has a name, a dialect and limits that are numbers',
    async run({ same, driver }) {
      holds(/^[a-z][a-z0-9-]*$/.test(driver.name), 'the name is in lower case');
      same(driver.interactive, driver.capabilities.interactive, 'interactive');
      same(driver.interactive, driver.begin !== undefined, 'begin()');
      for (const [limit, most] of Object.entries(driver.limits)) holds(most > 0, `the limit of ${limit} is ${most}`);
    },
  },
  {
    name: 'a bookmark goes on with each unit, and stays where it is when one fails',
    requires: needs('bookmarks'),
    async run({ same, driver, table, write }) {
      const t = await table('v integer');
      const marks: string[] = [];
      for (let v = 0; v < 3; v++) {
        await write(`insert into ${t} values (?1)`, v);
        marks.push(driver.bookmark ?? '');
      }
      same(new Set(marks).size, 3, 'bookmarks');
      same(marks.toSorted(), marks, 'order');
      await refuses(() => write('insert into no_such_table values (1)'), { code: 'DatabaseError' });
      same(driver.bookmark, marks.at(-1), 'bookmark after a failure');
    },
  },
  {
    name: 'a bookmark is told by a driver that declares to, and by no other',
    async run({ same, driver, read }) {
      await read('select 1 as a');
      same(driver.bookmark !== undefined, driver.capabilities.bookmarks, 'whether there is a bookmark');
    },
  },
];
