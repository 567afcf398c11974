import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConformanceResult } from 'cinnabar/testing';

const root = fileURLToPath(new URL('../..', import.meta.url));

const script = fileURLToPath(new URL('./conformance.ts', import.meta.url));

const commands = { Node: ['node'], Deno: ['deno', 'run', '-A'], Bun: ['bun', 'run'] } as const;

export type Runtime = keyof typeof commands;

/** Runs the suite in a process of a runtime. */
export function runConformanceIn(runtime: Runtime, driver: string, address: string): Promise<ConformanceResult[]> {
  const [program, ...args] = commands[runtime];
  return new Promise((resolve, reject) => {
    const path = join(root, 'node_modules/.bin', program);
    const options = { cwd: root, maxBuffer: 2 ** 26 };
    execFile(path, [...args, script, driver, address], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stderr}`));
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ConformanceResult[]);
    });
  });
}
