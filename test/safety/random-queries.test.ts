import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@libsql/client';
import { createEngine, type Engine, isCinnabarError, select, sql } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { d1Database } from './support/d1.ts';
import { runs, tryAll } from './support/random.ts';
import { fill, randomQuery } from './support/random-query.ts';

// Random queries over random rows. Each row is one for which a condition holds, does not hold, or is neither; and what is
// read is the same on every database of the family.

const engines: Record<string, Engine> = {};
const endings: (() => unknown)[] = [];
beforeAll(async () => {
  const client = createClient({ url: ':memory:' });
  const database = new DatabaseSync(':memory:');
  const worker = await d1Database();
  endings.push(
    () => client.close(),
    () => database.close(),
    () => worker[Symbol.asyncDispose](),
  );
  engines['libsql'] = createEngine(libsql(client));
  engines['node-sqlite'] = createEngine(nodeSqlite(database));
  engines['d1'] = createEngine(worker.driver);
}, 60_000);
afterAll(() => Promise.all(endings.map((end) => end())));

test('a subquery that stands twice has its values twice', async () => {
  const statement = (low: number): never => {
    const part = select({ v: sql<number>`${low}` }).subquery('part');
    const least = select({ v: part.c.v.plus(low) })
      .from(part)
      .scalar();
    return select({ one: least, two: least.plus(least) }) as never;
  };
  for (const engine of Object.values(engines))
    expect(await engine.batch([statement(1), statement(2)])).toEqual([[{ one: 2, two: 4 }], [{ one: 4, two: 8 }]]);
});

type Row = Record<string, unknown>;
const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();

test('rows(q) = rows(p) + rows(not p) + rows(p is null), everywhere the same', { timeout: 3_600_000 }, async () => {
  const all = Object.values(engines);
  let rows = 0;
  let split = 0;
  let limited = 0;
  await tryAll('random queries', runs(150, 10_000), async (random, at) => {
    if (at % 25 === 0) await fill(all, random, at === 0);
    const { parts, aggregates, others } = randomQuery(random);
    const statements = [...parts, ...aggregates, ...others] as never[];
    const answers: Row[][][] = [];
    for (const [name, engine] of Object.entries(engines)) {
      try {
        answers.push((await engine.batch(statements)) as Row[][]);
      } catch (error) {
        // A hundred parameters are the most that D1 takes.
        if (name !== 'd1' || !isCinnabarError(error, 'LimitExceeded')) throw error;
        limited++;
      }
    }
    const [first, ...rest] = answers as [Row[][], ...Row[][][]];
    // Where no order is given, none is meant.
    const comparable = (answer: Row[][]): unknown[] =>
      answer.map((found, statement) => (statement === parts.length + aggregates.length ? found : sorted(found)));
    for (const answer of rest) expect(comparable(answer)).toEqual(comparable(first));

    const [whole, ...sides] = first.slice(0, 4) as [Row[], ...Row[][]];
    expect(sorted(sides.flat())).toEqual(sorted(whole));
    rows += whole.length;
    split += sides.filter((side) => side.length > 0).length > 1 ? 1 : 0;

    const [total, ...partial] = first.slice(4, 8).map(([row]) => row!) as [Row, ...Row[]];
    const values = (name: string): number[] =>
      partial.flatMap((part) => (typeof part[name] === 'number' ? [part[name]] : []));
    const added = (name: string): number => values(name).reduce((sum, value) => sum + value, 0);
    expect([total['rows'], total['n'], total['sum'] ?? 0]).toEqual([added('rows'), added('n'), added('sum')]);
    const ends = values('max').length > 0 ? [Math.max(...values('max')), Math.min(...values('min'))] : [null, null];
    expect([total['max'], total['min']]).toEqual(ends);

    const [, , flagged, united] = first.slice(8) as [Row[], Row[], Row[], Row[]];
    expect(sorted(united)).toEqual(sorted(whole));
    expect(flagged.filter(({ flag }) => flag === true)).toHaveLength(sides[0]!.length);
    expect(flagged.filter(({ flag }) => flag === null)).toHaveLength(sides[2]!.length);
  });
  console.log(
    `random queries: ${rows} rows, ${split} queries whose condition parted them; on ${Object.keys(engines).join(', ')}`,
  );
  console.log(`random queries: ${limited} beyond the limits of D1, refused there and compared on the others`);
  expect(limited).toBeLessThan(runs(150, 10_000) / 5);
  expect(split).toBeGreaterThan(runs(150, 10_000) / 10);
});
