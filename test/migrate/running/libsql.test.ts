import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { afterAll, beforeAll, vi } from 'vitest';
import { startSqld, type Sqld } from '../../support/sqld.ts';
import { runOn } from '../support.ts';
import { runCases } from './run-cases.ts';
import { toolCases } from './tools-cases.ts';

vi.setConfig({ testTimeout: 60_000 });

let server: Sqld;
beforeAll(async () => void (server = await startSqld()));
afterAll(() => server.stop());

const open = async () => {
  const driver = libsql(createClient({ url: server.url }));
  const tables = ['cinnabar_revisions', 'cinnabar_lease', 'notes', 'counters', 'people'];
  await runOn(driver, ...tables.map((name) => `drop table if exists ${name}`));
  return driver;
};
runCases(open);
toolCases(open);
