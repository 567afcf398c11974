// npm run bench:peers: what Cinnabar costs beside the bare driver, work by hand and other libraries, in one run, and the
// tables of docs/benchmarks.md anew. The others: npm ci --prefix bench/peers
// --quick takes two minutes and is rough; words choose operations (get, select, load …; edge). Neither writes the page.
import { markdown, rewrite, setting } from '../support/page.ts';
import { table } from '../support/print-table.ts';
import { operations, type OperationName } from './cpu/contender.ts';
import { type Effort, measureAll, type Place } from './cpu/measure.ts';
import { type EdgeCost, measureWorkers } from './edge/measure.ts';
import { cpuCell } from './report.ts';

const contenders: readonly Place[] = [
  ['raw', 'contender'],
  ['hand', 'hand'],
  ['hand', 'handTracked'],
  ['cinnabar', 'contender'],
  ['cinnabar', 'toolkit'],
  ['kysely', 'contender'],
  ['drizzle-0.45', 'contender'],
  ['drizzle', 'contender'],
  ['drizzle', 'prepared'],
  ['mikro-orm', 'contender'],
];

const quick = process.argv.includes('--quick');
const effort: Effort = quick ? { rounds: 7, warmUp: 700, round: 25 } : { rounds: 13, warmUp: 2000, round: 80 };
const workers = ['raw', 'cinnabar', 'kysely', 'drizzle-0.45', 'drizzle'];
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const only = (operation: OperationName): boolean =>
  words.length === 0 || words.some((word) => operation.includes(word));

const isWhole = !quick && words.length === 0;

async function processorTime(): Promise<void> {
  const shown = operations.filter(only);
  if (shown.length === 0) return;
  const measured = await measureAll(contenders, only, effort);
  const head = ['', ...shown];
  const rows = measured.map((each) => [
    [each.name, each.version].filter(Boolean).join(' '),
    ...shown.map((operation) => cpuCell(each, measured[0]!, operation)),
  ]);
  const where = `${setting()}, SQLite ${measured[0]!.sqlite}; medians of ${effort.rounds} rounds`;
  console.log(`Processor time on SQLite in process, and how often it is that of the bare driver\n${where}\n`);
  console.log(table(head, rows));
  if (isWhole) rewrite('cpu', `${where}.\n\n${markdown(head, rows)}`);
}

async function atTheEdge(): Promise<void> {
  if (words.length > 0 && !words.includes('edge')) return;
  const rounds = quick ? 5 : 21;
  const costs = await measureWorkers(workers, rounds);
  const head = ['', 'gzip, KiB', 'evaluation, ms', 'first use, ms', 'request, µs', '× raw'];
  const row = ({ name, gzip, evaluation, first, request }: EdgeCost): string[] => [
    name,
    gzip.toFixed(1),
    evaluation.toFixed(1),
    first.toFixed(1),
    request.toFixed(0),
    (request / costs[0]!.request).toFixed(1),
  ];
  const rows = costs.map(row);
  const where = `${setting()}, workerd; medians of ${rounds} rounds`;
  console.log(`\nA Worker with D1: its bundle, and processor time above one that does nothing\n${where}\n`);
  console.log(table(head, rows));
  if (isWhole) rewrite('edge', `${where}.\n\n${markdown(head, rows)}`);
}

await processorTime();
await atTheEdge();
