import { customCodec } from './custom-codec.ts';
import { scalarType } from './scalar.ts';
import type { ElementCodec, SqlType } from './sql-type.ts';

/** A value of the program: its members, one array in another for each dimension. */
type Members = readonly unknown[];

/** What an array of a type is; `depth` dimensions of `element`s, which may be null where `nullable`. */
export function arrayType(element: SqlType, depth: number, nullable: boolean): SqlType {
  const each = (value: unknown, of: (member: unknown) => unknown, level: number = depth): unknown =>
    level === 0 ? of(value) : (value as Members).map((member) => each(member, of, level - 1));
  const json = jsonForm(element);
  return {
    ...scalarType('custom', '', () => false),
    name: 'array()',
    array: { element, depth, nullable },
    codec: customCodec,
    custom: {
      postgres: (codecOf) => {
        const of = codecOf(element);
        return {
          stored: TEXT,
          ddl: `${of.ddl}${'[]'.repeat(depth)}`,
          write: (value) => literalOf(value as Members, depth, of),
          read: (stored) => parse(stored as string, depth, nullable, of),
        };
      },
      ...(json && {
        sqlite: {
          stored: TEXT,
          write: (value: unknown) => tokenOf(value as Members, depth, json),
          read: (stored: unknown) => {
            const text = json.isLong ? (stored as string).replaceAll(LONG, '"$&"') : (stored as string);
            return each(JSON.parse(text), (member) => (member === null && nullable ? null : json.read(member)));
          },
        },
      }),
    },
    check: (value) => problemOf(value, element, depth, nullable),
    equals: (left, right) => left === right || sameMembers(left, right, depth, element),
    toJson: (value) => each(value, (member) => (member === null ? null : element.toJson(member))),
  };
}

const TEXT: SqlType = /* @__PURE__ */ scalarType('text', 'text', (value) => typeof value === 'string');

function problemOf(value: unknown, element: SqlType, depth: number, nullable: boolean): string | undefined {
  if (!Array.isArray(value)) return depth > 1 ? 'an array of arrays' : 'an array';
  // A hole is no member.
  const members = Array.from(value as Members);
  if (depth === 1) {
    for (const member of members) {
      if (member === null && nullable) continue;
      const expected = member === null ? 'no null' : element.check(member);
      if (expected !== undefined) return `an array, each member ${expected}`;
    }
    return undefined;
  }
  const problem = members.map((member) => problemOf(member, element, depth - 1, nullable)).find(Boolean);
  if (problem !== undefined) return problem;
  const lengths = new Set(members.map((member) => JSON.stringify(shapeOf(member, depth - 1))));
  // The database has no other: `{{}}` is `{}` to it.
  return lengths.size > 1 || lengths.has('0') ? 'arrays of one length, and not empty' : undefined;
}

/** How long the arrays within are: 0 where one of them is empty. */
function shapeOf(value: unknown, depth: number): unknown {
  const members = value as Members;
  if (members.length === 0) return 0;
  return depth === 1 ? members.length : [members.length, shapeOf(members[0], depth - 1)];
}

function sameMembers(left: unknown, right: unknown, depth: number, element: SqlType): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  return Array.from(left as Members).every((member, at) => {
    const other: unknown = right[at];
    if (depth > 1) return sameMembers(member, other, depth - 1, element);
    return member === other || (member !== null && other !== null && element.equals(member, other));
  });
}

// ── PostgreSQL's literals: {a,"b c",NULL}

function literalOf(value: Members, depth: number, text: ElementCodec): string {
  const members = value.map((member) => {
    if (depth > 1) return literalOf(member as Members, depth - 1, text);
    return member === null ? 'NULL' : quoted(text.encode(member) as string);
  });
  return `{${members.join()}}`;
}

/** As the database writes it: in quotes only where that is needed. */
function quoted(text: string): string {
  if (text !== '' && !/[ \t\n\v\f\r{}",\\]/.test(text) && text.toLowerCase() !== 'null') return text;
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

const ESCAPED = /\\([^])/g;
const TOKEN = /[{},]|"((?:[^"\\]|\\[^])*)"|[^{},"]+/gy;

/** Reads a literal. Where it starts counting (`[0:1]={a,b}`) is no part of the value. */
function parse(literal: string, depth: number, nullable: boolean, text: ElementCodec): unknown {
  const root: unknown[] = [];
  const open: unknown[][] = [root];
  for (const [token, inQuotes] of literal.slice(literal.indexOf('{')).matchAll(TOKEN)) {
    if (token === '{') {
      const inner: unknown[] = [];
      open.at(-1)!.push(inner);
      open.push(inner);
    } else if (token === '}') {
      open.pop();
    } else if (token !== ',') {
      if (open.length !== depth + 1) refuse();
      open
        .at(-1)!
        .push(inQuotes === undefined ? plain(token, nullable, text) : text.decode(inQuotes.replaceAll(ESCAPED, '$1')));
    }
    if (open.length > depth + 1) refuse();
  }
  return open.length === 1 && root.length === 1 ? root[0] : refuse();
}

/** A member that stands in no quotes. */
function plain(token: string, nullable: boolean, text: ElementCodec): unknown {
  if (token !== 'NULL') return text.decode(token);
  return nullable ? null : refuse();
}

function refuse(): never {
  throw new TypeError('no array of the type');
}

// ── JSON, for databases that have no arrays

interface JsonForm {
  readonly write: (member: unknown) => string;
  readonly read: (parsed: unknown) => unknown;
  readonly isLong?: true;
}

/** Whole numbers that may be more than a double holds. */
const LONG = /-?\d{16,}/g;

/**
 * A member as a token that SQLite's own functions read as the value that a column of the type would hold. Undefined where
 * they would not: JSON changes doubles there, and has no bytes.
 */
function jsonForm({ kind, format = String, parse: parseText = asIs, scaled }: SqlType): JsonForm | undefined {
  switch (kind) {
    case 'double':
    case 'bytes':
    case 'json':
    case 'custom':
      return undefined;
    case 'integer':
      return { write: String, read: (parsed) => (Number.isSafeInteger(parsed) ? parsed : refuse()) };
    case 'bigint':
      return { write: String, read: (parsed) => BigInt(parsed as string), isLong: true };
    case 'boolean':
      return {
        write: (member) => (member ? '1' : '0'),
        read: (parsed) => parsed === 1 || (parsed === 0 ? false : refuse()),
      };
    default:
      if (scaled) return { write: scaled.format, read: (parsed) => scaled.parse(String(parsed)), isLong: true };
      return {
        write: (member) => JSON.stringify(format(member)),
        read: (parsed) => (typeof parsed === 'string' ? parseText(parsed) : refuse()),
      };
  }
}

const asIs = (text: string): unknown => text;

function tokenOf(value: Members, depth: number, json: JsonForm): string {
  const members = value.map((member) => {
    if (depth > 1) return tokenOf(member as Members, depth - 1, json);
    return member === null ? 'null' : json.write(member);
  });
  return `[${members.join()}]`;
}
