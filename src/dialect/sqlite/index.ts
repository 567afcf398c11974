import { CapabilityError } from '../../errors/errors.ts';
import type { Dialect, ListSource } from '../../compiler/dialect.ts';
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
  list: (codec): ListSource | undefined => {
    const { toJson, fromJson } = codec;
    if (!toJson) return undefined;
    return {
      select: (placeholder) => `select ${fromJson ? fromJson('value') : 'value'} from json_each(${placeholder})`,
      encode: (raw: readonly WireValue[]) => `[${raw.map(toJson).join()}]`,
    };
  },
  rows: (codecs) => {
    const cells = codecs.map(({ toJson, fromJson }, at) => {
      if (!toJson)
        throw new CapabilityError('a key of several columns, one of them double(), cannot be looked up as a list');
      const cell = `value ->> ${at}`;
      return { toJson, sql: fromJson ? fromJson(cell) : cell };
    });
    return {
      select: (placeholder) => `select ${cells.map((cell) => cell.sql).join(', ')} from json_each(${placeholder})`,
      encode: (rows) => `[${rows.map((row) => `[${row.map((raw, at) => cells[at]!.toJson(raw)).join()}]`).join()}]`,
    };
  },
  limit: (limit, offset) => {
    if (limit === undefined && offset === undefined) return '';
    return ` limit ${limit ?? '-1'}${offset === undefined ? '' : ` offset ${offset}`}`;
  },
  generatedKey: 'integer primary key',
  forwardReferences: true,
  deferForeignKeys: 'pragma defer_foreign_keys = on',
  plan: (plan, limits) => planWrites(plan, limits, sqliteDialect),
};

export { classifySqliteError } from './errors.ts';
