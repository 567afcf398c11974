import type { ConformanceCase } from '../conformance.ts';
import { needs } from './requirements.ts';

/** Changes that are not those of the statement itself. */
export const changeCases: readonly ConformanceCase[] = [
  {
    name: 'changes is 0 for definitions, settings and reads',
    async run({ same, driver, name, table, unit }) {
      const t = await table('v integer');
      const u = name();
      const { results } = await unit(
        'write',
        [`insert into ${t} values (1), (2), (3)`],
        [`create table ${u} (v integer)`],
        [`create index ${u}_v on ${u} (v)`],
        [driver.dialect.deferForeignKeys ?? 'select 1 as a'],
        [`select v from ${t}`],
        [`drop table ${u}`],
      );
      same(
        results.map(({ changes }) => changes),
        [3, 0, 0, 0, 0, 0],
        'changes',
      );
    },
  },
  {
    name: 'changes counts no rows that cascades of foreign keys delete',
    requires: needs('exactChanges'),
    async run({ same, table, unit, read }) {
      const parent = await table('id @key');
      const child = await table(`parent_id integer references ${parent} (id) on delete cascade`);
      await unit('write', [`insert into ${parent} values (1), (2)`], [`insert into ${child} values (1), (1), (2)`]);
      const { results } = await unit('write', [`delete from ${parent} where id = 1`]);
      same(results[0]?.changes, 1, 'changes');
      same(await read(`select parent_id from ${child}`), [[2]], 'children');
    },
  },
];
