import { declarativeBase, integer, loadTree, many, one, rowFilter, sql, text, type Session } from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Node extends Model('nodes', {
  id: integer().primaryKey(),
  name: text(),
  owner: integer().default(1),
  parentId: integer().nullable().references('nodes.id'),
  get parent() {
    return one(Node, { by: 'parentId' }).nullable();
  },
  get children() {
    return many(Node, { by: 'parentId', orderBy: 'name' });
  },
  get seen() {
    return many(Node, { by: 'parentId', viewOnly: true, where: () => Node.c.name.ne('n3') });
  },
  get next() {
    return many(Node, { through: 'edges', by: 'fromId', inverse: 'toId' });
  },
  get before() {
    return many(Node, { through: 'edges', by: 'toId', inverse: 'fromId' });
  },
  get notes() {
    return many(Note, { by: 'nodeId' });
  },
}) {}
class Note extends Model('notes', { id: integer().primaryKey(), nodeId: integer().references('nodes.id') }) {}
/** A tree by a key of two columns. */
class Part extends Model(
  'parts',
  {
    shop: text().primaryKey(),
    code: text().primaryKey(),
    within: text().nullable(),
    get parts() {
      return many(Part, { by: ['shop', 'within'] });
    },
  },
  { foreignKeys: [{ columns: ['shop', 'within'], references: 'parts.shop,code' }] },
) {}
const own = rowFilter('tree owner', { id: integer() }).on(Node, (node, { id }) => node.owner.eq(id));

/** Whole trees in one statement. */
export function treeCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });
  const sessionOf = (): Session => {
    const session = db.session();
    own.set(session, { id: 1 });
    return session;
  };
  const fill = (parents: readonly (number | null)[], owners: readonly number[] = []): Promise<void> =>
    db.run(
      'delete from edges',
      'update nodes set parent_id = null',
      'delete from nodes',
      `insert into nodes (id, name, owner) values ${parents.map((_, at) => `(${at + 1}, 'n${at + 1}', ${owners[at] ?? 1})`).join()}`,
      ...parents.flatMap((parent, at) =>
        parent === null ? [] : [`update nodes set parent_id = ${parent} where id = ${at + 1}`],
      ),
    );

  test('a subtree comes with its query, in one trip, to its leaves', async () => {
    await fill([null, 1, 2, 3, 4, 1, null]);
    const session = sessionOf();
    const {
      result: roots,
      trips,
      sql: sent,
    } = await db.record(() =>
      loadTree(session.query(Node).where(Node.c.parentId.isNull()).orderBy(Node.c.id), 'children'),
    );
    expect([trips, sent.length]).toEqual([1, 2]);
    expect(sent[1]).toContain('with recursive');
    const [first, last] = roots;
    expect(first!.children.items.map(({ name }) => name)).toEqual(['n2', 'n6']);
    const deep = first!.children.items[0]!.children.items[0]!.children.items[0]!.children.items[0]!;
    expect([deep.name, deep.children.items, last!.children.items]).toEqual(['n5', [], []]);
  });

  test('that of entities in memory too, and all ancestors', async () => {
    await fill([null, 1, 2, 3]);
    const session = sessionOf();
    const leaf = (await session.get(Node, 4))!;
    const { result, trips } = await db.record(() => loadTree(session, [leaf], 'parent'));
    expect(trips).toBe(1);
    const top = result[0]!.parent.value!.parent.value!.parent.value!;
    expect([top.name, top.parent.value]).toEqual(['n1', null]);
    expect((await db.record(() => loadTree(session, [top], 'children'))).trips).toBe(1);
    expect((await top.children)[0]!.children.loaded).toBe(true);
    expect((await db.record(() => loadTree(session, [] as Node[], 'children'))).calls).toBe(0);
    expect((await db.record(() => loadTree(session, [top], 'parent'))).calls).toBe(0);
  });

  test('of a query that may not be read twice, in a second trip; of one that is cut off, in one', async () => {
    await fill([null, 1, 2, null, 4]);
    const session = sessionOf();
    const odd = session
      .query(Node)
      .where(sql<boolean>`parent_id is null`)
      .orderBy(Node.c.id);
    const { result, trips } = await db.record(() => loadTree(odd, 'children'));
    expect(trips).toBe(2);
    expect(result[0]!.children.items[0]!.children.items[0]!.name).toBe('n3');
    const cut = sessionOf().query(Node).where(Node.c.parentId.isNull()).orderBy(Node.c.id.desc()).limit(1);
    const { result: one1, trips: once } = await db.record(() => loadTree(cut.with({ notes: true }), 'children'));
    expect(once).toBe(1);
    expect([one1.length, one1[0]!.children.items[0]!.name, one1[0]!.notes.items]).toEqual([1, 'n5', []]);
  });

  test('what is pending stays: a child that moved, and one that is new', async () => {
    await fill([null, 1, 1, 3]);
    const session = sessionOf();
    const [n1, n2, n4] = [(await session.get(Node, 1))!, (await session.get(Node, 2))!, (await session.get(Node, 4))!];
    n4.parent.set(n2);
    n1.children.add(new Node({ name: 'new' }));
    const [tree] = await loadTree(session, [n1], 'children');
    expect(tree!.children.items.map(({ name }) => name)).toEqual(['n2', 'n3', 'new']);
    expect(tree!.children.items.slice(0, 2).map((node) => node.children.items.map(({ name }) => name))).toEqual([
      ['n4'],
      [],
    ]);
  });

  test('a view, and a key of two columns', async () => {
    await fill([null, 1, 1, 2, 3]);
    const [root] = await loadTree(sessionOf().query(Node).where(Node.c.id.eq(1)), 'seen');
    expect(root!.seen.items.map(({ name, seen }) => [name, seen.items.length])).toEqual([['n2', 1]]);
    await db.run(
      `insert into parts (shop, code, within) values ('a', 'x', null), ('b', 'x', null), ('a', 'y', 'x'), ('b', 'y', 'x'), ('a', 'z', 'y')`,
    );
    const [part] = await loadTree(sessionOf().query(Part).filterBy({ shop: 'a', code: 'x' }), 'parts');
    expect(part!.parts.items.map(({ shop, code, parts }) => [shop, code, parts.items[0]?.code])).toEqual([
      ['a', 'y', 'z'],
    ]);
  });

  test('filters of the session hold on the way, and are lifted with the query', async () => {
    await fill([null, 1, 2, 3], [1, 1, 2, 1]);
    const query = (session: Session) => session.query(Node).where(Node.c.id.eq(1));
    const [root] = await loadTree(query(sessionOf()), 'children');
    expect(root!.children.items[0]!.children.items).toEqual([]);
    const [all] = await loadTree(own.lift(query(sessionOf())), 'children');
    expect(all!.children.items[0]!.children.items[0]!.children.items[0]!.name).toBe('n4');
  });

  test('a relation to another model is refused before any I/O', async () => {
    const { error, calls } = await db.failure(() => loadTree(sessionOf().query(Node), 'notes' as 'children'));
    expect(error).toMatchObject({ code: 'ConfigurationError', model: 'Node', attributes: ['notes'] });
    expect(calls).toBe(0);
    const stranger = new Node({ name: 'x' });
    const other = await db.failure(() => loadTree(sessionOf(), [stranger], 'children'));
    expect(other.error).toMatchObject({ code: 'ConfigurationError' });
  });

  describe('like a plain walk over the rows', () => {
    const size = 7;
    const worlds = fc.record({
      parents: fc.array(fc.option(fc.integer({ min: 1, max: size })), { minLength: size, maxLength: size }),
      edges: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: size }), fc.integer({ min: 1, max: size })), {
        maxLength: 14,
        selector: (pair) => pair.join(),
      }),
      roots: fc.uniqueArray(fc.integer({ min: 1, max: size }), { minLength: 1, maxLength: 3 }),
      inMemory: fc.boolean(),
    });
    type Relation = 'children' | 'parent' | 'next' | 'before';

    test('trees, circles and graphs, upwards and downwards', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(worlds, async ({ parents, edges, roots, inMemory }) => {
          await fill(parents);
          if (edges.length > 0)
            await db.run(`insert into edges (from_id, to_id) values ${edges.map((pair) => `(${pair.join()})`).join()}`);
          const ids = parents.map((_, at) => at + 1);
          const walk: Readonly<Record<Relation, (id: number) => number[]>> = {
            children: (id) => ids.filter((other) => parents[other - 1] === id),
            parent: (id) => [parents[id - 1] ?? []].flat(),
            next: (id) => edges.flatMap(([from, to]) => (from === id ? to : [])),
            before: (id) => edges.flatMap(([from, to]) => (to === id ? from : [])),
          };
          for (const relation of ['children', 'parent', 'next', 'before'] as const) {
            const session = sessionOf();
            const query = session.query(Node).where(Node.c.id.in(roots));
            const before = inMemory ? await query.all() : [];
            const { result, trips } = await db.record<readonly Node[]>(() =>
              inMemory ? loadTree(session, before, relation) : loadTree(query, relation),
            );
            expect(trips).toBeLessThanOrEqual(1);
            const reached = new Map<number, Node>();
            const visit = (node: Node): void => {
              if (reached.has(node.id)) return;
              reached.set(node.id, node);
              const handle = node[relation];
              const found =
                relation === 'parent' ? [node.parent.peek() ?? []].flat() : (handle.peek() as readonly Node[]);
              expect(handle.loaded).toBe(true);
              expect(new Set(found.map(({ id }) => id))).toEqual(new Set(walk[relation](node.id)));
              for (const next of found) visit(next);
            };
            for (const node of result) visit(node);
            const expected = new Set(roots);
            for (const id of expected) for (const next of walk[relation](id)) expected.add(next);
            expect(new Set(reached.keys())).toEqual(expected);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}
