import { d1 } from 'cinnabar/d1';
import { Miniflare } from 'miniflare';
import { afterAll, vi } from 'vitest';
import { runCases } from './run-cases.ts';
import { toolCases } from './tools-cases.ts';

vi.setConfig({ testTimeout: 60_000 });

const names = Array.from({ length: 60 }, (_, at) => `DB${at}`);
const worker = new Miniflare({
  modules: true,
  script: 'export default {}',
  compatibilityDate: '2026-07-30',
  d1Databases: names,
});
afterAll(() => worker.dispose());

const open = async () => d1(await worker.getD1Database(names.pop()!));
runCases(open);
toolCases(open);
