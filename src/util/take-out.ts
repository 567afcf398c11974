/** Takes items out of a set, and yields those that were not in it. */
export function takeOut<T>(set: Set<T> | undefined, items: readonly T[]): readonly T[] {
  if (!set || items.length === 0) return items;
  // Mostly all go that are there. One by one, the set would be copied each time that half of it is gone.
  const isAll = items.length === set.size && [...set].every((item, at) => item === items[at]);
  if (!isAll) return items.filter((item) => !set.delete(item));
  set.clear();
  return [];
}
