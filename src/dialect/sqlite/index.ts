import type { Codec, Dialect, ListSource } from '../../compiler/dialect.ts';
import { sqliteCodec } from './codecs.ts';
import { quote } from './quote.ts';

/** Lists of one column, by its codec. */
const lists = new WeakMap<Codec, ListSource>();

/** Rows as a text of JSON, which the database takes apart. */
function listOf(codecs: readonly Codec[]): ListSource | undefined {
  if (!codecs.every((codec) => codec.toJson)) return undefined;
  const sole = codecs.length === 1;
  const cells = codecs.map(({ fromJson }, at) => {
    const cell = sole ? 'value' : `value ->> ${at}`;
    return fromJson ? fromJson(cell) : cell;
  });
  return {
    row: (values) => {
      let tokens = '';
      for (let at = 0; at < values.length; at++) {
        const raw = values[at]!;
        tokens += (at === 0 ? '' : ',') + (raw === null ? 'null' : codecs[at]!.toJson!(raw));
      }
      return sole ? tokens : `[${tokens}]`;
    },
    encode: (rows) => `[${rows.join()}]`,
    from: (placeholder) => `json_each(${placeholder})`,
    cell: (at) => cells[at]!,
  };
}

/** SQLite and its family: libSQL, D1, node:sqlite. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  quote,
  // It looks for each number among all before it: those of thousands take it seconds.
  placeholder: (index, inOrder) => (inOrder && index > 500 ? '?' : `?${index}`),
  // Drivers look numbered parameters up one after the other: of thousands, each has only a place.
  placeholders: (first, rows, width) => {
    const row = `(?${', ?'.repeat(width - 1)})`;
    return `(?${first}${row.slice(2)}${`, ${row}`.repeat(rows - 1)}`;
  },
  codec: sqliteCodec,
  list: ([sole, ...more]) => {
    if (!sole || more.length > 0) return listOf(sole ? [sole, ...more] : []);
    let list = lists.get(sole);
    if (!list && sole.toJson) lists.set(sole, (list = listOf([sole])!));
    return list;
  },
  limit: (limit, offset) => {
    if (limit === undefined && offset === undefined) return '';
    return ` limit ${limit ?? '-1'}${offset === undefined ? '' : ` offset ${offset}`}`;
  },
  ddl: {
    generatedKey: (constraint, kind) => `integer ${constraint}primary key${kind === 'once' ? ' autoincrement' : ''}`,
    tableOptions: { strict: 'strict', withoutRowid: 'without rowid' },
    crossSchema: false,
    reservedNames: /^sqlite_/i,
  },
  forwardReferences: true,
  deferForeignKeys: 'pragma defer_foreign_keys = on',
  explain: { prefix: 'explain query plan ', isTree: true },
  unit: {
    // No path of JSON begins so.
    fail: (text, otherwise) => {
      const failure = `json_extract('{}', ${text})`;
      return `select ${otherwise ? `coalesce(${failure}, ${otherwise})` : failure}`;
    },
    changes: 'changes()',
    lastKey: () => 'last_insert_rowid()',
    join: (sql) => `group_concat(${sql})`,
    keys: {
      usedKey: (floor, { schema, name }, add) => {
        const from = schema === undefined ? 'sqlite_sequence' : `${quote(schema)}.sqlite_sequence`;
        return `max(${floor}, coalesce((select seq from ${from} where name = ${add(name)}), 0))`;
      },
      hasTriggers: (tables, isAny, add) => {
        const names = isAny ? '' : add(JSON.stringify(tables.map(({ name }) => name)));
        const among = names && ` and lower(tbl_name) in (select lower(value) from json_each(${names}))`;
        const schemas = new Set(tables.map(({ schema }) => (schema === undefined ? '' : `${quote(schema)}.`)));
        return Array.from(
          schemas,
          (schema) => `exists (select 1 from ${schema}sqlite_master where type = 'trigger'${among})`,
        ).join(' or ');
      },
    },
  },
};
