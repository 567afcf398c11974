import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.ts';

/** One server for all test files of the run. */
export default async function setup({ provide }: TestProject): Promise<() => PromiseLike<void>> {
  const server = await startPostgres();
  provide('postgres', server.url);
  return () => server[Symbol.asyncDispose]();
}
