import { fileURLToPath } from 'node:url';

/** A Worker that is weighed. */
export interface Program {
  readonly name: string;
  readonly entry: string;
  /** What it is to come down to, and what it must not exceed meanwhile, in KiB after gzip. */
  readonly goal: number;
  readonly budget: number;
}

const entry = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export const session: Program = {
  name: 'D1 hello with a session',
  entry: entry('./hello-d1.ts'),
  goal: 20,
  budget: 56.9,
};
export const core: Program = {
  name: 'D1, Core alone, one select',
  entry: entry('./core-select.ts'),
  goal: 10,
  budget: 16.8,
};
export const migrations: Program = {
  name: 'D1, revisions',
  entry: entry('./migrate-d1.ts'),
  goal: 30,
  budget: 40,
};
