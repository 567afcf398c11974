// npm run bench:cpu: processor time against the bare client, which does the same work by hand in the same process.
import { type Client, createClient } from '@libsql/client';
import { libsql } from '../../adapters/libsql/index.ts';
import { createAll, createEngine, type Engine } from '../../src/index.ts';
import { Model } from '../support/model.ts';
import { table } from '../support/print-table.ts';
import { libsqlRaw } from '../support/raw.ts';
import { type Operation, operations, SEED } from './operations.ts';

const ROUNDS = 25;
const WARM_UP = 8;

/** Microseconds of processor time that one run takes. */
async function measure(
  { given = [], times, rows, name }: Operation & { rows: number },
  client: Client,
  run: () => Promise<number>,
): Promise<number> {
  let spent = 0;
  for (let at = 0; at < times; at++) {
    if (given.length > 0) await client.batch([...given], 'write');
    const start = process.cpuUsage();
    const found = await run();
    const { user, system } = process.cpuUsage(start);
    spent += user + system;
    if (found !== rows) throw new Error(`${name}: ${found} rows instead of ${rows}`);
  }
  return spent / times;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}

async function compare(operation: (typeof operations)[number], client: Client, engine: Engine): Promise<string[]> {
  const hand: number[] = [];
  const session: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const one = await measure(operation, client, () => operation.byHand(client));
    const other = await measure(operation, client, () => operation.bySession(engine));
    if (round < 0) continue;
    hand.push(one);
    session.push(other);
  }
  const ratio = median(session.map((each, at) => each / hand[at]!));
  return [operation.name, median(hand).toFixed(0), median(session).toFixed(0), ratio.toFixed(2)];
}

const client = createClient({ url: ':memory:' });
const engine = createEngine(libsql(client));
await createAll(engine, Model.metadata);
await libsqlRaw(client).run(SEED);

const only = process.argv[2];
const rows: string[][] = [];
for (const operation of operations) {
  if (!only || operation.name.includes(only)) rows.push(await compare(operation, client, engine));
}
console.log(`Embedded libSQL: processor time, median of ${ROUNDS} rounds, each beside the other\n`);
console.log(table(['operation', 'by hand, µs', 'session, µs', 'ratio'], rows));
client.close();
