import type { CustomCodec, SqlType } from './sql-type.ts';

/** A type of one's own over a stored one; compared by what is stored. */
export function customType(codec: CustomCodec): SqlType {
  const { stored } = codec;
  return {
    kind: 'custom',
    custom: codec,
    check: (value) => stored.check(codec.write(value)),
    equals: (left, right) =>
      left === right || (left !== null && right !== null && stored.equals(codec.write(left), codec.write(right))),
    toJson: (value) => stored.toJson(codec.write(value)),
  };
}
