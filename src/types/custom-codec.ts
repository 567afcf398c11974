import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { CustomCodec, SqlType, StoredCodec } from './sql-type.ts';

/** The codec of a type of one's own, over that of the type that is stored. */
export function customCodec<C extends StoredCodec>(
  { custom, name }: SqlType,
  dialect: string,
  codecOf: (stored: SqlType) => C,
): C {
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
    encode: (value: unknown) => stored.encode(own.write(value)),
    decode,
    ...(stored.computed && { computed: decode }),
  };
}
