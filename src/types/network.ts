import { customCodec } from './custom-codec.ts';
import { formattedType, scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** An address of IPv4 or IPv6, perhaps with the length of its network. */
export const inetType: SqlType = /* @__PURE__ */ networkType('inet', false);
/** A network of IPv4 or IPv6: no bit is set beyond its length. */
export const cidrType: SqlType = /* @__PURE__ */ networkType('cidr', true);

function networkType(name: string, isNetwork: boolean): SqlType {
  const stored = formattedType(
    scalarType(
      'text',
      isNetwork ? 'a network, like 10.0.0.0/8 or 2001:db8::/32' : 'an address, like 10.0.0.1 or 2001:db8::1/64',
      (value) => normalForm(value, isNetwork) !== undefined,
    ),
    { format: (value) => normalForm(value, isNetwork)! },
  );
  const text: SqlType = scalarType('text', 'text', (value) => typeof value === 'string');
  const form = { stored: text, read: (read: unknown) => read, write: (value: unknown) => normalForm(value, isNetwork) };
  return {
    ...stored,
    kind: 'custom',
    name: `${name}()`,
    codec: customCodec,
    custom: { sqlite: form, postgres: { ...form, ddl: name } },
  };
}

/** As PostgreSQL writes it, or undefined for what is none. */
function normalForm(value: unknown, isNetwork: boolean): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [, address = '', length] = /^([\da-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const isSix = address.includes(':');
  const bytes = isSix ? bytesOfSix(address) : bytesOfFour(address);
  if (!bytes) return undefined;
  const text = isSix ? sixOf(bytes) : bytes.join('.');
  return withLength(text, bytes, length, isNetwork);
}

function withLength(
  text: string,
  bytes: readonly number[],
  length: string | undefined,
  isNetwork: boolean,
): string | undefined {
  const most = bytes.length * 8;
  const bits = Number(length ?? most);
  if (bits > most || (length ?? String(most)) !== String(bits)) return undefined;
  if (isNetwork && hasBitsBeyond(bytes, bits)) return undefined;
  return isNetwork || bits < most ? `${text}/${bits}` : text;
}

function hasBitsBeyond(bytes: readonly number[], bits: number): boolean {
  return bytes.some((byte, at) => (byte & (0xff >> Math.min(8, Math.max(0, bits - at * 8)))) !== 0);
}

function bytesOfFour(text: string): number[] | undefined {
  const parts = text.split('.');
  const isWhole = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isWhole ? parts.map(Number) : undefined;
}

function bytesOfSix(text: string): number[] | undefined {
  // The last four bytes may stand as an address of IPv4.
  const tail = /(?<=:)\d[\d.]*\.[\d.]*$/.exec(text)?.[0];
  const four = tail === undefined ? [] : bytesOfFour(tail);
  if (!four) return undefined;
  const hex = tail === undefined ? text : `${text.slice(0, -tail.length)}${groupOf(four, 0)}:${groupOf(four, 2)}`;
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - end.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...end];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

const groupOf = (bytes: readonly number[], at: number): string => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16);

/** The longest run of zeros, the first of several, is left out where there is more than one. */
function sixOf(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) => groupOf(bytes, at * 2));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (groups[at + length] === '0') length += 1;
    if (length > best.length) best = { at, length };
  }
  // As PostgreSQL writes those that stand for one of IPv4.
  const isMapped = best.at === 0 && (best.length === 6 || (best.length === 5 && groups[5] === 'ffff'));
  const end = isMapped ? [...groups.slice(0, 6), bytes.slice(12).join('.')] : groups;
  if (best.at < 0) return end.join(':');
  return `${end.slice(0, best.at).join(':')}::${end.slice(best.at + best.length).join(':')}`;
}
