import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { Recorder } from '../../examples/recorder.ts';
import { root } from '../guards/project.ts';
import { ensureBuilt } from './built.ts';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the run left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs a program out of node_modules/.bin, not on a terminal, with a folder of its own for temporary files. */
async function run(program: string, ...args: readonly string[]): Promise<Run> {
  const temporary = await mkdtemp(join(tmpdir(), 'cinnabar-run-'));
  onTestFinished(() => rm(temporary, { recursive: true, force: true }));
  const { FORCE_COLOR: _, ...environment } = process.env;
  const env = { ...environment, TMPDIR: temporary, NO_COLOR: '1' };
  const ended = await new Promise<Omit<Run, 'left'>>((resolve) => {
    execFile(join(root, 'node_modules/.bin', program), args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: Number(error ? (error.code ?? 1) : 0), stdout, stderr });
    });
  });
  const left = (await readdir(temporary)).filter((name) => name.startsWith('cinnabar-demo-'));
  return { ...ended, left };
}

const withoutTimes = (text: string): string => text.replaceAll(/\d+\.\d ms/g, '0.0 ms');

/** From the first step to the end. */
const steps = (text: string): string => withoutTimes(text.slice(text.indexOf('\n 1  ')));

/** The rows of the table at the end: step, round trips, statements. */
function table(text: string): (readonly [step: string, trips: number, statements: number])[] {
  const rows = text.matchAll(/^(?: ?\d+ {2}| {4})(\S.*?) {2,}(\d+) {2,}(\d+)$/gm);
  return Array.from(rows, ([, step = '', trips, statements]) => [step, Number(trips), Number(statements)] as const);
}

const roundTrips = [
  ['Create an engine', 0, 0],
  ['Declare models', 0, 0],
  ['Create tables', 1, 6],
  ['Add one', 1, 1],
  ['Add many', 1, 2],
  ['Query all', 1, 1],
  ['Filter with and, or', 1, 1],
  ['Update by assignment', 1, 2],
  ['Delete', 1, 3],
  ['Write a graph', 1, 8],
  ['Load the graph', 1, 3],
  ['Lazy loads in a loop', 2, 2],
  ['Move a child', 1, 2],
  ['Change a many-to-many', 1, 2],
  ['Fail, correct, commit', 2, 8],
  ['Refuse stale data', 4, 6],
  ['Close', 0, 0],
  ['in all', 19, 47],
];

beforeAll(ensureBuilt, 60_000);

test('the demo ends well in Node, Deno and Bun, and prints the same', { timeout: 60_000 }, async () => {
  const runs = await Promise.all([
    run('node', 'examples/demo.ts'),
    run('deno', 'run', '-A', 'examples/demo.ts'),
    run('bun', 'run', 'examples/demo.ts'),
  ]);
  for (const { code, stderr, left } of runs) {
    expect(code, stderr).toBe(0);
    expect(left).toEqual([]);
  }
  const [node, deno, bun] = runs.map(({ stdout }) => withoutTimes(stdout));
  expect(table(node!)).toEqual(roundTrips);
  expect(node).toContain('✓ 29 results checked');
  expect(node).not.toContain('\u001B');
  expect(deno).toBe(node);
  expect(bun).toBe(node);
});

test('the demo on D1 takes the same round trips and sends the same statements', { timeout: 60_000 }, async () => {
  const [libsql, d1, all] = await Promise.all([
    run('node', 'examples/demo.ts'),
    run('node', 'examples/demo-d1.ts'),
    run('node', 'examples/demo-d1.ts', '--sql'),
  ]);
  for (const { code, stderr } of [libsql, d1, all]) expect(code, stderr).toBe(0);
  expect(table(d1.stdout)).toEqual(roundTrips);
  expect(steps(all.stdout).replace('    D1             ', '    Embedded libSQL')).toBe(steps(libsql.stdout));
});

test('the demo shows the code that it runs', async () => {
  const { stdout } = await run('node', 'examples/demo.ts');
  const source = (await readFile(join(root, 'examples/tour.ts'), 'utf8')).replaceAll(/^ +/gm, '');
  for (const code of [
    'session.add(eve);\nawait session.commit();',
    'for (const user of await new Session(engine).query(User).orderBy(User.c.name).all()) {\nconst posts = await user.posts;',
    "ann.name = 'Anna';",
  ]) {
    expect(source).toContain(code);
    expect(stdout.replaceAll(/^ +/gm, '')).toContain(code);
  }
});

test('a wrong result, or a round trip too many, stops the demo', () => {
  const { step, expect: check, log, end } = new Recorder(() => {});
  step('One', 'one trip', 1);
  check('a', [1, { b: undefined }], [1, {}]);
  expect(() => check('a', [1], [2])).toThrow('One: a is [1], not [2]');
  expect(end).toThrow('One: 0 round trips, not 1');
  log({ mode: 'read', statements: [], trips: 1, milliseconds: 1 });
  expect(end).not.toThrow();
});
