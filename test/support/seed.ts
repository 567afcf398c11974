// Gives fast-check the seed of the run, where it has one.
import * as fc from 'fast-check';

/** Not every runtime of the tests has a process. */
const { process } = globalThis as { readonly process?: { readonly env: Readonly<Record<string, string | undefined>> } };

const seed = process?.env['SEED'];
if (seed) fc.configureGlobal({ seed: Number(seed) });
