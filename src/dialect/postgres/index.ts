import type { Codec, Dialect, ListSource } from '../../compiler/dialect.ts';
import { UniqueViolation } from '../../errors/errors.ts';
import { postgresCodec } from './codecs.ts';
import { DrawnKeys } from './drawn-keys.ts';
import { enums } from './enums.ts';
import { locks } from './locks.ts';
import { quote } from './quote.ts';
import { together } from './together.ts';

/** Rows as a text of JSON, which the database takes apart. */
function listOf(codecs: readonly Codec[]): ListSource {
  return {
    row: (values) => `[${values.map((raw, at) => (raw === null ? 'null' : codecs[at]!.toJson!(raw))).join()}]`,
    encode: (rows) => `[${rows.join()}]`,
    from: (placeholder) => `json_array_elements(${placeholder}::text::json) as rows(value)`,
    cell: (at) => codecs[at]!.fromJson!(`value ->> ${at}`),
  };
}

const placeholder = (index: number): string => `$${index}`;

/** What a statement wrote, where it can be asked about it. */
const WRITTEN = '"cinnabar_written"';

/** PostgreSQL. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  quote,
  placeholder,
  placeholders: (first, rows, width) => {
    const row = (at: number): string => Array.from({ length: width }, (_, cell) => placeholder(at + cell)).join(', ');
    return Array.from({ length: rows }, (_, at) => `(${row(first + at * width)})`).join(', ');
  },
  typedParameters: true,
  plainLike: ` escape ''`,
  returnsAmongSources: true,
  codec: postgresCodec,
  list: listOf,
  nullsAreLargest: true,
  limit: (limit, offset) =>
    (limit === undefined ? '' : ` limit ${limit}`) + (offset === undefined ? '' : ` offset ${offset}`),
  locks,
  ddl: {
    generatedKey: (constraint, kind, type) =>
      `${type} generated ${kind === 'always' ? 'always' : 'by default'} as identity ${constraint}primary key`,
    tableOptions: {},
    crossSchema: true,
    enums,
    comments: true,
    indexMethods: true,
    replacesViews: true,
    reservedNames: /^pg_/,
    nameBytes: 63,
  },
  forwardReferences: false,
  deferForeignKeys: 'set constraints all deferred',
  explain: { prefix: 'explain ', isTree: false },
  unit: {
    // Text of this kind is no integer, and an error says which text it was.
    fail: (text) => `select (${text})::text::integer`,
    failing: (write, columns, failure, others) => {
      const guard = `(select (${failure})::text::integer as failure) as g`;
      const outputs = columns.map((column) => `w.${column}`).join(', ') || '1';
      const from = columns.length > 0 ? `${guard} left join ${WRITTEN} as w on true` : guard;
      const writes = [`${WRITTEN} as (${write})`];
      others.forEach((other, at) => writes.push(`"cinnabar_followed_${at}" as (${other})`));
      return `with ${writes.join(', ')} select ${outputs} from ${from} where g.failure is null`;
    },
    together,
    changes: `(select count(*) from ${WRITTEN})`,
    lastKey: (key) => `(select max(${key}) from ${WRITTEN})`,
    join: (sql) => `string_agg((${sql})::text, ',')`,
    keys: {
      drawn: (plan, write, all) => new DrawnKeys(plan, write, all),
      taken: [
        UniqueViolation,
        ': its sequence knows nothing of keys that the program gave; nothing was written. Advance it by setval(), or let one of the two give all keys',
      ],
    },
  },
};
