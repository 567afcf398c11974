import { InvalidValueError } from '../errors/errors.ts';
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
