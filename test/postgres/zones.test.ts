import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from '../guards/project.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';
import { bundleProgram } from '../values/bundle.ts';

const run = promisify(execFile);
const url = postgresDatabase();

/** Zones of half an hour, of quarters, beside the line of the date, and with gaps by night and by day. */
const ZONES = [
  'America/New_York',
  'Asia/Kolkata',
  'UTC',
  'Pacific/Apia',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Africa/Casablanca',
  'Pacific/Kiritimati',
  'America/Sao_Paulo',
  'Asia/Tehran',
  'Europe/London',
] as const;

/** What the sessions of the database are set to, whatever the zone of the process. */
const SETTINGS = [
  { TimeZone: 'Asia/Kathmandu', IntervalStyle: 'iso_8601', DateStyle: 'ISO, DMY', extra_float_digits: '3' },
  { TimeZone: 'America/St_Johns', IntervalStyle: 'sql_standard', bytea_output: 'escape', DateStyle: 'ISO, YMD' },
  { TimeZone: 'UTC', IntervalStyle: 'postgres_verbose', extra_float_digits: '2' },
  { TimeZone: 'Pacific/Apia', IntervalStyle: 'postgres', DateStyle: 'ISO, MDY', extra_float_digits: '1' },
] as const;

/** All of them with `npm run fuzz:values`. */
const isFull = process.env['VALUES_RUNS'] !== undefined && Number(process.env['VALUES_RUNS']) >= 1_000_000;
const zones = isFull ? ZONES : ZONES.slice(0, 2);
/** Values over all zones together. */
const counts: Readonly<Record<string, number>> = isFull
  ? { 'pg': 200_000, 'postgres': 200_000, 'neon over HTTP': 20_000, 'neon over WebSocket': 20_000 }
  : { 'pg': 4000, 'postgres': 4000, 'neon over HTTP': 2000, 'neon over WebSocket': 2000 };

let folder: string;
let program: string;
beforeAll(async () => {
  // Beside the packages, which the program imports.
  await mkdir(join(root, '.reports'), { recursive: true });
  folder = await mkdtemp(join(root, '.reports', 'zones-'));
  program = await bundleProgram('postgres-program.ts', folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(Object.entries(counts))('through %s', (way, count) => {
  test.for(zones.map((zone, at) => [zone, SETTINGS[at % SETTINGS.length]!] as const))(
    'values come back as they went in %s, from sessions with %j',
    { timeout: 600_000 },
    async ([TZ, settings]) => {
      const name = new URL(url()).pathname.slice(1);
      await psql(
        url(),
        `alter database ${name} reset all`,
        ...Object.entries(settings).map(([setting, value]) => `alter database ${name} set ${setting} = '${value}'`),
      );
      const seed = process.env['SEED'] || String(Math.floor(Math.random() * 2 ** 31));
      const args = [program, url(), way, seed, String(Math.ceil(count / zones.length))];
      const { stdout } = await run(process.execPath, args, { env: { ...process.env, TZ } });
      const report = JSON.parse(stdout) as { values: number; reads: number; timeZone: string };
      expect(new Intl.DateTimeFormat('en', { timeZone: TZ }).resolvedOptions().timeZone).toBe(report.timeZone);
      expect(report.values).toBeGreaterThanOrEqual(Math.ceil(count / zones.length));
      console.log(
        `values: ${way} in ${TZ}: ${report.values} there and back, ${report.reads} reads, 0 changed, SEED=${seed}`,
      );
    },
  );
});
