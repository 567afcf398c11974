import { relative, resolve } from 'node:path';
import process from 'node:process';

/** Where the command was called; commands run in the folder of the configuration. */
const start = process.cwd();

/** A path as a person reads it, from where they are. */
export function shown(path: string): string {
  return relative(start, path);
}

/** The path that a person has given, from where they are. */
export function given(path: string): string {
  return resolve(start, path);
}
