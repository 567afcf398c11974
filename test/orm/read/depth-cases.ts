import { declarativeBase, integer, many, one } from 'cinnabar';
import { beforeEach, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
class Node extends Model('nodes', {
  id: integer().primaryKey(),
  parentId: integer().nullable().references('nodes.id'),
  get parent() {
    return one(Node, { by: 'parentId' }).nullable();
  },
  get children() {
    return many(Node, { by: 'parentId' });
  },
}) {}

interface Shape {
  readonly children?: Shape | true;
}

/** `{ children: { children: … true } }`, so many times. */
function nested(levels: number): Shape {
  return { children: levels === 1 ? true : nested(levels - 1) };
}

/** Parsers nest a dozen subqueries and no more, so that depth is a matter of its own. */
export function depthCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    // A chain of 30, with a leaf beside each of its nodes.
    await db.run(
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 30) insert into nodes select i, nullif(i - 1, 0) from n',
      'insert into nodes select id + 100, id from nodes',
    );
  });

  test.for([
    [1, 1],
    [12, 1],
    [20, 1],
    [21, 2],
    [25, 2],
  ] as const)('%i levels below the first take %i round trips', async ([levels, trips]) => {
    const session = db.session();
    const shape = nested(levels);
    const recorded = await db.record(() => session.query(Node).where(Node.c.parentId.isNull()).with(shape).all());

    expect(recorded.trips).toBe(trips);
    expect(session.roundTrips).toBe(trips);
    let [node] = recorded.result as readonly Node[];
    for (let depth = 1; depth <= levels; depth++) {
      const children: readonly Node[] = node!.children.peek()!;
      expect(children.map((child) => child.id)).toEqual([depth + 1, depth + 100]);
      expect(children[0]!.parent.peek()).toBe(node);
      [node] = children;
    }
    expect(node!.children.peek()).toBeUndefined();
  });

  test('two deep paths of one query share the units', async () => {
    const session = db.session();
    const both = { children: nested(22), parent: true } as const;
    const { trips } = await db.record(() => session.query(Node).where(Node.c.id.eq(3)).with(both).one());

    expect(trips).toBe(2);
  });
}
