import type { Admin, Post, Tag, User } from './session-schema.ts';

/** The rows that the database should hold, by a number that the program gives each. */

export type Kind = 'user' | 'post' | 'tag';
export type Uid = number;
export type Item = User | Admin | Post | Tag;

export interface UserRow {
  name: string;
  level: number | null;
  boss: Uid | null;
  version: number;
}
export interface PostRow {
  title: string;
  rank: number;
  author: Uid | null;
  editor: Uid | null;
  tags: Set<Uid>;
}
export interface TagRow {
  label: string;
}
export interface Rows {
  user: Map<Uid, UserRow>;
  post: Map<Uid, PostRow>;
  tag: Map<Uid, TagRow>;
}

export const KINDS: readonly Kind[] = ['user', 'post', 'tag'];

export function noRows(): Rows {
  return { user: new Map(), post: new Map(), tag: new Map() };
}

export function copyOf(rows: Rows): Rows {
  return {
    user: new Map([...rows.user].map(([uid, row]) => [uid, { ...row }])),
    post: new Map([...rows.post].map(([uid, row]) => [uid, { ...row, tags: new Set(row.tags) }])),
    tag: new Map([...rows.tag].map(([uid, row]) => [uid, { ...row }])),
  };
}

/** The user that a key names in what is sent: none for a new one that was deleted before it had a row. */
export function sentUser(uid: Uid | null, stored: Rows, next: Rows): Uid | null {
  return uid === null || stored.user.has(uid) || next.user.has(uid) ? uid : null;
}

/** `next`, with what changed from `before` to `after` on top. */
export function rebased(next: Rows, before: Rows, after: Rows): Rows {
  const rows = copyOf(next);
  for (const kind of KINDS) {
    const into = rows[kind] as Map<Uid, object>;
    for (const [uid, row] of after[kind] as Map<Uid, object>) {
      const [base, old] = [into.get(uid), before[kind].get(uid)];
      if (!old) into.set(uid, row);
      else if (base) Object.assign(base, changes(old, row, base));
    }
  }
  return rows;
}

function changes(old: object, row: object, base: object): object {
  const entries = Object.entries(row).filter(([key, value]) => value !== (old as Record<string, unknown>)[key]);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (!(value instanceof Set)) return [key, value];
      const [was, is] = [(old as { tags: Set<Uid> }).tags, value as Set<Uid>];
      const kept = [...(base as { tags: Set<Uid> }).tags].filter((tag) => is.has(tag) || !was.has(tag));
      return [key, new Set([...kept, ...[...is].filter((tag) => !was.has(tag))])];
    }),
  );
}

/** In an order, so that two of them compare. */
export function plain(rows: Rows): unknown {
  return [
    [...rows.user].toSorted(([a], [b]) => a - b),
    [...rows.post]
      .toSorted(([a], [b]) => a - b)
      .map(([uid, row]) => [uid, { ...row, tags: [...row.tags].toSorted((a, b) => a - b) }]),
    [...rows.tag].toSorted(([a], [b]) => a - b),
  ];
}
