import type { Bind, List } from '../sql/expression.ts';
import type { Dialect } from './dialect.ts';
import type { WireValue } from './statement.ts';
import { writtenRows } from './text-parts.ts';

/** Values as the database takes them, in the order of their placeholders. */
export function wireValues(values: readonly (Bind | List)[], dialect: Dialect): WireValue[] {
  const params: WireValue[] = [];
  for (const node of values) {
    if (node.kind === 'bind') params.push(node.value === null ? null : dialect.codec(node.type).encode(node.value));
    else listValues(node, dialect, params);
  }
  return params;
}

function listValues(node: List, dialect: Dialect, into: WireValue[]): void {
  const { rows, types } = node;
  const codecs = types.map((type) => dialect.codec(type));
  const list = dialect.list(codecs);
  const texts: string[] = [];
  const encoded: WireValue[][] = [];
  for (const row of rows) {
    const cells = row.map((value, at) => (value === null ? null : codecs[at]!.encode(value)));
    if (list) texts.push(list.row(cells));
    else encoded.push(cells);
  }
  if (list) into.push(list.encode(texts));
  else for (let at = 0; at < writtenRows(node); at++) into.push(...(encoded[at] ?? encoded.at(-1)!));
}
