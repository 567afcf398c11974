// npm run bench:size — what a Worker weighs with Cinnabar in it. Peers: bench/README.md.
import { fileURLToPath } from 'node:url';

import { weigh } from './measure.ts';

const programs = [
  { name: 'D1 hello with a session', file: './hello-d1.ts', goal: 20 },
  { name: 'D1, Core alone, one select', file: './core-select.ts', goal: 10 },
];
const kib = (bytes: number): string => (bytes / 1024).toFixed(1).padStart(6);

for (const { name, file, goal } of programs) {
  const { minified, gzip, parts } = await weigh(fileURLToPath(new URL(file, import.meta.url)));
  console.log(`${name.padEnd(28)} ${kib(minified)} KiB minified ${kib(gzip)} KiB gzip   goal ${goal} KiB`);
  if (process.argv.includes('--parts')) {
    for (const [path, bytes] of parts.slice(0, 40)) console.log(`  ${String(bytes).padStart(6)}  ${path}`);
  }
}
