// `npm run demo`; or this file with `node`, `deno run -A` or `bun run`: the tour on libSQL, embedded in the process.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { libsql } from 'cinnabar/libsql';
import { print, readCode, StepPrinter, summary } from './print.ts';
import { tour } from './tour.ts';

const folder = await mkdtemp(join(tmpdir(), 'cinnabar-demo-'));
const client = createClient({ url: pathToFileURL(join(folder, 'demo.db')).href });
const printer = new StepPrinter(await readCode());

print('Cinnabar on embedded libSQL', '');
print('For each step: its code, every statement that is sent, the round trips it takes.');
print('?1 stands for a value; values are always bound, and the log of an engine never shows them.');
try {
  await tour(libsql(client), printer.step);
  summary('Embedded libSQL', printer.steps);
} finally {
  client.close();
  await rm(folder, { recursive: true, force: true });
}
