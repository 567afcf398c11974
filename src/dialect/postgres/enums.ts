import { literal } from '../../util/literal.ts';
import type { DdlDialect } from '../../compiler/dialect.ts';

/** Types of labels. */
export const enums: NonNullable<DdlDialect['enums']> = {
  create: (name, labels, isLenient) => {
    const text = `create type ${name} as enum (${labels.join(', ')})`;
    // There is no `create type if not exists`. Two that create it at the same time may meet in the catalog.
    const block = `begin ${text}; exception when duplicate_object or unique_violation then null; end`;
    return isLenient ? `do ${block.includes('$$') ? literal(block) : `$$${block}$$`}` : text;
  },
  // Those of the catalog are found first.
  taken:
    /^(?:_?(?:bit|bool|box|bpchar|bytea|char|cidr|circle|date|float[48]|inet|int[248]|interval|jsonb?|jsonpath|line|lseg|macaddr8?|money|name|numeric|oid|path|point|polygon|record|text|time|timestamp|timestamptz|timetz|tsquery|tsvector|uuid|varbit|varchar|void|xml|xid|\w+range)|any\w*)$/,
};
