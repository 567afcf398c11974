/** Whether two values are one: 0 is not -0, keys count in any order, bytes and dates by content. */
export function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (left instanceof Date) return left.getTime() === (right as Date).getTime();
  if (left instanceof Uint8Array) {
    const bytes = right as Uint8Array;
    return left.length === bytes.length && left.every((byte, at) => byte === bytes[at]);
  }
  const [one, other] = [left as Record<string, unknown>, right as Record<string, unknown>];
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

/** A value in a message of a test. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`;
    if (Object.is(item, -0)) return '-0';
    return item instanceof Uint8Array ? `bytes ${item.join()}` : item;
  });
  return `${typeof value} ${(text ?? String(value)).slice(0, 300)}`;
}
