import type { Dialect, ListSource } from '../../compiler/dialect.ts';
import type { WireValue } from '../../driver/driver.ts';
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
