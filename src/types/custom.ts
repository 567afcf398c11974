import { customCodec } from './custom-codec.ts';
import type { CustomCodec, SqlType } from './sql-type.ts';

/** The program's own code may fail on a value that is not of its type. */
function attempt<T>(work: () => T, otherwise: T): T {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

/** A type of one's own over a stored one; compared by what is stored. */
export function customType(codec: CustomCodec, expected = 'a value that its custom type can write'): SqlType {
  const { stored } = codec;
  return {
    kind: 'custom',
    codec: customCodec,
    custom: codec,
    check: (value) => attempt(() => stored.check(codec.write(value)), expected),
    equals: (left, right) =>
      left === right ||
      (left !== null && right !== null && attempt(() => stored.equals(codec.write(left), codec.write(right)), false)),
    toJson: (value) => stored.toJson(codec.write(value)),
  };
}
