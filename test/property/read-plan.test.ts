import { type Client, createClient } from '@libsql/client';
import {
  createAll,
  createEngine,
  declarativeBase,
  enumeration,
  extend,
  integer,
  joinedLoad,
  jsonLoad,
  many,
  one,
  select,
  Session,
  text,
} from 'cinnabar';
import { libsql } from 'cinnabar/libsql';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sqld, startSqld } from '../support/sqld.ts';

// Random graphs, random queries and a writer beside them: what a query loads is what one state of the database holds.

const Model = declarativeBase();
class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  grade: integer(),
  bossId: integer().nullable().references('users.id'),
  get boss() {
    return one(User, { by: 'bossId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'bossId' });
  },
  get posts() {
    return many(Post);
  },
  get pets() {
    return many(Pet, { orderBy: 'name' });
  },
}) {}
class Post extends Model('posts', {
  id: integer().primaryKey(),
  score: integer(),
  userId: integer().references('users.id'),
  get user() {
    return one(User);
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}
class Tag extends Model('tags', {
  id: integer().primaryKey(),
  label: text(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}
class Pet extends Model('pets', {
  id: integer().primaryKey(),
  kind: enumeration('pet', 'dog', 'bird'),
  name: text(),
  userId: integer().nullable().references('users.id'),
  get user() {
    return one(User).nullable();
  },
}) {}
class Dog extends extend(Pet, { kind: 'dog' }, { tricks: integer().nullable() }) {}
class Bird extends extend(Pet, 'birds', { wings: integer() }, { kind: 'bird' }) {}
Model.register(Dog, Bird);

const models = { User, Post, Tag, Pet };
type Name = keyof typeof models;

// ── the database as rows

interface UserRow {
  id: number;
  name: string;
  grade: number;
  bossId: number | null;
}
interface PostRow {
  id: number;
  score: number;
  userId: number;
}
interface TagRow {
  id: number;
  label: string;
}
interface PetRow {
  id: number;
  kind: string;
  name: string;
  userId: number | null;
  tricks: number | null;
  wings: number | null;
}
interface State {
  users: UserRow[];
  posts: PostRow[];
  tags: TagRow[];
  links: [post: number, tag: number][];
  pets: PetRow[];
}
type Row = UserRow | PostRow | TagRow | PetRow;

const tables: Readonly<Record<Name, keyof Omit<State, 'links'>>> = {
  User: 'users',
  Post: 'posts',
  Tag: 'tags',
  Pet: 'pets',
};

/** The far ends of a relation, as rows. */
const relations: Readonly<
  Record<Name, Readonly<Record<string, { target: Name; many: boolean; of(state: State, row: never): Row[] }>>>
> = {
  User: {
    boss: {
      target: 'User',
      many: false,
      of: ({ users }, row: UserRow) => users.filter((user) => user.id === row.bossId),
    },
    reports: {
      target: 'User',
      many: true,
      of: ({ users }, row: UserRow) => users.filter((user) => user.bossId === row.id),
    },
    posts: {
      target: 'Post',
      many: true,
      of: ({ posts }, row: UserRow) => posts.filter((post) => post.userId === row.id),
    },
    pets: {
      target: 'Pet',
      many: true,
      of: ({ pets }, row: UserRow) =>
        pets.filter((pet) => pet.userId === row.id).toSorted((a, b) => order(a.name, b.name) || a.id - b.id),
    },
  },
  Post: {
    user: {
      target: 'User',
      many: false,
      of: ({ users }, row: PostRow) => users.filter((user) => user.id === row.userId),
    },
    tags: {
      target: 'Tag',
      many: true,
      of: ({ tags, links }, row: PostRow) =>
        tags.filter((tag) => links.some(([post, to]) => post === row.id && to === tag.id)),
    },
  },
  Tag: {
    posts: {
      target: 'Post',
      many: true,
      of: ({ posts, links }, row: TagRow) =>
        posts.filter((post) => links.some(([from, tag]) => tag === row.id && from === post.id)),
    },
  },
  Pet: {
    user: {
      target: 'User',
      many: false,
      of: ({ users }, row: PetRow) => users.filter((user) => user.id === row.userId),
    },
  },
};

function order(left: string | number, right: string | number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Statements that make the database hold `state` and nothing else. */
function statementsFor({ users, posts, tags, links, pets }: State): string[] {
  const rows = (table: string, values: readonly (readonly (string | number | null)[])[]): string[] =>
    values.length === 0
      ? []
      : [
          `insert into ${table} values ${values.map((row) => `(${row.map((cell) => JSON.stringify(cell)?.replaceAll('"', "'") ?? 'null').join()})`).join()}`,
        ];
  return [
    ...['post_tags', 'posts', 'birds', 'pets', 'tags', 'users'].map((table) => `delete from ${table}`),
    ...rows(
      'users',
      users.map(({ id, name, grade, bossId }) => [id, name, grade, bossId]),
    ),
    ...rows(
      'posts',
      posts.map(({ id, score, userId }) => [id, score, userId]),
    ),
    ...rows(
      'tags',
      tags.map(({ id, label }) => [id, label]),
    ),
    ...rows('post_tags', links),
    ...rows(
      'pets',
      pets.map(({ id, kind, name, userId, tricks }) => [id, kind, name, userId, tricks]),
    ),
    ...rows(
      'birds',
      pets.filter(({ kind }) => kind === 'bird').map(({ id, wings }) => [id, wings]),
    ),
  ];
}

// ── queries, as data

interface Part {
  least: number;
  down: boolean;
  limit: number | undefined;
  offset: number | undefined;
  branches: Branches;
}
type Branch = Branches | Part;
interface Branches {
  readonly [relation: string]: Branch;
}
interface Query {
  model: Name;
  least: number | undefined;
  some: number | undefined;
  by: 'none' | 'up' | 'down' | 'both';
  limit: number | undefined;
  offset: number | undefined;
  branches: Branches;
  /** How the relations are loaded, in turn. */
  ways: Way[];
}
type Way = 'batch' | 'join' | 'json';

function isPart(branch: Branch): branch is Part {
  return typeof branch['least'] === 'number';
}
/** The attribute by which rows are chosen and ordered: a few values, so that there are ties. */
const measure: Readonly<Record<Name, string>> = { User: 'grade', Post: 'score', Tag: 'label', Pet: 'name' };
const column = (model: Name) =>
  (models[model].c as unknown as Record<string, (typeof User)['c']['grade']>)[measure[model]]!;
const asValue = (model: Name, value: number): number =>
  (model === 'User' || model === 'Post' ? value : String(value)) as number;

/** Rows in order: by the measure where asked, ties by key in the same direction; cut off. */
function chosen(
  rows: readonly Row[],
  model: Name,
  { least, by, limit, offset }: Pick<Query, 'least' | 'by' | 'limit' | 'offset'>,
): Row[] {
  const of = (row: Row): string | number => (row as unknown as Record<string, string | number>)[measure[model]]!;
  const sign = by === 'down' ? -1 : 1;
  const ordered = rows
    .filter((row) => least === undefined || order(of(row), asValue(model, least)) >= 0)
    .toSorted((a, b) =>
      by === 'none'
        ? a.id - b.id
        : (by === 'both' ? -order(of(a), of(b)) : sign * order(of(a), of(b))) || sign * (a.id - b.id),
    );
  return ordered.slice(offset ?? 0, limit === undefined ? undefined : (offset ?? 0) + limit);
}

// ── what a graph looks like: of rows, and of entities

interface Shown {
  readonly of: string;
  readonly row: Record<string, unknown>;
  readonly [relation: string]: unknown;
}

function showRow(state: State, model: Name, row: Row, branches: Branches): Shown {
  const shown: Record<string, unknown> = {};
  for (const [name, branch] of Object.entries(branches)) {
    const { target, many, of } = relations[model][name]!;
    const rows = of(state, row as never);
    if (isPart(branch)) {
      const { down, branches: further, ...cut } = branch;
      const kept = chosen(rows, target, { ...cut, by: down ? 'down' : 'up' });
      shown[name] = kept.map((each) => showRow(state, target, each, further));
    } else {
      const all = rows.map((each) => showRow(state, target, each, branch));
      shown[name] = many ? all : (all[0] ?? null);
    }
  }
  const kind = model === 'Pet' ? (row as PetRow).kind : undefined;
  const { tricks, wings, ...plain } = row as PetRow;
  const own = kind === 'dog' ? { tricks } : kind === 'bird' ? { wings } : {};
  return { of: kind === 'dog' ? 'Dog' : kind === 'bird' ? 'Bird' : model, row: { ...plain, ...own }, ...shown };
}

type Entity = Record<string, { items: Entity[]; value: Entity | null; subset: Entity[] }>;

function showEntity(entity: Entity, model: Name, branches: Branches): Shown {
  const shown: Record<string, unknown> = {};
  for (const [name, branch] of Object.entries(branches)) {
    const { target, many } = relations[model][name]!;
    const relation = entity[name]!;
    if (isPart(branch)) shown[name] = relation.subset.map((each) => showEntity(each, target, branch.branches));
    else if (many) shown[name] = relation.items.map((each) => showEntity(each, target, branch));
    else shown[name] = relation.value && showEntity(relation.value, target, branch);
  }
  return { of: entity.constructor.name, row: { ...entity }, ...shown };
}

function expected(state: State, { model, some, branches, ...cut }: Query): Shown[] {
  const rows = state[tables[model]].filter(
    (row: Row) =>
      some === undefined ||
      model !== 'User' ||
      state.posts.some((post) => post.userId === row.id && post.score >= some),
  );
  return chosen(rows, model, cut).map((row) => showRow(state, model, row, branches));
}

/** The query as a program writes it. */
async function loaded(
  session: Session,
  { model, least, some, by, limit, offset, branches, ways }: Query,
): Promise<Shown[]> {
  const measured = column(model);
  let query = session.query(models[model] as typeof User);
  if (least !== undefined) query = query.where(measured.gte(asValue(model, least)));
  if (some !== undefined && model === 'User') query = query.where(User.c.posts.some(Post.c.score.gte(some)));
  if (by === 'up') query = query.orderBy(measured);
  if (by === 'down') query = query.orderBy(measured.desc());
  if (by === 'both') query = query.orderBy(measured.desc(), models[model].c.id);
  if (limit !== undefined) query = query.limit(limit);
  if (offset !== undefined) query = query.offset(offset);
  const entities = (await query.with(withOf(model, branches, ways)).all()) as unknown as Entity[];
  const shown = entities.map((entity) => showEntity(entity, model, branches));
  // Without ORDER BY and LIMIT the rows come in any order.
  const isOrdered = limit !== undefined || offset !== undefined || by === 'both';
  return isOrdered ? shown : shown.toSorted((a, b) => byRow(a, b, by, model));
}

function byRow(a: Shown, b: Shown, by: Query['by'], model: Name): number {
  const [one, other] = [a.row, b.row] as Record<string, number>[];
  const sign = by === 'down' ? -1 : 1;
  return (
    (by === 'none' ? 0 : sign * order(one![measure[model]]!, other![measure[model]]!)) ||
    sign * (one!['id']! - other!['id']!)
  );
}

function withOf(model: Name, branches: Branches, ways: readonly Way[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(branches).map(([name, branch], at) => {
      const way = ways[at % ways.length];
      const asked = askedOf(relations[model][name]!.target, branch, ways.slice(1).concat(ways.slice(0, 1)));
      return [name, way === 'join' ? joinedLoad(asked) : way === 'json' ? jsonLoad(asked) : asked];
    }),
  );
}

function askedOf(target: Name, branch: Branch, ways: readonly Way[]): unknown {
  if (!isPart(branch)) return Object.keys(branch).length === 0 ? true : withOf(target, branch, ways);
  const measured = column(target);
  let part = select(models[target] as typeof User)
    .where(measured.gte(asValue(target, branch.least)))
    .orderBy(branch.down ? measured.desc() : measured);
  if (branch.limit !== undefined) part = part.limit(branch.limit);
  if (branch.offset !== undefined) part = part.offset(branch.offset);
  return part.with(withOf(target, branch.branches, ways));
}

// ── random ones

const small = fc.integer({ min: 0, max: 3 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const someOf = (count: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: count });

const states: fc.Arbitrary<State> = fc
  .record({
    users: fc.integer({ min: 1, max: 7 }),
    posts: fc.integer({ min: 0, max: 10 }),
    tags: fc.integer({ min: 0, max: 4 }),
    pets: fc.integer({ min: 0, max: 6 }),
  })
  .chain((count) => {
    const rows = <T>(length: number, row: (id: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc.tuple(...Array.from({ length }, (_, at) => row(at + 1)));
    const user = fc.option(someOf(count.users), { nil: null });
    return fc.record({
      users: rows(count.users, (id) =>
        fc.record({ id: fc.constant(id), name: small.map(String), grade: small, bossId: user }),
      ),
      posts: rows(count.posts, (id) => fc.record({ id: fc.constant(id), score: small, userId: someOf(count.users) })),
      tags: rows(count.tags, (id) => fc.record({ id: fc.constant(id), label: small.map(String) })),
      links:
        count.posts === 0 || count.tags === 0
          ? fc.constant<[number, number][]>([])
          : fc.uniqueArray(fc.tuple(someOf(count.posts), someOf(count.tags)), { selector: String, maxLength: 12 }),
      pets: rows(count.pets, (id) =>
        fc.constantFrom('pet', 'dog', 'bird').chain((kind) =>
          fc.record({
            id: fc.constant(id),
            kind: fc.constant(kind),
            name: small.map(String),
            userId: user,
            tricks: fc.constant(kind === 'dog' ? id : null),
            wings: fc.constant(kind === 'bird' ? id : null),
          }),
        ),
      ),
    });
  });

function branchesOf(model: Name, depth: number): fc.Arbitrary<Branches> {
  const names = Object.keys(relations[model]);
  if (depth === 0) return fc.constant({});
  return fc.subarray(names, { minLength: depth > 2 ? 1 : 0 }).chain((some) =>
    fc.record(
      Object.fromEntries(
        some.map((name) => {
          const { target } = relations[model][name]!;
          const further = branchesOf(target, depth - 1);
          const part = fc.record({
            least: small,
            down: fc.boolean(),
            limit: maybe(small),
            offset: maybe(small),
            branches: further,
          });
          return [name, fc.oneof({ weight: 2, arbitrary: further }, { weight: 1, arbitrary: part })];
        }),
      ),
    ),
  );
}

/** Of one relation an entity shows one part at a time, so that two of them in a query have no meaning. */
function partsIn(model: Name, branches: Branches): string[] {
  return Object.entries(branches).flatMap(([name, branch]) => {
    const { target } = relations[model][name]!;
    return isPart(branch) ? [`${model}.${name}`, ...partsIn(target, branch.branches)] : partsIn(target, branch);
  });
}

const queries: fc.Arbitrary<Query> = fc
  .constantFrom<Name>('User', 'User', 'Post', 'Tag', 'Pet')
  .chain(queriesOf)
  .filter(({ model, branches }) => new Set(partsIn(model, branches)).size === partsIn(model, branches).length);

function queriesOf(model: Name): fc.Arbitrary<Query> {
  return fc.record({
    model: fc.constant(model),
    least: maybe(small),
    some: maybe(small),
    by: fc.constantFrom('none', 'up', 'down', 'both'),
    limit: maybe(fc.integer({ min: 0, max: 6 })),
    offset: maybe(small),
    branches: branchesOf(model, 3),
    ways: fc.array(fc.constantFrom<Way>('batch', 'join', 'json'), { minLength: 1, maxLength: 4 }),
  });
}

// ── the property

let server: Sqld;
let reader: Client;
let writer: Client;
beforeAll(async () => {
  server = await startSqld();
  reader = createClient({ url: server.url });
  writer = createClient({ url: server.url });
  await createAll(createEngine(libsql(writer)), Model.metadata);
});
afterAll(async () => {
  reader.close();
  writer.close();
  await server.stop();
});

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env['READ_RUNS'] ?? 1000);

test(`what a query loads is one state of the database (SEED=${seed})`, { timeout: 300_000 }, async () => {
  const engine = createEngine(libsql(reader));
  const seen = { cases: 0, before: 0, between: 0, after: 0, entities: 0 };
  const property = fc.asyncProperty(
    states,
    fc.array(states, { minLength: 1, maxLength: 3 }),
    queries,
    small,
    async (first, rest, query, delay) => {
      const all = [first, ...rest];
      await writer.batch(statementsFor(first), 'write');
      const session = new Session(engine);

      const writing = (async () => {
        for (const state of rest) await writer.batch(statementsFor(state), 'write');
      })();
      for (let turn = 0; turn < delay; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
      const graph = await loaded(session, query);
      await writing;

      expect(session.roundTrips).toBe(1);
      const candidates = all.map((state) => expected(state, query));
      const found = candidates.findIndex(
        (candidate) => JSON.stringify(sorted(candidate)) === JSON.stringify(sorted(graph)),
      );
      if (found < 0) expect(sorted(graph)).toEqual(sorted(candidates[candidates.length - 1]));
      seen.cases++;
      seen[found === 0 ? 'before' : found === all.length - 1 ? 'after' : 'between']++;
      seen.entities += graph.length;
    },
  );
  await fc.assert(property, { seed, numRuns: runs, endOnFailure: false });
  console.log(`read plan: ${JSON.stringify({ seed, ...seen })}`);
});

/** The same with the keys of every object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => order(a, b))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
