import type { UnitResult } from '../../driver/driver.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { holds } from '../assert.ts';
import type { ConformanceCase, Query } from '../conformance.ts';
import { snapshotReads } from './requirements.ts';

const times = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at));

/** Calls of one driver at the same time. */
export const concurrencyCases: readonly ConformanceCase[] = [
  {
    name: 'a hundred increments at the same time are a hundred',
    async run({ same, table, write, read }) {
      const t = await table('n integer not null');
      await write(`insert into ${t} values (0)`);
      await Promise.all(times(100, () => write(`update ${t} set n = n + 1`)));
      same(await read(`select n from ${t}`), [[100]], 'counter');
    },
  },
  {
    name: 'of many that take one name, one gets it, and the others are told',
    async run({ same, table, write, read }) {
      const t = await table('name text unique, who integer');
      const ends = await Promise.allSettled(times(20, (who) => write(`insert into ${t} values ('x', ?1)`, who)));
      same(ends.filter(({ status }) => status === 'fulfilled').length, 1, 'winners');
      for (const end of ends) {
        if (end.status === 'rejected')
          same(isCinnabarError(end.reason, 'UniqueViolation'), true, 'the refusal is typed');
      }
      same(await read(`select count(*) as n from ${t}`), [[1]], 'rows');
    },
  },
  {
    name: 'units that fail do no harm to those beside them',
    async run({ same, table, unit, read }) {
      const t = await table('v integer unique');
      await unit('write', [`insert into ${t} values (-1)`]);
      const ends = await Promise.allSettled(
        times(40, (at) =>
          unit(
            'write',
            [`insert into ${t} values (?1)`, at],
            [`insert into ${t} values (?1)`, at % 2 ? -1 : at + 1000],
          ),
        ),
      );
      same(
        ends.map(({ status }) => status === 'fulfilled'),
        times(40, (at) => at % 2 === 0),
        'ends',
      );
      same(await read(`select count(*) as n from ${t}`), [[41]], 'rows');
    },
  },
  {
    name: 'each of many reads at the same time gets its own answer',
    async run({ same, unit, read }) {
      const alone = times(100, async (at) => same(await read('select ?1 as v', `v${at}`), [[`v${at}`]], `read ${at}`));
      const units = times(50, async (at) => {
        const { results } = await unit('read', ['select ?1 as v', `a${at}`], ['select ?1 as v', `b${at}`]);
        same(
          results.map(({ rows }) => rows),
          [[[`a${at}`]], [[`b${at}`]]],
          `unit ${at}`,
        );
      });
      await Promise.all([...alone, ...units]);
    },
  },
  {
    name: 'keys that units get at the same time are all different',
    async run({ same, table, unit, read }) {
      const [parent, child] = [await table('id @key, n integer'), await table('id @key, p_id integer, n integer')];
      const add = (n: number): Promise<UnitResult> => {
        const insert: Query = [`insert into ${parent} (n) values (?1) returning id`, n];
        return unit('write', insert, [`insert into ${child} (p_id, n) select @lastKey(${parent}), @int(?1)`, n]);
      };
      const answers = await Promise.all(times(40, add));
      const keys = answers.map(({ results }) => results[0]?.rows[0]?.[0]);
      same(new Set(keys).size, 40, 'keys');
      same(
        await read(`select count(*) as n from ${child} c join ${parent} p on p.id = c.p_id and p.n = c.n`),
        [[40]],
        'children',
      );
    },
  },
  {
    name: 'readers see each unit whole or not at all',
    requires: snapshotReads,
    async run({ same, table, unit }) {
      const t = await table('k integer primary key, n integer not null');
      await unit('write', [`insert into ${t} values (1, 50), (2, 50)`]);
      const move = (): Promise<unknown> =>
        unit(
          'write',
          [`update ${t} set n = n - 1 where k = 1`],
          ['select 1 as x'],
          [`update ${t} set n = n + 1 where k = 2`],
        );
      const check = async (): Promise<void> => {
        const { results } = await unit('read', [`select n from ${t} where k = 1`], [`select n from ${t} where k = 2`]);
        const [[one] = [], [other] = []] = [results[0]?.rows[0], results[1]?.rows[0]];
        same(Number(one) + Number(other), 100, 'sum');
      };
      await Promise.all(times(20, () => Promise.all([move(), check()])));
    },
  },
  {
    name: 'the rows of an answer are its own',
    async run({ same, table, write, read }) {
      const t = await table('v text');
      await write(`insert into ${t} values ('a')`);
      const query = `select v, 1 as n from ${t}`;
      const [row] = (await read(query)) as unknown[][];
      row?.splice(0, 2, 'changed');
      same(await read(query), [['a', 1]], 'rows of the next call');
    },
  },
  {
    name: 'a call that nobody waits for is done all the same',
    async run({ table, write, read }) {
      const t = await table('v integer');
      void write(`insert into ${t} values (1)`);
      const last = write(`insert into ${t} values (2)`);
      await last;
      // On a pool it may have to wait for a connection of its own.
      for (let tries = 0; tries < 1000; tries++) {
        const rows = await read(`select v from ${t} order by v`);
        if (rows.length === 2) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      holds(false, 'the first write is missing');
    },
  },
];
