import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from './project.ts';

/** What `.ci/totals.mjs` says last, and how it exits, for a report with this text (or for none). */
async function totals(report?: string): Promise<{ code: number; last: string | undefined }> {
  const dir = await mkdtemp(join(tmpdir(), 'cinnabar-totals-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'report.json');
  if (report !== undefined) await writeFile(path, report);
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, '.ci/totals.mjs'), path], (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), last: stdout.trimEnd().split('\n').at(-1) });
    });
  });
}

const report = (status: string, ...tests: string[]): string =>
  JSON.stringify({ testResults: [{ status, assertionResults: tests.map((one) => ({ status: one })) }] });

test('a run where all passed', async () => {
  expect(await totals(report('passed', 'passed', 'passed'))).toEqual({ code: 0, last: '2 passed, 0 failed' });
});

test('skipped tests are counted apart', async () => {
  const answer = await totals(report('passed', 'passed', 'pending', 'skipped', 'todo'));
  expect(answer).toEqual({ code: 0, last: '1 passed, 0 failed, 3 skipped' });
});

test('a failed test, and a file that broke outside its tests', async () => {
  expect(await totals(report('failed', 'passed', 'failed'))).toEqual({ code: 1, last: '1 passed, 1 failed' });
  expect(await totals(report('failed', 'passed'))).toEqual({ code: 1, last: '1 passed, 1 failed' });
});

test.for([undefined, '', '{}', '{"testResults":[]}', report('passed'), report('passed', 'skipped')])(
  'no report, or one without a passed test, has failed: %s',
  async (text) => {
    expect(await totals(text)).toMatchObject({ code: 1, last: expect.stringMatching(/^0 passed, 1 failed/) as string });
  },
);
