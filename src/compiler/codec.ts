import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { CustomCodec, SqlType } from '../types/sql-type.ts';
import type { Codec } from './dialect.ts';

/** A decoder that lets NULL through and says of the rest only that it is wrong. Never shows it. */
export function strict(kind: string, read: (raw: unknown) => unknown): Codec['decode'] {
  return (raw) => {
    if (raw === null) return null;
    try {
      return read(raw);
    } catch {
      // What another program stored, or an expression made, and the type cannot be. Causes may show it.
      throw new InvalidValueError(`what was read is no ${kind}`);
    }
  };
}

/** The codec of a type of one's own, over that of the type that is stored. */
export function customCodec({ custom, name }: SqlType, dialect: string, codecOf: (stored: SqlType) => Codec): Codec {
  const said = 'stored' in custom! ? (custom as CustomCodec) : custom![dialect];
  if (!said) {
    throw new ConfigurationError(
      name
        ? `${dialect} has no ${name}`
        : `a customType() says nothing of ${dialect}: add { ${dialect}: { ddl, encode, decode } }`,
    );
  }
  const own = typeof said === 'function' ? said(codecOf) : said;
  const stored = codecOf(own.stored);
  const decode = (raw: unknown): unknown => {
    if (raw === null) return null;
    const value = stored.computed ? stored.computed(raw) : stored.decode(raw);
    try {
      return own.read(value);
    } catch (cause) {
      throw new InvalidValueError('what was read is not of its custom type', { cause });
    }
  };
  return {
    ...stored,
    ddl: own.ddl ?? stored.ddl,
    plain: false,
    encode: (value) => stored.encode(own.write(value)),
    decode,
    ...(stored.computed && { computed: decode }),
  };
}
