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
  /** When a node was entered; infinite once its group is complete. */
  const order = new Map<T, number>();
  const path: T[] = [];
  const groups: T[][] = [];

  const enter = (node: T): Frame<T> => {
    const low = order.size;
    order.set(node, low);
    path.push(node);
    return { node, low, rest: dependencies(node)[Symbol.iterator]() };
  };

  for (const root of known) {
    const stack = order.has(root) ? [] : [enter(root)];
    for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
      const step = frame.rest.next();
      if (!step.done) {
        const seen = known.has(step.value) ? order.get(step.value) : Infinity;
        if (seen === undefined) stack.push(enter(step.value));
        else lower(frame, seen);
        continue;
      }
      stack.pop();
      lower(stack.at(-1), frame.low);
      if (frame.low < order.get(frame.node)!) continue;
      const group = path.splice(path.lastIndexOf(frame.node));
      for (const node of group) order.set(node, Infinity);
      groups.push(group);
    }
  }
  return groups;
}

interface Frame<T> {
  readonly node: T;
  /** The earliest of the nodes on the path that it leads to. */
  low: number;
  readonly rest: Iterator<T>;
}

function lower<T>(frame: Frame<T> | undefined, low: number): void {
  if (frame && low < frame.low) frame.low = low;
}
