import { sentUser, type PostRow, type Rows, type TagRow, type Uid, type UserRow } from './session-rows.ts';

/** What a commit is about, as the reference knows it. */
export interface Work {
  /** What is in the database. */
  readonly stored: Rows;
  /** What the program has made of it. */
  readonly rows: Rows;
  /** What is to be in the database. */
  readonly next: Rows;
  readonly deleted: ReadonlySet<Uid>;
  /** New rows that take over the row of a deleted one. */
  readonly switched: ReadonlyMap<Uid, Uid>;
  /** The keys of rows, and the new ones of those that get another. */
  readonly ids: ReadonlyMap<Uid, number>;
  readonly rekeyed: ReadonlyMap<Uid, number>;
}

/** What else the statements depend on. */
export interface Database {
  /** Whether the session has the entity of a row: what goes unseen holds no value that it could free. */
  readonly isKnown: (uid: Uid) => boolean;
  /** How many statements some rows take. */
  readonly chunks: (rows: number) => number;
  /** Whether admins go before posts: neither refers to the other. */
  readonly adminsFirst: boolean;
  /** Whether users that get a boss are counted with those that follow one. */
  readonly all: boolean;
  /** Whether what refers to a key changes in one statement with it. */
  readonly together: boolean;
}

/** How many statements of each kind there are, and how many rows they write: `insert users` → [1, 3]. */
export type Writes = ReadonlyMap<string, readonly [statements: number, rows: number]>;

class Counting extends Map<string, readonly [number, number]> {
  readonly #chunks: (rows: number) => number;

  /** @param chunks how many statements some rows take. */
  constructor(chunks: (rows: number) => number) {
    super();
    this.#chunks = chunks;
  }
  /** What writes some rows by their keys; nothing where there are none. */
  some(what: string, rows: number): void {
    if (rows > 0) this.one(what, rows, this.#chunks(rows));
  }
  /** A statement, whether or not it finds rows. */
  one(what: string, rows: number, statements = 1): void {
    const before = this.get(what) ?? [0, 0];
    this.set(what, [before[0] + statements, before[1] + rows]);
  }
}

/**
 * The statements of a commit, by the rules that the guide gives: one for the new rows of a table, one for its changed rows,
 * one for its deleted ones; one that frees unique values; and those that follow deleted rows, set-based.
 */
export function expectedWrites(given: Work, database: Database): Writes {
  const { isKnown, chunks } = database;
  const writes = new Counting(chunks);
  const { stored, next, rekeyed, ids } = given;
  // One that was dropped again takes over nothing.
  const switched = new Map([...given.switched].filter(([uid]) => next.tag.has(uid) || next.post.has(uid)));
  const work = { ...given, switched };
  const taken = new Set(switched.values());
  // ── what goes with rows that others take over
  const kinds = [stored.post, stored.tag].filter((map) => [...taken].some((uid) => map.has(uid)));
  const gone = [...stored.post].flatMap(([uid, { tags }]) =>
    [...tags].filter((tag) => taken.has(uid) || taken.has(tag)),
  );
  // A pair of two such goes with the first.
  kinds.forEach((_, at) => writes.one('delete post_tags', at === 0 ? gone.length : 0));
  // ── unique values
  const ranks = held(
    work,
    isKnown,
    (of) => of.post,
    ({ rank }) => rank,
  );
  const labels = held(
    work,
    isKnown,
    (of) => of.tag,
    ({ label }) => label,
  );
  writes.some('update posts', ranks);
  writes.some('update tags', labels);
  // ── keys that change, and what refers to them: unlike rows of their own, old and new keys travel as one text
  const moved = new Set([...rekeyed.keys()].filter((uid) => next.user.has(uid) || next.tag.has(uid)));
  const kind = (uid: Uid): string => (next.user.has(uid) ? 'user' : 'tag');
  const wanted = new Set([...moved].map((uid) => `${kind(uid)} ${rekeyed.get(uid)}`));
  const parked = new Set([...moved].filter((uid) => wanted.has(`${kind(uid)} ${ids.get(uid)}`)));
  const rows = <R>(map: ReadonlyMap<Uid, R>, isMeant: (row: R, uid: Uid) => boolean): number =>
    [...map].filter(([uid, row]) => isMeant(row, uid)).length;
  const follow = (some: ReadonlySet<Uid>, isParked: boolean): void => {
    const users = [...some].filter((uid) => next.user.has(uid)).length;
    if (users > 0) {
      if (isParked) writes.some('update users', users);
      const team = rows(stored.user, ({ boss }) => boss !== null && some.has(boss));
      writes.one('update users', isParked || database.all ? team : 0);
      writes.one(
        'update admins',
        rows(stored.user, ({ level }, uid) => level !== null && some.has(uid)),
      );
      writes.one(
        'update posts',
        rows(stored.post, ({ author }) => some.has(author!)),
      );
      // Where one statement does it all, a post changes once in it.
      const edited = rows(stored.post, ({ editor }) => editor !== null && some.has(editor));
      writes.one('update posts', edited, database.together ? 0 : 1);
    }
    if (users === some.size) return;
    if (isParked) writes.some('update tags', some.size - users);
    const pairs = [...stored.post].flatMap(([uid, { tags }]) => (taken.has(uid) ? [] : [...tags]));
    writes.one('update post_tags', pairs.filter((tag) => some.has(tag)).length);
  };
  follow(parked, true);
  // ── new rows
  const isNew = <R>(of: (all: Rows) => Map<Uid, R>): R[] =>
    [...of(next)].flatMap(([uid, row]) => (of(stored).has(uid) || switched.has(uid) ? [] : [row]));
  const users = isNew((all) => all.user);
  writes.some('insert users', users.length);
  writes.some('insert admins', users.filter(({ level }) => level !== null).length);
  writes.some('insert posts', isNew((all) => all.post).length);
  writes.some('insert tags', isNew((all) => all.tag).length);
  const pairs = pairsOf(work);
  writes.some('insert post_tags', pairs.added);
  writes.some('update users', circles(work));
  // ── changed rows
  const changed = changedRows(work);
  writes.some('update users', changed.users);
  writes.some('update admins', changed.admins);
  writes.some('update posts', changed.posts);
  writes.some('update tags', changed.tags);
  follow(moved, false);
  // ── deleted rows
  writes.some('delete post_tags', pairs.removed);
  deletions(work, taken, writes, database);
  return writes;
}

function deletions(
  { stored, rows: now, next, deleted, rekeyed }: Work,
  taken: ReadonlySet<Uid>,
  writes: Counting,
  { chunks, adminsFirst, all }: Database,
): void {
  const users = [...stored.user].filter(([uid]) => !next.user.has(uid));
  const posts = [...stored.post].filter(([uid]) => !next.post.has(uid) && !taken.has(uid));
  const isOwn = ([uid, { author }]: readonly [Uid, PostRow]): boolean => {
    const moved = now.post.get(uid)!.author;
    // One that was put back has the key that the user was to get.
    return deleted.has(uid) || moved === null || moved !== author || (all && rekeyed.has(author));
  };
  const alone = new Set(posts.filter(isOwn).map(([uid]) => uid));
  // What is still there when the children of users go: a row that is deleted itself is changed no more.
  const left = new Map([...[...next.post.keys()].map((uid) => [uid, now.post.get(uid)!] as const), ...posts]);
  const deleteAlone = (): void => {
    const found = [...alone].filter((uid) => left.delete(uid));
    if (alone.size > 0) writes.one('delete posts', found.length, chunks(alone.size));
  };
  if (!adminsFirst) deleteAlone();
  const bosses = [...new Set([...stored.user.keys(), ...next.user.keys()])].map((uid) =>
    next.user.has(uid) ? now.user.get(uid)!.boss : stored.user.get(uid)!.boss,
  );
  for (const isAdmin of [true, false]) {
    const gone = new Set(users.flatMap(([uid, { level }]) => ((level !== null) === isAdmin ? [uid] : [])));
    if (gone.size > 0) {
      writes.one('update users', bosses.filter((boss) => boss !== null && gone.has(boss)).length);
      const swept = [...left].filter(([, { author }]) => gone.has(author!));
      writes.one('delete posts', swept.length);
      for (const [uid] of swept) left.delete(uid);
      writes.one('update posts', [...left.values()].filter(({ editor }) => editor !== null && gone.has(editor)).length);
      if (isAdmin) writes.some('delete admins', gone.size);
    }
    if (isAdmin && adminsFirst) deleteAlone();
  }
  writes.some('delete users', users.length);
  writes.some('delete tags', [...stored.tag.keys()].filter((uid) => !next.tag.has(uid) && !taken.has(uid)).length);
}

/** Circles of new users, each of which gets its boss when all of them are there. */
function circles({ stored, next }: Work): number {
  const seen = new Set<Uid>();
  let found = 0;
  for (const first of next.user.keys()) {
    const path = new Set<Uid>();
    let uid: Uid | null = first;
    for (; uid !== null && !seen.has(uid) && !stored.user.has(uid); uid = next.user.get(uid)!.boss)
      path.add(seen.add(uid) && uid);
    if (uid !== null && path.size > 1 && path.has(uid) && next.user.get(uid)!.boss !== uid) found++;
  }
  return found;
}

/** The rows of a table, as they were, whose unique value another takes. */
function held<R>(
  { stored, next, rows, switched }: Work,
  isKnown: (uid: Uid) => boolean,
  of: (all: Rows) => Map<Uid, R>,
  value: (row: R) => number | string,
): number {
  const takers = new Map<number | string, Uid>();
  const leaving: [number | string, Uid][] = [];
  const kept = new Set(switched.values());
  for (const [uid] of of(next)) {
    const [row, before] = [of(rows).get(uid)!, of(stored).get(switched.get(uid) ?? uid)];
    if (before && value(before) === value(row)) continue;
    takers.set(value(row), uid);
    if (before) leaving.push([value(before), uid]);
  }
  for (const [uid, row] of of(stored))
    if (!of(next).has(uid) && !kept.has(uid) && isKnown(uid)) leaving.push([value(row), uid]);
  return leaving.filter(([was]) => takers.has(was)).length;
}

function changedRows({
  stored,
  rows,
  next,
  switched,
  rekeyed,
}: Work): Record<'users' | 'admins' | 'posts' | 'tags', number> {
  const count = <R>(of: (all: Rows) => Map<Uid, R>, isChanged: (row: R, before: R, uid: Uid) => boolean): number =>
    [...of(next).keys()].filter((uid) => {
      const before = of(stored).get(switched.get(uid) ?? uid);
      return before !== undefined && isChanged(of(rows).get(uid)!, before, uid);
    }).length;
  const sent = (uid: Uid | null): Uid | null => sentUser(uid, stored, next);
  const user = (one: UserRow, other: UserRow, uid: Uid): boolean =>
    rekeyed.has(uid) || one.name !== other.name || one.level !== other.level || sent(one.boss) !== other.boss;
  // The row of another goes along with a key that changes, and so says its own.
  const isMoved = (uid: Uid | null): boolean => rekeyed.has(uid!) && next.user.has(uid!);
  const post = (one: PostRow, other: PostRow, uid: Uid): boolean =>
    (switched.has(uid) && (isMoved(other.author) || isMoved(other.editor))) ||
    one.title !== other.title ||
    one.rank !== other.rank ||
    one.author !== other.author ||
    sent(one.editor) !== other.editor;
  const tag = (one: TagRow, other: TagRow, uid: Uid): boolean => one.label !== other.label || rekeyed.has(uid);
  return {
    users: count((all) => all.user, user),
    admins: count(
      (all) => all.user,
      (one, other) => one.level !== other.level,
    ),
    posts: count((all) => all.post, post),
    tags: count((all) => all.tag, tag),
  };
}

function pairsOf({ stored, next }: Work): { added: number; removed: number } {
  let [added, removed] = [0, 0];
  for (const [uid, { tags }] of next.post) {
    const before = stored.post.get(uid)?.tags ?? new Set();
    for (const tag of tags) if (!before.has(tag)) added++;
    for (const tag of before) if (!tags.has(tag) && next.tag.has(tag)) removed++;
  }
  return { added, removed };
}

const WRITE = /\b(?:(insert) into|(update)|(delete) from) "(\w+)"/g;

/** The statements that were sent; what checks, reads or keeps notes is none of them. */
export function sentWrites(sql: readonly string[], changes: readonly number[] | undefined): Writes {
  const writes = new Counting(() => 1);
  sql.forEach((text, at) => {
    for (const [, inserts, updates, deletes, table] of text.matchAll(WRITE))
      if (!table!.startsWith('cinnabar_')) writes.one(`${inserts ?? updates ?? deletes} ${table}`, changes?.[at] ?? 0);
  });
  return writes;
}
