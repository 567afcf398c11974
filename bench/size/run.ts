// npm run bench:size — what a Worker weighs with the built package in it. Peers: docs/benchmarks.md.
import { weigh } from './measure.ts';
import { core, migrations, session } from './programs.ts';

const kib = (bytes: number): string => (bytes / 1024).toFixed(1).padStart(6);

for (const { name, entry, goal } of [session, core, migrations]) {
  const { minified, gzip, parts } = await weigh(entry, true);
  console.log(`${name.padEnd(28)} ${kib(minified)} KiB minified ${kib(gzip)} KiB gzip   goal ${goal} KiB`);
  if (process.argv.includes('--parts')) {
    for (const [path, bytes] of parts.slice(0, 40)) console.log(`  ${String(bytes).padStart(6)}  ${path}`);
  }
}
