// npm run bench:orm: what a session costs over the bare driver and over plain loops, in one run. Exits with 1 where a
// figure is missed, and otherwise writes the table of docs/benchmarks.md anew.
import { DatabaseSync } from 'node:sqlite';
import { nodeSqlite } from '../../adapters/node-sqlite/index.ts';
import { createAll, createEngine, type Engine, Session } from '../../src/index.ts';
import { markdown, rewrite, setting } from '../support/page.ts';
import { table } from '../support/print-table.ts';
import { Author, Comment, Item, Model, Post } from './model.ts';

const [AUTHORS, POSTS, COMMENTS] = [100, 9, 10];
const COLUMNS = ['id', 'name', 'code', 'price', 'stock', 'note', 'active', 'created_at', 'weight', 'place'];

const faults: string[] = [];
const lines: string[][] = [];

/** A figure, and what it must not exceed. */
function judge(what: string, value: number, most: number, detail: string): void {
  if (!(value <= most)) faults.push(`${what}: ${value.toFixed(2)}, and not ${most} or less`);
  lines.push([what, value.toFixed(2), String(most), detail]);
}

const collect = (globalThis as { readonly gc?: () => void }).gc;

/** Bytes that are in use once what is unused is gone. */
function used(): number {
  collect!();
  collect!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Milliseconds of processor time: what else the machine does meanwhile is not in it. */
async function timed(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * Both in turn. Judged by the shortest times of each, which is what they take where nothing else runs; told beside them,
 * the times in the middle, with the collections of garbage that come in between. None is forced: a full one drops code
 * that was compiled for entities of which there are none left.
 */
async function race(
  what: string,
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<void> {
  const times: (readonly [number, number])[] = [];
  for (let round = 0; round < rounds; round++) times.push([await ours(), await theirs()]);
  const inOrder = ([0, 1] as const).map((side) => times.map((pair) => pair[side]).toSorted((a, b) => a - b));
  const tell = (at: number): [ratio: number, text: string] => {
    const [own = 0, other = 0] = inOrder.map((sorted) => sorted[at]!);
    return [own / other, `${own.toFixed(1)} ms, ${other.toFixed(1)} ms`];
  };
  const [ratio, shortest] = tell(0);
  const [inTheMiddle, middle] = tell(rounds >> 1);
  judge(what, ratio, 3, `${shortest}; in the middle ${inTheMiddle.toFixed(2)}: ${middle}`);
}

async function open(): Promise<{ raw: DatabaseSync; engine: Engine }> {
  const raw = new DatabaseSync(':memory:');
  const engine = createEngine(nodeSqlite(raw));
  await createAll(engine, Model.metadata);
  return { raw, engine };
}

// ── 10,000 new rows in three levels

async function flushOurs(): Promise<number> {
  const { raw, engine } = await open();
  const session = new Session(engine);
  for (let a = 0; a < AUTHORS; a++) {
    const posts = Array.from({ length: POSTS }, (_, p) => {
      const comments = Array.from(
        { length: COMMENTS },
        (__, c) => new Comment({ body: `comment ${c} of ${p}`, score: c }),
      );
      return new Post({ title: `post ${p} of ${a}`, views: p, comments });
    });
    session.add(new Author({ name: `author ${a}`, country: 'FR', posts }));
  }
  const time = await timed(() => session.commit());
  const [{ n } = { n: 0 }] = raw.prepare('select count(*) as n from comments').all() as { n: number }[];
  if (n !== AUTHORS * POSTS * COMMENTS) throw new Error('rows are missing');
  return time;
}

async function flushRaw(): Promise<number> {
  const { raw } = await open();
  return timed(() => {
    const authors = raw.prepare('insert into authors (name, country) values (?, ?)');
    const posts = raw.prepare('insert into posts (title, views, author_id) values (?, ?, ?)');
    const comments = raw.prepare('insert into comments (body, score, post_id) values (?, ?, ?)');
    raw.exec('begin');
    for (let a = 0; a < AUTHORS; a++) {
      const author = authors.run(`author ${a}`, 'FR').lastInsertRowid;
      for (let p = 0; p < POSTS; p++) {
        const post = posts.run(`post ${p} of ${a}`, p, author).lastInsertRowid;
        for (let c = 0; c < COMMENTS; c++) comments.run(`comment ${c} of ${p}`, c, post);
      }
    }
    raw.exec('commit');
  });
}

await race('flush of 10,000 new rows in 3 levels, over the bare driver', 120, flushOurs, flushRaw);

// ── rows that are loaded

function fill(raw: DatabaseSync, rows: number): void {
  const insert = raw.prepare(`insert into items (${COLUMNS.join()}) values (${COLUMNS.map(() => '?').join()})`);
  raw.exec('begin');
  for (let at = 1; at <= rows; at++) {
    const day = String((at % 28) + 1).padStart(2, '0');
    insert.run(
      at,
      `item ${at}`,
      `code-${at}`,
      at % 1000,
      at % 77,
      at % 3 ? `note ${at}` : null,
      at % 2,
      `2026-01-${day}T00:00:00.000Z`,
      at % 50,
      'shelf',
    );
  }
  raw.exec('commit');
}

{
  const { raw, engine } = await open();
  fill(raw, 100_000);
  const select = raw.prepare(`select ${COLUMNS.join()} from items`);
  await race(
    '100,000 rows loaded into tracked entities, over raw rows',
    10,
    () => timed(() => new Session(engine).query(Item).all()),
    () => timed(() => select.all()),
  );
}

// ── 500,000 entities, one of them changed

{
  const { raw, engine } = await open();
  fill(raw, 500_000);
  const before = used();
  const session = new Session(engine);
  const items = await session.query(Item).all();
  const bytes = (used() - before) / items.length;
  judge('a row of ten columns with its entity, in KB', bytes / 1000, 1.6, `${bytes.toFixed(0)} bytes`);
  const names = Object.keys(items[0]!) as (keyof Item)[];
  const copies = items.map((item) => names.map((name) => item[name]));
  let next = 0;
  const updates: string[] = [];
  await race(
    '500,000 entities, one changed, commit, over a loop that compares each value',
    12,
    () => {
      items[next]!.stock += 1000;
      next += 1;
      return timed(() => session.commit());
    },
    () =>
      timed(() => {
        let changed = 0;
        items.forEach((item, at) => {
          const copy = copies[at]!;
          names.forEach((name, column) => {
            if (item[name] !== copy[column]) changed += 1;
          });
        });
        updates.push(String(changed));
      }),
  );
  const [{ n } = { n: 0 }] = raw.prepare('select count(*) as n from items where stock >= 1000').all() as {
    n: number;
  }[];
  if (n !== next) throw new Error('an UPDATE is missing');
}

// ── 100,000 sessions

{
  const { raw, engine } = await open();
  fill(raw, 10);
  let early = 0;
  for (let at = 1; at <= 100_000; at++) {
    const session = new Session(engine);
    await session.query(Item).all();
    await session.close();
    if (at === 10_000) early = used();
  }
  const grown = (used() - early) / 1e6;
  judge('100,000 sessions of 10 rows: heap over that after 10,000, in MB', grown, 3, '');
}

console.log(table(['figure', 'measured', 'at most', ''], lines));
if (faults.length > 0) {
  console.error(`\nMISSED\n${faults.join('\n')}`);
  process.exitCode = 1;
} else {
  rewrite('orm', `${setting()}.\n\n${markdown(['', 'measured', 'at most', 'shortest: ours, the other'], lines)}`);
}
