import { bigint, declarativeBase, double, integer, many, one, text } from 'cinnabar';
import { expectSame, type Raw } from '../../bench/support/raw.ts';

/** A key beyond 2^53 has the same shape here; the cases that need one say so. */
const wide = bigint as unknown as typeof integer;

/** Parents with two kinds of children. Every row says by token which parent it is meant to have. */
function family(key: typeof integer) {
  const Model = declarativeBase();
  class Parent extends Model('parents', {
    id: key().primaryKey(),
    token: text().unique(),
    bossToken: text().nullable(),
    bossId: key().nullable().references('parents.id'),
    get boss() {
      return one(Parent, { by: 'bossId' }).nullable();
    },
    get children() {
      return many(Child, { by: 'parentId' });
    },
    get notes() {
      return many(Note, { by: 'parentId' });
    },
  }) {}
  class Child extends Model('children', {
    id: key().primaryKey(),
    token: text().unique(),
    parentToken: text(),
    parentId: key().references('parents.id'),
    get parent() {
      return one(Parent, { by: 'parentId' });
    },
  }) {}
  /** Its weight is REAL, which JSON does not carry exactly: its rows are bound cell by cell, and so in many statements. */
  class Note extends Model('notes', {
    id: key().primaryKey(),
    token: text().unique(),
    parentToken: text(),
    weight: double().default(0.1),
    parentId: key().references('parents.id'),
    get parent() {
      return one(Parent, { by: 'parentId' });
    },
  }) {}
  /** Two tables whose rows need each other. */
  class Left extends Model('lefts', {
    id: key().primaryKey(),
    token: text().unique(),
    rightId: key().references('rights.id'),
    get right() {
      return one(Right, { by: 'rightId' });
    },
  }) {}
  class Right extends Model('rights', {
    id: key().primaryKey(),
    token: text().unique(),
    leftId: key().references('lefts.id'),
    get left() {
      return one(Left, { by: 'leftId' });
    },
  }) {}
  return { Model, Parent, Child, Note, Left, Right };
}

export type Family = ReturnType<typeof family>;

export const narrowKeys: Family = family(integer);
export const wideKeys: Family = family(wide);

/** Rows whose foreign key is not the one of the row that they name, and pairs that do not name each other. */
const WRONG = [
  `select 'boss', b.token from parents b left join parents p on p.id = b.boss_id where b.boss_token is not p.token`,
  `select 'child', c.token from children c left join parents p on p.id = c.parent_id where p.token is not c.parent_token`,
  `select 'note', c.token from notes c left join parents p on p.id = c.parent_id where p.token is not c.parent_token`,
  `select 'left', l.token from lefts l left join rights r on r.id = l.right_id where r.token is not l.token`,
  `select 'right', r.token from rights r left join lefts l on l.id = r.left_id where l.token is not r.token`,
];

/** Rejects when a row is linked to another parent than it was meant for. */
export async function expectRightLinks(raw: Raw): Promise<void> {
  for (const sql of WRONG) expectSame('wrong links', await raw.rows(sql), []);
}

const TABLES = ['parents', 'children', 'notes', 'lefts', 'rights'] as const;

/** Keys of all rows, by table and token. */
export async function keysByToken(raw: Raw): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const table of TABLES) {
    for (const [token, id] of await raw.rows(`select token, cast(id as text) from ${table}`)) {
      keys.set(`${table} ${String(token)}`, String(id));
    }
  }
  return keys;
}
