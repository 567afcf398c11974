import * as fc from 'fast-check';

/** How much of the database a fresh session reads before the program goes on. */
export type Reload = 'all' | 'rows' | 'nothing';

/** A step of a program. Numbers pick among what is there, modulo its count. */
export type Step =
  | { do: 'add user'; name: string; admin: boolean; boss: number | null }
  | {
      do: 'add post';
      author: number;
      editor: number | null;
      rank: number;
      how: 'author' | 'collection' | 'constructor';
    }
  | { do: 'add tag'; label: number; post: number | null }
  | { do: 'edit user'; user: number; name: string; level: number }
  | { do: 'edit post'; post: number; title: string; rank: number | null }
  | { do: 'swap ranks'; one: number; other: number }
  | { do: 'swap labels'; one: number; other: number }
  | { do: 'move post'; post: number; user: number; how: 'set' | 'add' | 'key' }
  | { do: 'remove post'; post: number }
  | { do: 'set editor'; post: number; user: number | null; how: 'set' | 'add' | 'key' }
  | { do: 'set boss'; user: number; boss: number | null; how: 'set' | 'add' | 'key' }
  | { do: 'tag' | 'untag'; post: number; tag: number; from: 'post' | 'tag' }
  | { do: 'delete'; what: 'user' | 'post' | 'tag'; which: number }
  | { do: 'revive'; what: 'user' | 'post' | 'tag'; which: number }
  | { do: 'load'; what: 'user' | 'post' | 'tag'; which: number }
  | { do: 'merge user'; user: number; name: string }
  | { do: 'merge post'; post: number; title: string; author: number | null; tags: readonly number[] | null }
  | { do: 'replace tag'; tag: number; label: number }
  | { do: 'rekey'; what: 'user' | 'tag'; which: number; other: number; how: 'fresh' | 'swap' | 'chain' }
  | { do: 'replace post'; post: number; title: string; rank: number; author: number; editor: number | null }
  | { do: 'merge posts'; user: number; posts: readonly number[]; rank: number | null }
  | { do: 'merge copy'; what: 'user' | 'post'; which: number; name: string }
  | { do: 'read again'; what: 'user' | 'post' | 'tag'; which: number; how: Again }
  | { do: 'update at once'; what: 'user' | 'post'; from: string; to: string }
  | { do: 'insert at once'; tags: number }
  | { do: 'upsert at once'; author: number; title: string; ranks: readonly number[] }
  | { do: 'delete at once'; post: number }
  | { do: 'change elsewhere'; what: 'user' | 'post' | 'tag'; which: number; name: string }
  | { do: 'commit what is stale'; user: number }
  | { do: 'commit, cut off'; how: CutOff }
  | { do: 'commit' }
  | { do: 'commit, and meanwhile'; edits: Step[] }
  | { do: 'rollback' }
  | { do: 'reload'; read: Reload };

/** How a row is read again. */
export type Again = 'refresh' | 'refreshAll' | 'expire' | 'populateExisting';

/**
 * How a connection fails at a commit: before anything is sent; with the request, after which the program asks what became
 * of it, or gives up; with the reply.
 */
export type CutOff = 'refused' | 'request' | 'request, given up' | 'reply';

/** A step that changes entities. */
export type Edit = Exclude<
  Step,
  { do: 'commit' | 'commit, and meanwhile' | 'commit what is stale' | 'commit, cut off' | 'rollback' | 'reload' }
>;

const pick = fc.nat(30);
const maybe = fc.option(pick, { nil: null });
const name = fc.constantFrom('a', 'b', 'c', 'd');
const how = fc.constantFrom('set', 'add', 'key');
const what = fc.constantFrom('user', 'post', 'tag');
const rank = fc.nat(11);

const edits: readonly fc.WeightedArbitrary<unknown>[] = [
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add user'), name, admin: fc.boolean(), boss: maybe }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('add post'),
      author: pick,
      editor: maybe,
      rank,
      how: fc.constantFrom('author', 'collection', 'constructor'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add tag'), label: fc.nat(5), post: maybe }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('edit user'), user: pick, name, level: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('edit post'),
      post: pick,
      title: name,
      rank: fc.option(rank, { nil: null }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('swap ranks'), one: pick, other: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('swap labels'), one: pick, other: pick }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move post'), post: pick, user: pick, how }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove post'), post: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set editor'), post: pick, user: maybe, how }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set boss'), user: pick, boss: maybe, how }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('tag', 'untag'),
      post: pick,
      tag: pick,
      from: fc.constantFrom('post', 'tag'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete'), what, which: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revive'), what, which: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('load'), what, which: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('merge user'), user: pick, name }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('merge post'),
      post: pick,
      title: name,
      author: maybe,
      tags: fc.option(fc.array(pick, { maxLength: 3 }), { nil: null }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replace tag'), tag: pick, label: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('rekey'),
      what: fc.constantFrom('user', 'tag'),
      which: pick,
      other: pick,
      how: fc.constantFrom('fresh', 'swap', 'chain'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('replace post'),
      post: pick,
      title: name,
      rank,
      author: pick,
      editor: maybe,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('merge posts'),
      user: pick,
      posts: fc.array(pick, { maxLength: 3 }),
      rank: fc.option(rank, { nil: null }),
    }),
  },
];

/** What asks the database, or a session of its own, also where all is in memory. */
const reads: readonly fc.WeightedArbitrary<unknown>[] = [
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('merge copy'),
      what: fc.constantFrom('user', 'post'),
      which: pick,
      name,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('read again'),
      what,
      which: pick,
      how: fc.constantFrom('refresh', 'refreshAll', 'expire', 'populateExisting'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change elsewhere'), what, which: pick, name }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('update at once'),
      what: fc.constantFrom('user', 'post'),
      from: name,
      to: name,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('insert at once'), tags: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('upsert at once'),
      author: pick,
      title: name,
      ranks: fc.uniqueArray(rank, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete at once'), post: pick }) },
];

/** Steps that read rows. */
export const reading: ReadonlySet<Step['do']> = new Set([
  'load',
  'merge user',
  'merge post',
  'merge posts',
  'merge copy',
  'read again',
  'change elsewhere',
  'update at once',
  'insert at once',
  'upsert at once',
  'delete at once',
]);

/** Steps that read, or that another commit would have to know of: none of them while one is under way. */
export const alone: ReadonlySet<Step['do']> = new Set([...reading, 'replace tag', 'replace post', 'rekey']);

const step = fc.oneof(
  ...edits,
  ...reads,
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commit, and meanwhile'),
      edits: fc.array(fc.oneof(...edits), { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('commit what is stale'), user: pick }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('commit, cut off'),
      how: fc.constantFrom<CutOff>('refused', 'request', 'request, given up', 'reply'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('reload'), read: fc.constantFrom<Reload>('all', 'rows', 'nothing') }),
  },
) as fc.Arbitrary<Step>;

/** A step that neither reads nor writes. */
export const edit: fc.Arbitrary<Edit> = fc
  .oneof(...edits)
  .filter((taken) => (taken as Step).do !== 'load') as fc.Arbitrary<Edit>;

/** What a transaction does: edits, flushes, queries that flush, savepoints; and whether it ends well. */
export interface Block {
  readonly steps: readonly (Edit | 'flush' | 'query' | Block)[];
  readonly fails: boolean;
}

export const { block } = fc.letrec<{ block: Block; item: Edit | 'flush' | 'query' | Block }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 2 },
    { weight: 6, arbitrary: edit },
    { weight: 2, arbitrary: fc.constantFrom('flush' as const, 'query' as const) },
    { weight: 1, arbitrary: tie('block') },
  ),
  block: fc.record({ steps: fc.array(tie('item'), { minLength: 1, maxLength: 8 }), fails: fc.boolean() }),
}));

/** Programs of a session. */
export const program: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 3, maxLength: 40, size: 'max' });
