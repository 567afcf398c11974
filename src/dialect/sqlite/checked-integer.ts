import type { Codec } from '../../compiler/dialect.ts';
import { integer } from './codecs.ts';

/** For a driver that rounds large integers: what is beyond the safe ones may be another than the stored one. */
export const checkedInteger: Codec = { ...integer, plain: false, decode: (raw) => integer.computed!(raw) };
