import type { Driver } from 'cinnabar';
import {
  data,
  downgrade,
  execute,
  migrate,
  migrateAll,
  migrationStatus,
  previewRun,
  reflect,
  revision,
  revisionSql,
  stamp,
  type Operation,
} from 'cinnabar/migrate';
import { describe, expect, test } from 'vitest';
import { engineOn, refusal, rev, rowsOf, runOn } from '../support.ts';

const table = { name: 'people' };
const create: Operation = {
  kind: 'createTable',
  table: {
    ...table,
    columns: [
      { name: 'id', type: 'integer', nullable: false },
      { name: 'email', type: 'text', nullable: true },
    ],
    primaryKey: { name: 'pk_people', columns: ['id'] },
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
  },
};
const column = { name: 'email', type: 'text', nullable: true };
const drop: Operation = { kind: 'dropColumn', table, column };
const unique: Operation = {
  kind: 'addConstraint',
  table,
  constraint: { kind: 'unique', name: 'uq_people_email', columns: ['email'] },
};
const first = revision({ id: 'p1', up: [create] });
const filled = rev('p2', ['p1'], `insert into people values (1, 'a@b.example'), (2, null)`);
const dropped = revision({ id: 'p3', parents: ['p2'], up: [drop] });

/** What goes with running revisions: looking ahead, stamps, SQL to take away, many databases. */
export function toolCases(open: () => Promise<Driver>): void {
  describe('operations in a revision', () => {
    test('ask for all that they may lose before the first of them runs', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      const before = rev('p2b', ['p2'], `insert into people values (3, null)`);
      const late = revision({ ...dropped, parents: ['p2b'], down: [{ kind: 'addColumn', table, column }] });
      const last = revision({ id: 'p4', parents: ['p3'], up: [{ ...create, kind: 'dropTable' } as Operation] });
      await migrate(engine, [first, filled]);
      const all = [first, filled, before, late, last];
      const error: unknown = await migrate(engine, all).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'ConsentRequired', objects: ['people.email', 'people'] });
      expect(String(error)).toContain(
        `revision 'p3' may lose what is in people.email; revision 'p4' may lose what is in people, or be refused for it`,
      );
      expect((await migrationStatus(engine, all)).current).toEqual(['p2']);
      expect(await rowsOf(driver, 'select count(*) from people')).toEqual([[expect.toSatisfy((n) => Number(n) === 2)]]);
    });

    test('lose data only where the object is named, on the way up and down', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      await migrate(engine, [first, filled]);
      const error: unknown = await migrate(engine, [first, filled, dropped]).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'ConsentRequired', objects: ['people.email'], outcome: 'not sent' });
      expect(await rowsOf(driver, 'select email from people where id = 1')).toEqual([['a@b.example']]);
      const consenting = revision({
        ...dropped,
        consent: ['people.email'],
        down: [{ kind: 'addColumn', table, column }],
      });
      expect((await migrate(engine, [first, filled, consenting])).ran).toEqual(['p3']);
      await downgrade(engine, [first, filled, consenting], '-1');
      expect((await migrate(engine, [first, filled, dropped], 'head', { consent: ['people.email'] })).ran).toEqual([
        'p3',
      ]);
    });

    test('are previewed: SQL, and the rows at risk as they are counted now; nothing runs', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      await migrate(engine, [first, filled]);
      const tallied = revision({ id: 'p4', parents: ['p3'], up: [data('look', async () => {}), execute('select 1')] });
      const previews = await previewRun(engine, [first, filled, dropped, tallied], 'head');
      expect(previews.map(({ revision: id }) => id)).toEqual(['p3', 'p4']);
      const [step] = previews[0]!.steps;
      expect(step!.statements.join(' ')).toMatch(/email/);
      expect(step!.destructive).toEqual(['people.email']);
      expect(step!.rowsAtRisk).toEqual([{ object: 'people.email', why: 'drops the column and its values', rows: 1 }]);
      expect(previews[1]!.steps.map(({ note }) => note)).toEqual([`data step 'look'`, undefined]);
      expect((await migrationStatus(engine, [first, filled, dropped])).pending).toEqual(['p3']);
    });
  });

  describe('a stamp', () => {
    test('moves the ledger and nothing else, and lets go of what was half done', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      const all = [first, filled, dropped];
      expect(await stamp(engine, all, 'p2')).toEqual({ added: ['p1', 'p2'], removed: [], accepted: [] });
      await expect(rowsOf(driver, 'select * from people')).rejects.toThrow();
      await runOn(driver, `update cinnabar_revisions set finished_at = null where id = 'p2'`);
      expect(await stamp(engine, all, 'p2')).toMatchObject({ added: ['p2'] });
      expect(await stamp(engine, all, 'base')).toMatchObject({ removed: ['p1', 'p2'] });
      expect(await refusal(() => stamp(engine, all, '+1'))).toBe(`stamp: name a revision, and not '+1'`);
      expect(await refusal(() => stamp(engine, all, undefined, { forget: ['x'] }))).toBe(
        `the ledger has no row of 'x'`,
      );
      expect(await refusal(() => stamp(engine, all, undefined, { accept: ['x'] }))).toMatch(/there is no revision 'x'/);
      // It gave the lease back, also where it was refused.
      expect((await migrate(engine, [first], 'head', { wait: 0 })).ran).toEqual(['p1']);
    });
  });

  describe('SQL of revisions', () => {
    test('makes what running them makes, ledger and all, and cannot be run twice', async () => {
      const driver = await open();
      const all = [first, filled, revision({ id: 'p3', parents: ['p2'], up: [unique] })];
      const consent = ['people.uq_people_email'];
      const files = await revisionSql(all, driver.dialect, { bare: true });
      for (const { statements } of files) await runOn(driver, ...statements);
      const engine = engineOn(driver);
      const { tables } = await reflect(engine);
      const written = await rowsOf(driver, 'select * from people order by 1');
      expect(await migrationStatus(engine, all)).toMatchObject({ current: ['p3'], pending: [], findings: [] });
      await expect(runOn(driver, ...files[0]!.statements)).rejects.toMatchObject({ code: 'UniqueViolation' });

      const other = await open();
      await migrate(engineOn(other), all, 'head', { consent });
      const own = (await reflect(engineOn(other))).tables.filter(({ name }) => name !== 'cinnabar_lease');
      expect(tables).toEqual(own);
      expect(await rowsOf(other, 'select * from people order by 1')).toEqual(written);
    });

    test('stands between begin and commit, and is refused by a database that it is not for', async () => {
      const driver = await open();
      const all = [first, filled];
      const [, file] = await revisionSql(all, driver.dialect);
      expect(file!.statements[0]).toMatch(/^begin/);
      expect(file!.statements.at(-1)).toBe('commit');
      const [, bare] = await revisionSql(all, driver.dialect, { bare: true });
      await expect(runOn(driver, ...bare!.statements)).rejects.toThrow();
      await migrate(engineOn(driver), [first]);
      await runOn(driver, ...bare!.statements);
      const engine = engineOn(driver);
      expect((await migrationStatus(engine, all)).current).toEqual(['p2']);
    });

    test('says nothing of data steps unless told to leave them out', async () => {
      const { dialect } = await open();
      const all = [revision({ id: 'd1', up: [data('count', async () => {})] })];
      expect(await refusal(() => revisionSql(all, dialect))).toMatch(
        /'d1' has the data step 'count', which is code and no SQL/,
      );
      const [file] = await revisionSql(all, dialect, { omitData: true });
      expect(file!.statements.join(';\n')).toContain(`-- data step 'count' is not in this file`);
    });
  });

  describe('many databases', () => {
    test('are migrated several at once, and one that fails does not hold up the others', async () => {
      const good = await open();
      const told: string[] = [];
      const report = await migrateAll(
        [
          { name: 'good', engine: engineOn(good) },
          {
            name: 'broken',
            engine: () => {
              throw new Error('no such tenant');
            },
          },
          { name: 'again', engine: () => engineOn({ ...good, close: async () => void told.push('closed') }) },
        ],
        [first, filled],
        'head',
        { concurrency: 1, onTenant: ({ name, status }) => told.push(`${name} ${status}`) },
      );
      expect(report).toMatchObject({ migrated: 1, current: 1, failed: 1, leftOut: 0, at: { p2: ['good', 'again'] } });
      expect(report.tenants.map(({ name, status }) => [name, status])).toEqual([
        ['good', 'migrated'],
        ['broken', 'failed'],
        ['again', 'current'],
      ]);
      expect(told).toEqual(['good migrated', 'broken failed', 'closed', 'again current']);
    });

    test('are left out after so many failures', async () => {
      const fail = (): never => {
        throw new Error('down');
      };
      const tenants = ['a', 'b', 'c'].map((name) => ({ name, engine: fail }));
      const report = await migrateAll(tenants, [first], 'head', { concurrency: 1, stopAfter: 2 });
      expect(report).toMatchObject({ failed: 2, leftOut: 1, at: {} });
    });
  });
}
