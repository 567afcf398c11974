import { createClient } from '@libsql/client';
import type { Session } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Family, narrowKeys } from '../../bench/keys/model.ts';
import { libsqlRaw } from '../../bench/support/raw.ts';
import type { KeyCase } from './key-cases.ts';
import { runKeyCase, WAYS } from './run-key-case.ts';

// Random tables, triggers and units: every link that a commit makes is the one that was meant, and where there are no
// triggers, every unit that is legal is committed.

const echo = `insert into parents (token) values ('echo' || hex(randomblob(8)))`;
const quiet = `new.token not like 'echo%'`;

/** Each may be in the database or not. */
const TRIGGERS = {
  'log of parents': `after insert on parents begin insert into log (what) values (new.token); end`,
  'count of children': `after insert on children begin update parents set boss_token = boss_token where id = new.parent_id; end`,
  'parent after some parents': `after insert on parents when ${quiet} and new.id % 3 = 0 begin ${echo}; end`,
  'parent before some parents': `before insert on parents when new.token like 'new_' and new.boss_token is null begin ${echo}; end`,
  'parent after some children': `after insert on children when new.id % 2 = 0 begin ${echo}; end`,
  'parent after some notes': `after insert on notes when new.id % 4 = 1 begin ${echo}; end`,
  'parent after a move': `after update on children begin ${echo}; end`,
  'parent after a change': `after update on parents when new.token like 'old%' begin ${echo}; end`,
  'parent by way of the log': `after insert on log begin ${echo}; end`,
  'low parent': `after insert on parents when ${quiet} begin insert into parents (id, token) values (-abs(random() % 1000000) - 1000, 'echo' || hex(randomblob(8))); end`,
  'no second child': `before insert on children when new.token like '%/c1' begin select raise(ignore); end`,
} as const;

const IDS = [-9, -2, 1, 2, 3, 7, 8, 40, 41, 2 ** 40, 2 ** 50];
const AUTOINCREMENT = [
  'drop table parents',
  'create table parents (id integer primary key autoincrement, token text not null unique, boss_token text, boss_id integer references parents (id))',
  `insert into parents (id, token) values (60, 'gone')`,
  'delete from parents',
];

const one = fc.nat({ max: 30 });
const program = fc.record({
  old: fc.subarray(IDS, { maxLength: 7 }),
  autoincrement: fc.boolean(),
  triggers: fc.oneof(
    { weight: 2, arbitrary: fc.constant<(keyof typeof TRIGGERS)[]>([]) },
    { weight: 3, arbitrary: fc.subarray(Object.keys(TRIGGERS) as (keyof typeof TRIGGERS)[], { maxLength: 3 }) },
  ),
  oldChildren: fc.array(one, { maxLength: 4 }),
  news: fc.array(
    fc.record({
      children: fc.nat({ max: 3 }),
      notes: fc.nat({ max: 3 }),
      boss: fc.option(one, { freq: 2 }),
      key: fc.option(fc.constantFrom('near', 'far', 'negative', 'of a deleted row'), { freq: 2 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  deletions: fc.nat({ max: 3 }),
  rekeys: fc.array(fc.constantFrom('up', 'down', 'swap'), { maxLength: 2 }),
  moves: fc.array(one, { maxLength: 4 }),
  promotions: fc.array(one, { maxLength: 2 }),
  pairs: fc.nat({ max: 2 }),
  way: fc.constantFrom(...WAYS),
});

type Program = typeof program extends fc.Arbitrary<infer P> ? P : never;

/** Tables as the program wants them, and the rows that nothing refers to. */
function tablesOf({ old, oldChildren, triggers, autoincrement }: Program): { given: string[]; free: number[] } {
  const taken = new Set(oldChildren.map((pick) => old[pick % old.length]));
  const given = [
    ...(autoincrement ? AUTOINCREMENT : []),
    'create table log (id integer primary key, what text)',
    ...old.map((id) => `insert into parents (id, token) values (${id}, 'old${id}')`),
    ...(old.length === 0 ? [] : oldChildren).map((pick, at) => {
      const id = old[pick % old.length];
      return `insert into children (id, token, parent_token, parent_id) values (${at + 1}, 'oldchild${at}', 'old${id}', ${id})`;
    }),
    ...triggers.map((name, at) => `create trigger t${at} ${TRIGGERS[name]}`),
  ];
  return { given, free: old.filter((id) => !taken.has(id)) };
}

async function act(session: Session, family: Family, wanted: Program, free: number[]): Promise<void> {
  const { Parent, Child, Note, Left, Right } = family;
  const { old, oldChildren } = wanted;
  const left = [...free];
  const deleted = left.splice(0, wanted.deletions);
  for (const id of deleted) session.delete((await session.get(Parent, id))!);
  await rekey(session, family, wanted, left);

  const keys = { near: Math.max(0, ...old.filter((id) => id < 1000)), far: 2 ** 45, negative: -500 };
  const spare = [...deleted];
  const keyFor = (key: Program['news'][number]['key']): { id?: number } => {
    if (key === null) return {};
    if (key !== 'of a deleted row')
      return { id: key === 'near' ? (keys.near += 2) : key === 'far' ? ++keys.far : --keys.negative };
    const id = spare.pop();
    return id === undefined ? {} : { id };
  };
  const news = wanted.news.map(({ children, notes, key }, at) => {
    const token = `new${at}`;
    const many = <T>(count: number, make: (each: number) => T): T[] =>
      Array.from({ length: count }, (_, each) => make(each));
    return new Parent({
      token,
      ...keyFor(key),
      children: many(children, (each) => new Child({ token: `${token}/c${each}`, parentToken: token })),
      notes: many(notes, (each) => new Note({ token: `${token}/n${each}`, parentToken: token })),
    });
  });
  const pick = (at: number) => news[at % news.length]!;
  for (const [at, { boss }] of wanted.news.entries()) {
    if (boss === null) continue;
    news[at]!.boss.set(pick(boss));
    news[at]!.bossToken = pick(boss).token;
  }
  session.addAll(news);

  for (const [at, to] of wanted.moves.entries()) {
    if (old.length === 0 || at >= oldChildren.length) break;
    const child = (await session.get(Child, at + 1))!;
    child.parent.set(pick(to));
    child.parentToken = pick(to).token;
  }
  for (const [at, to] of wanted.promotions.entries()) {
    const id = left[at];
    if (id === undefined) break;
    const parent = (await session.get(Parent, id)) ?? undefined;
    parent?.boss.set(pick(to));
    if (parent) parent.bossToken = pick(to).token;
  }
  for (let at = 0; at < wanted.pairs; at++) {
    const first = new Left({ token: `pair${at}` });
    first.right.set(new Right({ token: `pair${at}`, left: first }));
    session.add(first);
  }
}

/** Gives old rows other keys; takes those that it used out of `free`. */
async function rekey(session: Session, { Parent }: Family, { rekeys }: Program, free: number[]): Promise<void> {
  for (const [at, how] of rekeys.entries()) {
    const [id, other] = [free.shift(), how === 'swap' ? free.shift() : undefined];
    if (id === undefined) return;
    const parent = (await session.get(Parent, id))!;
    if (how !== 'swap') parent.id = how === 'up' ? 2 ** 41 + at : -1000 - at;
    else if (other !== undefined) {
      const second = (await session.get(Parent, other))!;
      [parent.id, second.id] = [other, id];
    }
  }
}

test('random units: every link as it was meant', { timeout: 120_000 }, async () => {
  const ends = { committed: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(program, async (wanted) => {
      const { given, free } = tablesOf(wanted);
      const keyCase: KeyCase = {
        name: 'random',
        family: narrowKeys,
        given,
        when: (session, family) => act(session, family, wanted, free),
        ends: wanted.triggers.length > 0 ? 'either' : 'committed',
      };
      const client = createClient({ url: ':memory:' });
      const { ended } = await runKeyCase(keyCase, libsql(client), libsqlRaw(client), wanted.way);
      client.close();
      if (wanted.triggers.length > 0) ends[ended] += 1;
    }),
    { numRuns: Number(process.env['RUNS'] ?? 1000) },
  );
  // The triggers are in the way of some, and of some they are not.
  expect(ends.committed).toBeGreaterThan(10);
  expect(ends.refused).toBeGreaterThan(10);
});
