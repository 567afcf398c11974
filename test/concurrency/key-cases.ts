import type { Session } from 'cinnabar';
import { type Family, narrowKeys, wideKeys } from '../../bench/keys/model.ts';

/** A commit in which `max(id)` and an ordinal could be the key of another row than it is thought to be. */
export interface KeyCase {
  readonly name: string;
  readonly family: Family;
  /** SQL after the tables are there: rows, triggers. */
  readonly given?: readonly string[];
  /** Puts work into the session, which is then committed. */
  readonly when: (session: Session, family: Family) => void | Promise<void>;
  /**
   * Whether it has to succeed, has to be refused before anything of it is durable, or may be either, as long as it is all or
   * nothing, and right. `doubtful`: a typed error, where a client fails at the reply before it sees what became of the unit.
   */
  readonly ends: 'committed' | 'refused' | 'either' | 'doubtful';
}

type ParentInit = { id?: number; bossToken?: string };

/** A new parent with children and notes, each of which knows whose it is. */
function parent(
  { Parent, Child, Note }: Family,
  token: string,
  children: number,
  notes: number,
  init: ParentInit = {},
) {
  return new Parent({
    token,
    ...init,
    children: Array.from({ length: children }, (_, at) => new Child({ token: `${token}/c${at}`, parentToken: token })),
    notes: Array.from({ length: notes }, (_, at) => new Note({ token: `${token}/n${at}`, parentToken: token })),
  });
}

function parents(family: Family, count: number, children = 2, notes = 2) {
  return Array.from({ length: count }, (_, at) => parent(family, `new${at}`, children, notes));
}

/** A second graph, beside the first. */
export function moreParents(family: Family) {
  return Array.from({ length: 3 }, (_, at) => parent(family, `more${at}`, 2, 2));
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
const rows = (...ids: (number | string)[]): string[] =>
  ids.map((id) => `insert into parents (id, token) values (${id}, 'old${id}')`);
const oldChild = (id: number, parentId: number): string =>
  `insert into children (id, token, parent_token, parent_id) values (${id}, 'oldchild${id}', 'old${parentId}', ${parentId})`;
const autoincrement = [
  'drop table parents',
  'create table parents (id integer primary key autoincrement, token text not null unique, boss_token text, boss_id integer references parents (id))',
  ...rows(1, 2, 900),
  'delete from parents where id = 900',
];
const trigger = (name: string, on: string, body: string): string => `create trigger ${name} ${on} begin ${body}; end`;
const echo = `insert into parents (token) values ('echo' || hex(randomblob(8)))`;

/** A graph that refers to the parents' keys from two tables, so that a key may move in between. */
const graph = (session: Session, family: Family): void => session.addAll(parents(family, 5));

const keys: KeyCase[] = [
  { name: 'an empty table', family: narrowKeys, when: graph, ends: 'committed' },
  {
    name: 'explicit keys among generated ones',
    family: narrowKeys,
    given: rows(1, 2, 3),
    when: (session, family) => {
      for (const at of range(12)) {
        const id = [undefined, 7, undefined, 25, undefined, 40][at % 6];
        session.add(parent(family, `p${at}`, 2, 1, id === undefined ? {} : { id: id + at }));
      }
    },
    ends: 'committed',
  },
  {
    name: 'explicit keys, all negative',
    family: narrowKeys,
    when: (session, family) => {
      for (const at of range(6)) session.add(parent(family, `p${at}`, 2, 1, at % 2 ? { id: -10 - at } : {}));
    },
    ends: 'committed',
  },
  {
    name: 'a row with an explicit key refers to one of its table with a generated key',
    family: narrowKeys,
    given: rows(1, 2),
    when: (session, family) => {
      const boss = parent(family, 'boss', 1, 1);
      const worker = parent(family, 'worker', 1, 1, { id: 77, bossToken: 'boss' });
      worker.boss.set(boss);
      session.addAll([worker, boss]);
    },
    ends: 'committed',
  },
  {
    name: 'a row with a negative key refers to the only one with a generated key',
    family: narrowKeys,
    given: rows(-4),
    when: (session, family) => {
      const boss = parent(family, 'boss', 1, 1);
      const worker = parent(family, 'worker', 1, 1, { id: -7, bossToken: 'boss' });
      worker.boss.set(boss);
      session.addAll([boss, worker]);
    },
    ends: 'committed',
  },
  {
    name: 'self-references, forwards and backwards',
    family: narrowKeys,
    given: rows(1, 2, 50),
    when: (session, family) => {
      const all = parents(family, 12, 1, 1);
      all.forEach((each, at) => {
        const boss = all[(at * 5 + 3) % all.length]!;
        each.bossToken = boss.token;
        each.boss.set(boss);
      });
      session.addAll(all);
    },
    ends: 'committed',
  },
  ...[[], rows(9), rows(-5), autoincrement].map((given, at): KeyCase => ({
    name: `one row that refers to itself (${['empty table', 'rows', 'negative keys', 'autoincrement'][at]})`,
    family: narrowKeys,
    given,
    when: (session, family) => {
      const sole = parent(family, 'sole', 2, 2, { bossToken: 'sole' });
      sole.boss.set(sole);
      session.add(sole);
    },
    ends: 'committed',
  })),
  {
    name: 'the last row is deleted in the same commit',
    family: narrowKeys,
    given: rows(1, 2, 30),
    when: async (session, family) => {
      session.delete((await session.get(family.Parent, 30))!);
      graph(session, family);
    },
    ends: 'committed',
  },
  {
    name: 'the last rows are deleted by a cascade of another table',
    family: narrowKeys,
    given: [
      ...rows(1, 2),
      'drop table children',
      'create table children (id integer primary key, token text not null unique, parent_token text not null, parent_id integer not null references parents (id) on delete cascade)',
      oldChild(500, 2),
    ],
    when: async (session, family) => {
      session.delete((await session.get(family.Parent, 2))!);
      graph(session, family);
    },
    ends: 'committed',
  },
  ...[5, 1000].map((to): KeyCase => ({
    name: `a key of the table changes (1 to ${to}), and an old row moves to a new parent`,
    family: narrowKeys,
    given: [...rows(1, 2, 3), oldChild(1, 2), oldChild(2, 2)],
    when: async (session, family) => {
      const moved = (await session.get(family.Parent, 1))!;
      const [first, second] = await Promise.all([1, 2].map((id) => session.get(family.Child, id)));
      const news = parents(family, 4, 1, 1);
      session.addAll(news);
      moved.id = to;
      first!.parent.set(news[0]!);
      first!.parentToken = news[0]!.token;
      second!.parent.set(news[3]!);
      second!.parentToken = news[3]!.token;
    },
    ends: 'committed',
  })),
  {
    name: 'a key changes to the highest, and another old row takes a new boss',
    family: narrowKeys,
    given: rows(1, 2, 3),
    when: async (session, family) => {
      const [first, second] = await Promise.all([1, 2].map((id) => session.get(family.Parent, id)));
      const news = parents(family, 2, 1, 1);
      session.addAll(news);
      first!.id = 1000;
      second!.boss.set(news[0]!);
      second!.bossToken = news[0]!.token;
    },
    ends: 'committed',
  },
  {
    name: 'the highest keys swap beside new rows',
    family: narrowKeys,
    given: rows(1, 8, 9),
    when: async (session, family) => {
      const [first, second] = await Promise.all([8, 9].map((id) => session.get(family.Parent, id)));
      graph(session, family);
      first!.id = 9;
      second!.id = 8;
    },
    ends: 'committed',
  },
  {
    name: 'an autoincrement table whose last row is gone',
    family: narrowKeys,
    given: autoincrement,
    when: graph,
    ends: 'committed',
  },
  {
    name: 'one row of an autoincrement table whose last row is gone',
    family: narrowKeys,
    given: autoincrement,
    when: (session, family) => session.add(parent(family, 'sole', 3, 3)),
    ends: 'committed',
  },
  { name: 'negative keys', family: narrowKeys, given: rows(-100, -7), when: graph, ends: 'committed' },
  {
    name: 'one row beside negative keys',
    family: narrowKeys,
    given: rows(-100, -7),
    when: (session, family) => session.add(parent(family, 'sole', 3, 3)),
    ends: 'committed',
  },
  ...[1, 3].flatMap((count): KeyCase[] => [
    {
      name: `keys beyond 2^53 as bigint, ${count} new`,
      family: wideKeys,
      given: rows('1152921504606846977'),
      when: (session, family) => session.addAll(parents(family, count, 3, 3)),
      ends: 'committed',
    },
    {
      name: `the highest rowid is taken, ${count} new with children`,
      family: wideKeys,
      given: rows('9223372036854775807'),
      when: (session, family) => session.addAll(parents(family, count, 3, 3)),
      ends: 'refused',
    },
    {
      name: `the highest rowid is taken, ${count} new without children`,
      family: wideKeys,
      given: rows('9223372036854775807'),
      when: (session, family) => session.addAll(parents(family, count, 0, 0)),
      ends: count === 1 ? 'either' : 'refused',
    },
    ...[0, 3].map((children): KeyCase => ({
      name: `keys beyond 2^53 in an integer column, ${count} new with ${children} children`,
      family: narrowKeys,
      given: rows('9007199254740991'),
      when: (session, family) => session.addAll(parents(family, count, children, children)),
      ends: 'doubtful',
    })),
  ]),
  ...[1, 4].map((count): KeyCase => ({
    name: `${count} pair(s) of rows that need each other`,
    family: narrowKeys,
    given: [
      'pragma defer_foreign_keys = on',
      `insert into lefts (id, token, right_id) values (3, 'old', 8)`,
      `insert into rights (id, token, left_id) values (8, 'old', 3)`,
    ],
    when: pairs(count),
    ends: 'committed',
  })),
];

function pairs(count: number) {
  return (session: Session, { Left, Right }: Family): void => {
    for (const at of range(count)) {
      const left = new Left({ token: `pair${at}` });
      const right = new Right({ token: `pair${at}`, left });
      left.right.set(right);
      session.add(left);
    }
  };
}

const log = 'create table log (id integer primary key, what text)';
const triggers: KeyCase[] = (
  [
    [
      'writes a log',
      [log, trigger('t', 'after insert on parents', `insert into log (what) values (new.token)`)],
      'committed',
    ],
    [
      'writes a log whose name holds that of the table',
      [
        'create table old_parents_log (what text)',
        trigger('t', 'after insert on children', `insert into old_parents_log (what) values (new.token)`),
      ],
      'committed',
    ],
    [
      'writes a log of what it reads in the table',
      [
        log,
        trigger(
          't',
          'after insert on children',
          `insert into log (what) select token from parents where id = new.parent_id`,
        ),
      ],
      'committed',
    ],
    [
      'changes the row itself',
      [trigger('t', 'after insert on parents', `update parents set boss_token = null where id = new.id`)],
      'committed',
    ],
    [
      'counts the children in the parent',
      [
        'alter table parents add column n integer default 0',
        trigger('t', 'after insert on children', `update parents set n = n + 1 where id = new.parent_id`),
      ],
      'committed',
    ],
    [
      'inserts into the same table after each row',
      [trigger('t', `after insert on parents when new.token not like 'echo%'`, echo)],
      'either',
    ],
    [
      'inserts into the same table before each row',
      [trigger('t', `before insert on parents when new.token not like 'echo%'`, echo)],
      'either',
    ],
    [
      'inserts into the same table after the last row',
      [trigger('t', `after insert on parents when new.token = 'new4'`, echo)],
      'either',
    ],
    [
      'inserts a low key into the same table',
      [
        trigger(
          't',
          `after insert on parents when new.token not like 'echo%'`,
          `insert into parents (id, token) values (-new.id, 'echo' || new.id)`,
        ),
      ],
      'either',
    ],
    ['inserts a parent for each child', [trigger('t', 'after insert on children', echo)], 'either'],
    ['inserts a parent for each note', [trigger('t', 'after insert on notes', echo)], 'either'],
    [
      'inserts a parent for one note',
      [trigger('t', `after insert on notes when new.token = 'new0/n1'`, echo)],
      'either',
    ],
    [
      'inserts a parent by way of another table',
      [
        log,
        trigger('t', 'after insert on children', `insert into log (what) values ('x')`),
        trigger('u', 'after insert on log', echo),
      ],
      'either',
    ],
    [
      'inserts a parent by way of an update of another table',
      [
        log,
        `insert into log values (1, 'x')`,
        trigger('t', 'after insert on children', `update log set what = 'y'`),
        trigger('u', 'after update on log', echo),
      ],
      'either',
    ],
    [
      'inserts a parent by way of a view',
      [
        'create view v as select token from parents',
        trigger('t', 'after insert on children', `insert into v (token) values ('echo' || new.id)`),
        trigger('u', 'instead of insert on v', `insert into parents (token) values (new.token)`),
      ],
      'either',
    ],
    [
      'inserts a parent, written in an odd way',
      [
        trigger(
          't',
          'AFTER INSERT ON "Children"',
          `INSERT  OR  REPLACE\n\tINTO/**/[PARENTS]\n(token) values ('echo' || hex(randomblob(8)))`,
        ),
      ],
      'either',
    ],
    [
      'replaces into the parents',
      [trigger('t', 'after insert on children', echo.replace('insert', 'replace'))],
      'either',
    ],
    [
      'deletes the last parent',
      [trigger('t', 'after insert on children', `delete from parents where id = (select max(id) from parents)`)],
      'either',
    ],
    [
      'moves the last parent',
      [
        trigger(
          't',
          `after insert on children`,
          `update parents set id = id + 1000 where id = (select max(id) from parents)`,
        ),
      ],
      'either',
    ],
    [
      'ignores a parent',
      [trigger('t', `before insert on parents when new.token = 'new2'`, `select raise(ignore)`)],
      'refused',
    ],
    [
      'ignores a child',
      [trigger('t', `before insert on children when new.token = 'new2/c1'`, `select raise(ignore)`)],
      'refused',
    ],
    [
      'ignores a note',
      [trigger('t', `before insert on notes when new.token = 'new2/n1'`, `select raise(ignore)`)],
      'refused',
    ],
  ] as const
).flatMap(([what, given, ends]): KeyCase[] => [
  { name: `a trigger ${what}`, family: narrowKeys, given: [...rows(1, 2), ...given], when: graph, ends },
  {
    name: `a trigger ${what}, many rows`,
    family: narrowKeys,
    given: [...rows(1, 2), ...given],
    when: (session, family) => session.addAll(parents(family, 30, 10, 20)),
    ends,
  },
]);

const ignored = `before insert on parents when new.token = 'sole'`;
const more: KeyCase[] = [
  {
    name: 'a trigger ignores the only row',
    family: narrowKeys,
    given: [trigger('t', ignored, 'select raise(ignore)')],
    when: (session, family) => session.add(parent(family, 'sole', 0, 0)),
    ends: 'refused',
  },
  {
    name: 'a trigger ignores the only row, whose key is given',
    family: narrowKeys,
    given: [trigger('t', ignored, 'select raise(ignore)')],
    when: (session, family) => session.add(parent(family, 'sole', 0, 0, { id: 7 })),
    ends: 'refused',
  },
  ...[1, 4].map((count): KeyCase => ({
    name: `a trigger inserts into the far table of ${count} pair(s) that need each other`,
    family: narrowKeys,
    given: [
      trigger(
        't',
        `after insert on lefts when new.token like 'pair%'`,
        `insert into rights (token, left_id) values ('echo' || new.id, new.id);
         insert into lefts (token, right_id) values ('echo' || new.id, (select max(id) from rights))`,
      ),
    ],
    when: pairs(count),
    ends: 'either',
  })),
  ...[1, 4].map((count): KeyCase => ({
    name: `a trigger inserts only into the far table of ${count} pair(s) that need each other`,
    family: narrowKeys,
    given: [
      `insert into lefts (id, token, right_id) select 1, 'old', 1 where 0`,
      trigger(
        't',
        `after insert on lefts when new.token = 'pair0'`,
        `insert into rights (token, left_id) values ('echo', new.id)`,
      ),
    ],
    when: pairs(count),
    ends: 'either',
  })),
  {
    name: 'a trigger on an update inserts a parent while old children move to new parents',
    family: narrowKeys,
    given: [
      ...rows(1, 2),
      oldChild(1, 1),
      oldChild(2, 1),
      "insert into notes (id, token, parent_token, weight, parent_id) values (1, 'oldnote', 'old1', 0.5, 1)",
      trigger('t', 'after update on children', echo),
    ],
    when: async (session, family) => {
      const [first, second] = await Promise.all([1, 2].map((id) => session.get(family.Child, id)));
      const note = (await session.get(family.Note, 1))!;
      const news = parents(family, 3, 0, 0);
      session.addAll(news);
      first!.parent.set(news[0]!);
      first!.parentToken = news[0]!.token;
      second!.parent.set(news[1]!);
      second!.parentToken = news[1]!.token;
      note.parent.set(news[2]!);
      note.parentToken = news[2]!.token;
    },
    ends: 'either',
  },
  {
    name: 'a trigger inserts a parent where a changed key goes on to the children, and another row moves',
    family: narrowKeys,
    given: [
      'drop table children',
      'create table children (id integer primary key, token text not null unique, parent_token text not null, parent_id integer not null references parents (id) on update cascade)',
      ...rows(1, 2),
      oldChild(1, 1),
      `insert into notes (id, token, parent_token, weight, parent_id) values (1, 'oldnote', 'old2', 0.5, 2)`,
      trigger('t', 'after update on children', echo),
    ],
    when: async (session, family) => {
      const first = (await session.get(family.Parent, 1))!;
      const note = (await session.get(family.Note, 1))!;
      const news = parents(family, 2, 0, 0);
      session.addAll(news);
      first.id = 1000;
      note.parent.set(news[0]!);
      note.parentToken = news[0]!.token;
    },
    ends: 'either',
  },
  {
    name: 'the table has another case in the database, and a trigger inserts into it',
    family: narrowKeys,
    given: [
      'drop table children',
      'create table "CHILDREN" (id integer primary key, token text not null unique, parent_token text not null, parent_id integer not null references parents (id))',
      trigger('t', 'after insert on children', echo),
    ],
    when: graph,
    ends: 'either',
  },
];

export const keyCases: readonly KeyCase[] = [...keys, ...triggers, ...more];
