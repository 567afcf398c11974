import { insert, integer, isCinnabarError, select, table, text, update, type Driver } from 'cinnabar';
import { data, downgrade, execute, migrate, migrationStatus, revision, type Progress } from 'cinnabar/migrate';
import { describe, expect, test } from 'vitest';
import { engineOn, refusal, rev, rowsOf, runOn } from '../support.ts';

const notes = table('notes', { id: integer().primaryKey(), body: text(), size: integer().nullable() });

const first = rev('r1', [], 'create table notes (id integer primary key, body text not null)', {
  down: [execute('drop table notes')],
});
const second = rev('r2', ['r1'], `insert into notes (id, body) values (1, 'one'), (2, 'three')`, {
  down: [execute('delete from notes')],
});
const third = revision({
  id: 'r3',
  parents: ['r2'],
  up: [
    execute('alter table notes add column size integer'),
    data('measure', async (db) => {
      for (const { id, body } of await db.all(select({ id: notes.c.id, body: notes.c.body }).from(notes))) {
        await db.run(update(notes).set({ size: body.length }).where(notes.c.id.eq(id)));
      }
    }),
    execute(`insert into notes (id, body, size) values (3, 'more', 4)`),
  ],
  down: [execute('delete from notes where id = 3; alter table notes drop column size')],
});
const all = [third, first, second];

/** What running revisions does, on a driver of any kind that begins empty. */
export function runCases(open: () => Promise<Driver>): void {
  describe('a run', () => {
    test('applies what is not applied, each as a unit with its row in the ledger', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      expect(await migrate(engine, all)).toEqual({ direction: 'up', ran: ['r1', 'r2', 'r3'], heads: ['r3'] });
      expect(await rowsOf(driver, 'select id, body, size from notes order by id')).toEqual(
        [
          [1, 'one', 3],
          [2, 'three', 5],
          [3, 'more', 4],
        ].map((row) => row.map((cell) => (driver.dialect.name === 'postgres' ? String(cell) : cell))),
      );
      const { ledger, pending, current } = await migrationStatus(engine, all);
      expect({ pending, current }).toEqual({ pending: [], current: ['r3'] });
      expect(ledger.map(({ id, tool, direction }) => ({ id, tool, direction }))).toEqual(
        ['r1', 'r2', 'r3'].map((id) => ({ id, tool: '0.1.0', direction: 'up' })),
      );
      for (const { startedAt, finishedAt, checksum } of ledger) {
        expect(startedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(finishedAt! >= startedAt).toBe(true);
        expect(checksum).toMatch(/^[0-9a-f]{64}$/);
      }
    });

    test('that is told to stop ends between two revisions, and the next goes on there', async () => {
      const engine = engineOn(await open());
      const stop = new AbortController();
      const onProgress = (progress: Progress): void => {
        if (progress.kind === 'done' && progress.revision === 'r2') stop.abort();
      };
      await expect(migrate(engine, all, 'head', { signal: stop.signal, onProgress })).rejects.toMatchObject({
        code: 'TimeoutError',
        message: `the signal stopped the run: 'r1', 'r2' were done, and nothing of the others`,
      });
      const started = Date.now();
      expect(await migrate(engine, all)).toEqual({ direction: 'up', ran: ['r3'], heads: ['r3'] });
      expect(Date.now() - started).toBeLessThan(5_000);
    });

    test('with nothing to do is one round trip, and with something two and one for each revision', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      const sent: string[] = [];
      const counting: Driver = {
        ...driver,
        execute: (unit, options) => {
          sent.push(unit.mode);
          return driver.execute(unit, options);
        },
      };
      await migrate(engineOn(counting), [first, second]);
      expect(sent).toEqual(['read', 'write', 'write', 'write']);
      sent.length = 0;
      expect((await migrate(engineOn(counting), [first, second])).ran).toEqual([]);
      expect(sent).toEqual(['read']);
      expect(await rowsOf(driver, 'select count(*) from cinnabar_lease').then(([row]) => Number(row![0]))).toBe(0);
      expect(engine.roundTrips).toBe(0);
    });

    test('goes to a target and back, and takes back what was done', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      expect((await migrate(engine, all, 'r2')).ran).toEqual(['r1', 'r2']);
      expect((await migrate(engine, all, '+1')).ran).toEqual(['r3']);
      expect(await downgrade(engine, all, '-1')).toEqual({ direction: 'down', ran: ['r3'], heads: ['r2'] });
      await expect(rowsOf(driver, 'select size from notes')).rejects.toThrow();
      expect((await downgrade(engine, all, 'base')).ran).toEqual(['r2', 'r1']);
      await expect(rowsOf(driver, 'select * from notes')).rejects.toThrow();
      expect((await migrationStatus(engine, all)).ledger).toEqual([]);
      expect((await migrate(engine, all)).ran).toEqual(['r1', 'r2', 'r3']);
    });

    test('that fails keeps nothing of the revision, says which, and goes on where it failed', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      const broken = rev('r2', ['r1'], `insert into notes values (1, 'one'); insert into nowhere values (1)`);
      const message = await refusal(() => migrate(engine, [first, broken]));
      expect(message).toMatch(/^revision 'r2' \(up\): the database refuses the statement/);
      expect(await rowsOf(driver, 'select * from notes')).toEqual([]);
      const { current, half } = await migrationStatus(engine, [first, broken]);
      expect({ current, half }).toEqual({ current: ['r1'], half: undefined });
      // Another runner need not wait for the lease to run out.
      expect((await migrate(engine, all, 'head', { wait: 0 })).ran).toEqual(['r2', 'r3']);
    });

    test('that fails in a data step keeps nothing that the step wrote', async () => {
      const driver = await open();
      const bad = data('write and fail', async (db) => {
        await db.run(insert(notes).values({ id: 7, body: 'seven' }));
        await db.execute(`insert into notes (id, body) values (8, 'eight')`);
        throw new Error('the function has failed');
      });
      const failing = revision({ id: 'r2', parents: ['r1'], up: [bad] });
      await expect(migrate(engineOn(driver), [first, failing])).rejects.toThrow('the function has failed');
      expect(await rowsOf(driver, 'select * from notes')).toEqual([]);
    });

    test('tells how it goes on', async () => {
      const told: Progress[] = [];
      await migrate(engineOn(await open()), [first, second], 'head', { onProgress: (event) => told.push(event) });
      expect(told.map(({ kind }) => kind)).toEqual(['locked', 'begin', 'part', 'done', 'begin', 'part', 'done']);
      expect(told[1]).toEqual({ kind: 'begin', revision: 'r1', direction: 'up', at: 1, of: 2 });
      expect(told[2]).toEqual({ kind: 'part', revision: 'r1', part: 1, of: 1, what: 'sql' });
    });

    test('applies branches, and a merge of them that has no steps', async () => {
      const driver = await open();
      const graph = [
        first,
        rev('b', ['r1'], `insert into notes values (10, 'b')`),
        rev('c', ['r1'], `insert into notes values (11, 'c')`),
      ];
      const engine = engineOn(driver);
      expect(await refusal(() => migrate(engine, graph))).toMatch(/several heads: 'b', 'c'. Join them/);
      expect((await migrate(engine, graph, 'heads')).heads).toEqual(['b', 'c']);
      const merged = [...graph, revision({ id: 'm', parents: ['b', 'c'], up: [], down: [] })];
      expect(await migrate(engine, merged)).toEqual({ direction: 'up', ran: ['m'], heads: ['m'] });
      expect((await downgrade(engine, merged, '-1')).heads).toEqual(['b', 'c']);
    });
  });

  describe('a run is refused', () => {
    test('when an applied revision was edited, and names it', async () => {
      const engine = engineOn(await open());
      await migrate(engine, [first, second]);
      const edited = rev('r2', ['r1'], `insert into notes (id, body) values (1, 'ONE'), (2, 'three')`);
      expect(await refusal(() => migrate(engine, [first, edited, third]))).toMatch(
        /^revision 'r2' was edited after it was applied \(\d{4}-\d\d-\d\d\): put it back .*`cinnabar stamp --accept r2`$/,
      );
      const formatted = rev('r2', ['r1'], `insert into notes (id, body)\r\n  values (1, 'one'), (2, 'three'); -- two`);
      expect((await migrate(engine, [first, formatted, third])).ran).toEqual(['r3']);
    });

    test('when the code of a data step was edited, where both were read from files', async () => {
      const engine = engineOn(await open());
      const loaded = (source: string | undefined) => ({ ...third, source });
      await migrate(engine, [first, second, loaded('one')]);
      expect(await refusal(() => migrate(engine, [first, second, loaded('two')]))).toMatch(/'r3' was edited/);
      // A Worker has no file to read.
      expect((await migrate(engine, [first, second, loaded(undefined)])).ran).toEqual([]);
    });

    test('when the database is ahead of the code, and names what it has', async () => {
      const engine = engineOn(await open());
      await migrate(engine, all);
      expect(await refusal(() => migrate(engine, [first, second]))).toMatch(
        /^revision 'r3' is applied in the database \(.*, by cinnabar 0\.1\.0\) and not among the revisions: this code is older/,
      );
    });

    test('when a revision came late, until that is allowed by name', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      await migrate(engine, [first, second]);
      const late = rev('r1b', ['r1'], `insert into notes values (9, 'late')`);
      const moved = rev('r2', ['r1b'], `insert into notes (id, body) values (1, 'one'), (2, 'three')`);
      expect(await refusal(() => migrate(engine, [first, late, moved]))).toMatch(
        /'r1b' is not applied, and 'r2', which comes after it, is: .* `--out-of-order r1b`/,
      );
      expect(await refusal(() => migrate(engine, [first, late, moved], 'head', { outOfOrder: ['r9'] }))).toMatch(
        /'r1b'/,
      );
      const { ran } = await migrate(engine, [first, late, moved], 'head', { outOfOrder: ['r1b'] });
      expect(ran).toEqual(['r1b']);
    });

    test('with everything that is wrong at once', async () => {
      const engine = engineOn(await open());
      await migrate(engine, all);
      const message = await refusal(() => migrate(engine, [rev('r1', [], 'select 1'), rev('r0', ['r1'], 'select 2')]));
      expect(message.split('\n')).toHaveLength(4);
      for (const id of ['r1', 'r2', 'r3']) expect(message).toContain(`'${id}'`);
    });

    test('and nothing is changed', async () => {
      const driver = await open();
      await expect(migrate(engineOn(driver), [rev('a', ['b'], 'select 1')])).rejects.toThrow();
      await expect(rowsOf(driver, 'select * from cinnabar_revisions')).rejects.toThrow();
    });
  });

  describe('one runner at a time', () => {
    const counted = [
      rev('c1', [], 'create table counters (n integer); insert into counters values (0)'),
      revision({
        id: 'c2',
        parents: ['c1'],
        up: [
          data('count', async (db) => {
            const [row] = await db.rows('select n from counters');
            await db.execute(`update counters set n = ${Number(row![0]) + 1}`);
          }),
        ],
      }),
      rev('c3', ['c2'], 'update counters set n = n + 10'),
    ];

    test('eight at once apply each revision once, and all end well', async () => {
      const driver = await open();
      const reports = await Promise.all(
        Array.from({ length: 8 }, () => migrate(engineOn(driver), counted, 'head', { wait: 60_000 })),
      );
      expect(reports.flatMap(({ ran }) => ran).toSorted()).toEqual(['c1', 'c2', 'c3']);
      for (const { heads } of reports) expect(heads).toEqual(['c3']);
      const [row] = await rowsOf(driver, 'select n from counters');
      expect(Number(row![0])).toBe(11);
    });

    test('a lease that another holds is waited for, and its owner is named', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      await migrate(engine, [counted[0]!]);
      const far = Date.now() + 3_600_000;
      await runOn(driver, `insert into cinnabar_lease (id, owner, expires) values (1, 'ci-7#abc', ${far})`);
      const told: Progress[] = [];
      const late = migrate(engine, counted, 'head', { wait: 200, onProgress: (event) => told.push(event) });
      const error: unknown = await late.catch((caught: unknown) => caught);
      expect(isCinnabarError(error, 'LockTimeout')).toBe(true);
      expect((error as Error).message).toMatch(/^ci-7 is migrating this database/);
      expect(told[0]).toEqual({ kind: 'waiting', owner: 'ci-7' });
      expect((await migrationStatus(engine, counted)).applied).toEqual(['c1']);
    });

    test('a lease that has run out is taken over, and its owner can write no more', async () => {
      const driver = await open();
      const engine = engineOn(driver);
      await migrate(engine, [counted[0]!]);
      await runOn(driver, `insert into cinnabar_lease (id, owner, expires) values (1, 'gone#abc', 1000)`);
      expect((await migrate(engine, counted, 'head', { wait: 1000 })).ran).toEqual(['c2', 'c3']);

      // Within a transaction nobody takes it: the rows of the ledger are the owner's until the end.
      if (driver.interactive) return;
      const paused = revision({
        id: 'c4',
        parents: ['c3'],
        up: [
          data('pause', async (db) => {
            await db.execute('update counters set n = -1');
            await runOn(driver, `update cinnabar_lease set owner = 'other#1', expires = ${Date.now() + 60_000}`);
          }),
          execute('update counters set n = -2'),
        ],
      });
      expect(await refusal(() => migrate(engine, [...counted, paused], 'head', { wait: 100 }))).toMatch(
        /'c4': this runner stood still for so long that another took over/,
      );
      const [row] = await rowsOf(driver, 'select n from counters');
      expect(Number(row![0])).toBe(11);
    });
  });
}
