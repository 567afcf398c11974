/**
 * Groups nodes so that each comes after all that it depends on: strongly connected components in dependency order.
 * A group of several nodes is a cycle. Nodes without a constraint between them keep the order given.
 *
 * Source of the algorithm: R. Tarjan, "Depth-first search and linear graph algorithms" (1972), with an explicit stack.
 *
 * @example
 * topologicalGroups(['comment', 'post', 'user'], (t) => ({ comment: ['post'], post: ['user'], user: [] })[t]!)
 * // [['user'], ['post'], ['comment']]
 */
export function topologicalGroups<T>(nodes: Iterable<T>, dependencies: (node: T) => Iterable<T>): T[][] {
  const known = new Set(nodes);
  const order = new Map<T, number>();
  const low = new Map<T, number>();
  const onPath = new Set<T>();
  const path: T[] = [];
  const groups: T[][] = [];

  const enter = (node: T): Frame<T> => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    path.push(node);
    onPath.add(node);
    return { node, rest: dependencies(node)[Symbol.iterator]() };
  };
  const lower = (node: T, value: number): void => {
    low.set(node, Math.min(low.get(node) ?? value, value));
  };

  for (const root of known) {
    if (order.has(root)) continue;
    const stack = [enter(root)];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1]!;
      const step = frame.rest.next();
      if (!step.done) {
        const next = step.value;
        if (!known.has(next)) continue;
        if (!order.has(next)) stack.push(enter(next));
        else if (onPath.has(next)) lower(frame.node, order.get(next)!);
        continue;
      }
      stack.pop();
      const parent = stack[stack.length - 1];
      if (parent) lower(parent.node, low.get(frame.node)!);
      if (low.get(frame.node) === order.get(frame.node)) groups.push(take(path, onPath, frame.node));
    }
  }
  return groups;
}

interface Frame<T> {
  readonly node: T;
  readonly rest: Iterator<T>;
}

function take<T>(path: T[], onPath: Set<T>, root: T): T[] {
  const group = path.splice(path.lastIndexOf(root));
  for (const node of group) onPath.delete(node);
  return group;
}
