import type { Driver } from 'cinnabar';
import { downgrade, migrate, migrationStatus, reflect, type RunOptions } from 'cinnabar/migrate';
import { expect, test } from 'vitest';
import { engineOn, runOn } from '../support.ts';
import { Killed, KillingDriver, type Moment } from './killing-driver.ts';
import { faultyRevisions } from './revisions.ts';

const options: RunOptions = {
  consent: Array.from({ length: 10 }, (_, at) => [`t${at}`, `t${at}.note`, `t${at}.remark`]).flat(),
};

/** Schema, rows and ledger: all that a run leaves. */
async function dump(driver: Driver): Promise<unknown> {
  const { tables } = await reflect(engineOn(driver));
  const own = tables.filter(({ name }) => !name.startsWith('_cf_'));
  const kept = own.filter(({ name }) => name !== 'cinnabar_lease');
  const statements = kept.map(({ name }) => {
    const columns = name === 'cinnabar_revisions' ? 'id, checksum, direction, step, steps, begun' : '*';
    return { sql: `select ${columns} from ${name} order by 1`, params: [] };
  });
  const { results } = await driver.execute({ mode: 'read', statements });
  return { tables: own, rows: Object.fromEntries(kept.map(({ name }, at) => [name, results[at]!.rows])) };
}

/** A runner dies, its lease runs out, and another goes on. */
async function killed(
  driver: Driver,
  at: number,
  moment: Moment,
  work: (driver: Driver) => Promise<unknown>,
): Promise<boolean> {
  const killing = new KillingDriver(driver, at, moment);
  await work(killing.driver).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  if (!killing.isDead) return false;
  await runOn(driver, 'update cinnabar_lease set expires = 0').catch(() => undefined);
  return true;
}

/** Kills a runner at each of its calls, up and down, in each revision: the next run ends where an unhurt one does. */
export function crashCases(open: () => Driver | Promise<Driver>, mode: string | undefined): void {
  // All that the figure asks for by `npm run faults:migrate`.
  const count = mode === 'full' ? 30 : 4;
  const revisions = faultyRevisions(count);
  test(`a runner that is killed at any call of ${count} revisions leaves what the next run finishes`, async () => {
    const driver = await open();
    const engine = engineOn(driver);
    let kills = 0;
    let before: unknown;
    for (const [index, { id }] of revisions.entries()) {
      if (index > 0) before = await dump(driver);
      await migrate(engine, revisions, id, options);
      const whole = await dump(driver);
      const back = index === 0 ? 'base' : revisions[index - 1]!.id;
      const up = (own: Driver): Promise<unknown> => migrate(engineOn(own), revisions, id, options);
      const down = (own: Driver): Promise<unknown> => downgrade(engineOn(own), revisions, back, options);
      for (const moment of ['before', 'during', 'after'] as const) {
        for (let at = 1, isOver = false; !isOver; at++) {
          await down(driver);
          if (index > 0) expect(await dump(driver)).toEqual(before);
          isOver = !(await killed(driver, at, moment, up));
          await up(driver);
          expect(await dump(driver), `${id} up, killed ${moment} call ${at}`).toEqual(whole);
          kills += isOver ? 0 : 1;
        }
        for (let at = 1, isOver = false; !isOver; at++) {
          isOver = !(await killed(driver, at, moment, down));
          // What was cut off on its way down is finished first, and then goes up again.
          await up(driver);
          expect(await dump(driver), `${id} down, killed ${moment} call ${at}`).toEqual(whole);
          kills += isOver ? 0 : 1;
        }
      }
    }
    expect((await migrationStatus(engine, revisions)).pending).toEqual([]);
    console.log(
      `${driver.name}: ${kills} kills, before, during and after each call of ${count} revisions, up and down: schema, rows and ledger as without`,
    );
  });
}
