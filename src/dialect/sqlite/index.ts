import type { Dialect } from '../../compiler/dialect.ts';
import type { WireValue } from '../../compiler/statement.ts';
import { sqliteCodec } from './codecs.ts';
import { planWrites } from './plan.ts';
import { quote } from './quote.ts';

/** SQLite and its family: libSQL, D1, node:sqlite. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  quote,
  placeholder: (index) => `?${index}`,
  codec: sqliteCodec,
  list: (codecs) => {
    if (!codecs.every((codec) => codec.toJson)) return undefined;
    const sole = codecs.length === 1;
    const cells = codecs.map(({ fromJson }, at) => {
      const cell = sole ? 'value' : `value ->> ${at}`;
      return fromJson ? fromJson(cell) : cell;
    });
    const tokens = (row: readonly WireValue[]): string => row.map((raw, at) => codecs[at]!.toJson!(raw)).join();
    return {
      select: (placeholder) => `select ${cells.join(', ')} from json_each(${placeholder})`,
      encode: (rows) => `[${rows.map((row) => (sole ? tokens(row) : `[${tokens(row)}]`)).join()}]`,
    };
  },
  limit: (limit, offset) => {
    if (limit === undefined && offset === undefined) return '';
    return ` limit ${limit ?? '-1'}${offset === undefined ? '' : ` offset ${offset}`}`;
  },
  generatedKey: 'integer primary key',
  forwardReferences: true,
  deferForeignKeys: 'pragma defer_foreign_keys = on',
  plan: (plan, limits, keepKeys) => planWrites(plan, limits, sqliteDialect, keepKeys),
};
