import { type Kind, sign } from './kind.ts';
import type { Random } from './random.ts';
import { anyText, double, integer, SAFE } from './scalar-kinds.ts';

function anyNumber(random: Random): number {
  const value = double.random(random) as number;
  return random.chance(50) ? (integer.random(random) as number) : value;
}
/** Of JSON; `leaf` makes what is no array and no object. */
function tree(random: Random, depth: number, leaf: () => unknown): unknown {
  if (depth === 0 || random.chance(40)) return leaf();
  const size = random.below(4);
  if (random.chance(40)) return random.list(size, () => tree(random, depth - 1, leaf));
  const keys = random.list(size, () =>
    random.chance(60) ? random.of(['b', 'a', 'id', '10', '9', 'ü']) : anyText(random, 6),
  );
  return Object.fromEntries(
    keys.filter((key) => key !== '__proto__').map((key) => [key, tree(random, depth - 1, leaf)]),
  );
}
const documents: readonly unknown[] = [
  0,
  '',
  'text',
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { a: null },
  { b: 1, a: 2 },
  { '10': 1, '9': 2, 'a': 3 },
  [1e21, 5e-324, 0.1],
  { a: { constructor: 1, toString: 2 } },
  { '': '' },
  ['9007199254740993', '{"a":9007199254740993}'],
  [2 ** 53, 123456789012345680000],
  { 'a.b': 1, '$': 2, '"': 3, "'": 4 },
  SAFE,
  ['\\', '"', '\u2028'],
  { catch: 1, length: 0 },
];
function jsonLeaf(random: Random): unknown {
  return random.of([() => null, () => random.chance(50), () => anyNumber(random) + 0, () => anyText(random, 12)])();
}
/** With the keys of objects the other way round. */
function turned(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(turned);
  const entries = Object.entries(value).map(([key, item]) => [key, turned(item)] as const);
  return Object.fromEntries(entries.toReversed());
}
/** A document that is null as a whole is NULL. */
export const json: Kind = {
  edges: documents,
  random: (random) => tree(random, 4, () => jsonLeaf(random)) ?? 'null',
  alike: turned,
};

const WHOLE = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
export const jsonBigint: Kind = {
  edges: [
    2n ** 53n,
    -(2n ** 53n),
    { id: 2n ** 63n - 1n },
    [2n ** 64n, -(2n ** 200n)],
    { a: '9007199254740993', b: 9007199254740993n },
    [SAFE, 1e21, 0.1],
  ],
  random: (random) =>
    tree(random, 3, () => {
      if (random.chance(30)) return (2n ** 53n + random.bigint(128)) * BigInt(sign(random));
      const leaf = jsonLeaf(random);
      return WHOLE(leaf) ? 1 : leaf;
    }) ?? 'null',
  json: (value: unknown) =>
    JSON.parse(JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item))),
};
