import { bigint, declarativeBase, double, integer, many, one, text } from '../../src/index.ts';
import type { Raw } from '../support/raw.ts';

/** A key beyond 2^53 has the same shape here; the cases that need one say so. */
const wide = bigint as unknown as typeof integer;

/** Parents with two kinds of children. Every row says by token which parent it is meant to have. */
export function family(key: typeof integer, prefix = '') {
  const Model = declarativeBase();
  class Parent extends Model(`${prefix}parents`, {
    id: key().primaryKey(),
    token: text().unique(),
    bossToken: text().nullable(),
    bossId: key().nullable().references(`${prefix}parents.id`),
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
  class Child extends Model(`${prefix}children`, {
    id: key().primaryKey(),
    token: text().unique(),
    parentToken: text(),
    parentId: key().references(`${prefix}parents.id`),
    get parent() {
      return one(Parent, { by: 'parentId' });
    },
  }) {}
  /** Its weight is REAL, which JSON does not carry exactly: its rows are bound cell by cell, and so in many statements. */
  class Note extends Model(`${prefix}notes`, {
    id: key().primaryKey(),
    token: text().unique(),
    parentToken: text(),
    weight: double().default(0.1),
    parentId: key().references(`${prefix}parents.id`),
    get parent() {
      return one(Parent, { by: 'parentId' });
    },
  }) {}
  /** Two tables whose rows need each other. */
  class Left extends Model(`${prefix}lefts`, {
    id: key().primaryKey(),
    token: text().unique(),
    rightId: key().references(`${prefix}rights.id`),
    get right() {
      return one(Right, { by: 'rightId' });
    },
  }) {}
  class Right extends Model(`${prefix}rights`, {
    id: key().primaryKey(),
    token: text().unique(),
    leftId: key().references(`${prefix}lefts.id`),
    get left() {
      return one(Left, { by: 'leftId' });
    },
  }) {}
  return { Model, Parent, Child, Note, Left, Right };
}

export type Family = ReturnType<typeof family>;

export const narrowKeys: Family = family(integer);
export const wideKeys: Family = family(wide);

const TABLES = ['parents', 'children', 'notes', 'lefts', 'rights'] as const;

/** Tokens of the rows whose foreign key is not the one of the row that they name, and of pairs that do not agree. */
export async function wrongLinks(raw: Raw, prefix = ''): Promise<unknown[]> {
  const [parents, children, notes, lefts, rights] = TABLES.map((table) => prefix + table);
  const far = (from: string, key: string, to: string, wanted: string): string =>
    `select f.token from ${from} f left join ${to} t on t.id = f.${key} where t.token is distinct from f.${wanted}`;
  const rows = await raw.rows(
    [
      far(parents!, 'boss_id', parents!, 'boss_token'),
      far(children!, 'parent_id', parents!, 'parent_token'),
      far(notes!, 'parent_id', parents!, 'parent_token'),
      far(lefts!, 'right_id', rights!, 'token'),
      far(rights!, 'left_id', lefts!, 'token'),
    ].join(' union all '),
  );
  return rows.map(([token]) => token);
}

/** Keys of all rows, by table and token. */
export async function keysByToken(raw: Raw, prefix = ''): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const table of TABLES) {
    for (const [token, id] of await raw.rows(`select token, cast(id as text) from ${prefix}${table}`)) {
      keys.set(`${table} ${String(token)}`, String(id));
    }
  }
  return keys;
}

/** The tables of entities, by the name of their class. */
export const TABLE_OF: Readonly<Record<string, string>> = {
  Parent: 'parents',
  Child: 'children',
  Note: 'notes',
  Left: 'lefts',
  Right: 'rights',
};
