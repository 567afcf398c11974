import { compare, data, execute, migrate, reflect, revision, type Operation, type Revision } from 'cinnabar/migrate';
import { expect, test } from 'vitest';
import { objectOf } from '../../../src/cli/describe.ts';
import { memoryEngine } from '../memory.ts';
import { refusal, runOn } from '../support.ts';
import { coreOf } from '../../../src/engine/engine.ts';

/** So many revisions in a row, each of which makes a table with a row. */
function chain(count: number): Revision[] {
  return Array.from({ length: count }, (_, at) =>
    revision({
      id: `r${at}`,
      parents: at === 0 ? [] : [`r${at - 1}`],
      up: [
        execute(`create table t${at} (id integer primary key, name text, age integer)`),
        execute({ sqlite: `insert into t${at} values (1, 'a  b', ${at})`, postgres: 'select 1' }),
        data(`fill ${at}`, async () => {}),
      ],
    }),
  );
}

const edits: readonly ((one: Revision) => Partial<Revision>)[] = [
  ({ up }) => ({ up: [execute('create table other (id integer)'), ...up.slice(1)] }),
  ({ up }) => ({
    up: [up[0]!, execute({ sqlite: `insert into t0 values (1, 'a b', 0)`, postgres: 'select 1' }), up[2]!],
  }),
  ({ up }) => ({ up: up.slice(0, 2) }),
  ({ up }) => ({ up: [up[1]!, up[0]!, up[2]!] }),
  ({ up }) => ({ up: [...up, execute('select 1')] }),
  ({ up }) => ({ up: [...up.slice(0, 2), data('another', async () => {})] }),
  ({ up }) => ({ up: [{ ...up[0]!, transactional: false } as Operation, ...up.slice(1)] }),
  ({ up }) => ({ up: [up[0]!, execute({ sqlite: 'select 1', postgres: 'select 2' }), up[2]!] }),
];

test('40 of 40 edits of applied revisions are refused, each by the name of the revision', async () => {
  const all = chain(40);
  const engine = memoryEngine();
  await migrate(engine, all);
  for (const [at, one] of all.entries()) {
    const edited = { ...one, ...edits[at % edits.length]!(one) };
    const message = await refusal(() => migrate(engine, all.with(at, edited)));
    expect(message).toContain(`revision '${one.id}' was edited after it was applied`);
  }
});

test('20 of 20 revisions that come late are refused, each by its name, and 20 of 20 that are missing', async () => {
  const all = chain(21);
  const engine = memoryEngine();
  await migrate(engine, all);
  for (let at = 1; at <= 20; at++) {
    const late = revision({ id: `late${at}`, parents: [`r${at - 1}`], up: [execute('select 1')] });
    const moved = { ...all[at]!, parents: [late.id] };
    expect(await refusal(() => migrate(engine, [...all.with(at, moved), late]))).toContain(
      `'late${at}' is not applied`,
    );
    const without = all.flatMap((one, index) => {
      if (index === at) return [];
      return index === at + 1 ? [{ ...one, parents: [`r${at - 1}`] }] : [one];
    });
    expect(await refusal(() => migrate(engine, without))).toContain(`'r${at}' is applied in the database`);
  }
});

/** Changes that somebody makes by hand to table `t`, and the object that each is about. */
const manual: readonly (readonly [sql: (t: string) => string, object: (t: string) => string])[] = [
  [(t) => `alter table ${t} add column extra text`, (t) => `column ${t}.extra`],
  [(t) => `alter table ${t} drop column age`, (t) => `column ${t}.age`],
  [(t) => `alter table ${t} rename column name to label`, (t) => `column ${t}.name`],
  [(t) => `create index by_name_${t} on ${t} (name)`, (t) => `index by_name_${t} of ${t}`],
  [(t) => `create unique index one_age_${t} on ${t} (age)`, (t) => `index one_age_${t} of ${t}`],
  [(t) => `drop table ${t}`, (t) => `table ${t}`],
  [(t) => `alter table ${t} rename to gone_${t}`, (t) => `table gone_${t}`],
  [(t) => `create table more_${t} (id integer primary key)`, (t) => `table more_${t}`],
  [(t) => `create view seen_${t} as select id from ${t}`, (t) => `view seen_${t}`],
  [
    (t) => `drop table ${t}; create table ${t} (id integer primary key, name text not null, age integer)`,
    (t) => `column ${t}.name`,
  ],
];

test('40 of 40 changes by hand are found, each by the name of the object', async () => {
  const engine = memoryEngine();
  await migrate(engine, chain(40));
  const wanted = await reflect(engine);
  const { driver } = coreOf(engine);
  for (let at = 0; at < 40; at++) {
    const [sql, object] = manual[at % manual.length]!;
    await runOn(driver, ...sql(`t${at}`).split('; '));
    const { operations } = await compare(engine, wanted);
    expect(operations.map(objectOf)).toContain(object(`t${at}`));
  }
});
