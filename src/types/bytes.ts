import { scalarType } from './scalar.ts';
import type { SqlType } from './sql-type.ts';

/** Bytes: a `Uint8Array`. In JSON, base64. */
export const bytesType: SqlType = /* @__PURE__ */ (() => ({
  ...scalarType('bytes', 'a Uint8Array', isBytes),
  equals: (left: unknown, right: unknown) => left === right || sameBytes(left as Uint8Array, right as Uint8Array),
  toJson: (value: unknown) => toBase64(value as Uint8Array),
}))();

/** A real one, whose bytes have not been transferred elsewhere: those of such a one read as none. */
function isBytes(value: unknown): boolean {
  if (!(ArrayBuffer.isView(value) && value instanceof Uint8Array)) return false;
  return (value.buffer as { readonly detached?: boolean }).detached !== true;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return (
    isBytes(left) &&
    isBytes(right) &&
    left.length === right.length &&
    left.every((byte, index) => byte === right[index])
  );
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
