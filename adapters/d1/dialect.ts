import { checkedInteger } from '../../src/dialect/sqlite/checked-integer.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';

/** SQLite as it is behind the binding, which rounds integers beyond 2^53 that another program stored. */
export const d1Dialect: typeof sqliteDialect = {
  ...sqliteDialect,
  codec: (type) => (type.kind === 'integer' ? checkedInteger : sqliteDialect.codec(type)),
};
