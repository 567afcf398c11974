// `node`, `deno run -A` or `bun run` this file: the same models and the same tour on PostgreSQL, in the process by PGlite, or
// on an empty database of yours where DATABASE_URL names it. `--sql` shows every step.
import process from 'node:process';
import { PGlite } from '@electric-sql/pglite';
import { Pool } from 'pg';
import type { Driver } from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { pglite } from 'cinnabar/pglite';
import { print, readCode, StepPrinter, summary } from './print.ts';
import type { StepRecord } from './recorder.ts';
import { tour } from './tour.ts';

interface Opened {
  readonly name: string;
  readonly driver: Driver;
  readonly close: () => Promise<void>;
}

async function open(connectionString = process.env['DATABASE_URL']): Promise<Opened> {
  if (connectionString !== undefined) {
    const pool = new Pool({ connectionString, pipeline: true });
    return { name: 'PostgreSQL', driver: pg(pool), close: () => pool.end() };
  }
  const database = await PGlite.create();
  return { name: 'PGlite', driver: pglite(database), close: () => database.close() };
}

const { name, driver, close } = await open();
print(`Cinnabar on ${name}: the same models, the same steps`, '');
const printer = new StepPrinter(await readCode());
const steps: StepRecord[] = [];
try {
  await tour(driver, (step) => {
    steps.push(step);
    if (process.argv.includes('--sql')) printer.step(step);
  });
  summary(name, steps);
} finally {
  await close();
}
