import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { topologicalGroups } from '../../src/util/topological.ts';

const graphs = fc.integer({ min: 0, max: 12 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    edges:
      size === 0
        ? fc.constant<[number, number][]>([])
        : fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 30 }),
  }),
);

const groupsOf = (size: number, edges: readonly (readonly [from: number, to: number])[]): number[][] =>
  topologicalGroups(
    Array.from({ length: size }, (_, at) => at),
    (node) => edges.filter(([from]) => from === node).map(([, to]) => to),
  );

/** Whether a path of at least one edge leads from one node to another. */
function reaches(size: number, edges: readonly (readonly [number, number])[]): boolean[][] {
  const paths = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [from, to] of edges) paths[from]![to] = true;
  for (let via = 0; via < size; via++)
    for (let from = 0; from < size; from++)
      for (let to = 0; to < size; to++) paths[from]![to] ||= paths[from]![via]! && paths[via]![to]!;
  return paths;
}

test('every node once, after all that it depends on, and with those alone that depend on it too', () => {
  fc.assert(
    fc.property(graphs, ({ size, edges }) => {
      const groups = groupsOf(size, edges);
      const place = new Map(groups.flatMap((group, at) => group.map((node) => [node, at] as const)));
      const paths = reaches(size, edges);

      expect(groups.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, at) => at));
      for (let one = 0; one < size; one++) {
        for (let other = 0; other < size; other++) {
          if (one === other) continue;
          const isCycle = paths[one]![other]! && paths[other]![one]!;
          expect(place.get(one) === place.get(other)).toBe(isCycle);
          if (paths[one]![other]! && !isCycle) expect(place.get(one)).toBeGreaterThan(place.get(other)!);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('the same graph gives the same order', () => {
  fc.assert(
    fc.property(graphs, ({ size, edges }) => {
      expect(groupsOf(size, edges)).toEqual(groupsOf(size, edges));
    }),
  );
});

test('without dependencies the order stays', () => {
  expect(topologicalGroups(['b', 'c', 'a'], () => [])).toEqual([['b'], ['c'], ['a']]);
});

test('what is not among the nodes does not count', () => {
  expect(topologicalGroups(['b', 'a'], (node) => (node === 'b' ? ['x', 'a', 'b'] : ['y']))).toEqual([['a'], ['b']]);
});

test('a chain of 100,000 and a ring of 100,000', () => {
  const nodes = Array.from({ length: 100_000 }, (_, at) => at);

  expect(topologicalGroups(nodes, (node) => (node < 99_999 ? [node + 1] : [])).flat()).toEqual(nodes.toReversed());
  expect(topologicalGroups(nodes, (node) => [(node + 1) % 100_000])).toHaveLength(1);
});
