import { type Kind, valueOf } from './kind.ts';
import { bigint, text } from './scalar-kinds.ts';
import { timestamp } from './time-kinds.ts';

/** Arrays of another kind, one member in ten null where that may be. */
function arrayOf(kind: Kind, nullable: boolean): Kind {
  const json = (member: unknown): unknown => (member === null || !kind.json ? member : kind.json(member as never));
  return {
    edges: [[], [kind.edges[0]], kind.edges.slice(0, 40), ...(nullable ? [[null], [null, kind.edges[0], null]] : [])],
    random: (random) =>
      random.list(random.below(6), () => (nullable && random.chance(10) ? null : valueOf(kind, random))),
    json: (members: readonly unknown[]) => members.map(json),
  };
}

/** What looks like a part of a literal of an array is text. */
const awkward: Kind = {
  ...text,
  edges: ['', 'NULL', 'null', '{}', '{a,b}', '"', '\\', '\\"', ',', ' ', ' a ', '[1]', 'a"b\\c', '\n', ...text.edges],
};

export const texts: Kind = arrayOf(awkward, true);
export const bigints: Kind = arrayOf(bigint, false);
export const instants: Kind = arrayOf(timestamp, true);

export const inet: Kind = {
  edges: [
    '0.0.0.0',
    '255.255.255.255',
    '10.0.0.1/8',
    '0.0.0.0/0',
    '::',
    '::1',
    '::/0',
    '2001:db8::1/64',
    '2001:0DB8:0:0:1:0:0:1',
    '1:0:0:2:0:0:0:3',
    '::ffff:10.0.0.1',
    '::10.0.0.1',
    '1:2:3:4:5:6:7:8/128',
    '10.0.0.1/32',
  ],
  random: (random) => {
    const isFour = random.chance(50);
    const bits = isFour ? 32 : 128;
    const length = random.chance(50) ? `/${random.between(0, bits)}` : '';
    if (isFour) return random.list(4, () => random.below(256)).join('.') + length;
    const groups = random.list(8, () => (random.chance(50) ? '0' : random.below(65_536).toString(16)));
    return groups.join(':') + length;
  },
  stored: plainAddress,
};

/** By the parser of addresses that every runtime has. */
function plainAddress(value: string): string {
  const [address = '', length] = value.split('/');
  const bits = address.includes(':') ? '128' : '32';
  const end = length === undefined || length === bits ? '' : `/${length}`;
  if (!address.includes(':')) return address + end;
  const [, hex = ''] = /^\[(.*)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? [];
  // PostgreSQL writes the last bytes of those that stand for one of IPv4 as such.
  const mapped = /^::(ffff:)?([\da-f]{1,4}):([\da-f]{1,4})$/.exec(hex);
  if (!mapped) return hex + end;
  const [high, low] = [Number.parseInt(mapped[2]!, 16), Number.parseInt(mapped[3]!, 16)];
  return `::${mapped[1] ?? ''}${high >> 8}.${high & 255}.${low >> 8}.${low & 255}${end}`;
}
