import type { Compiled } from '../compiler/compile.ts';
import type { EntitySource, StatementNode } from '../sql/nodes.ts';

type Cells = readonly unknown[];

/** Reads a row of a statement into what the program asked for: an object by name, an entity's columns as a plain object. */
export function rowReader(node: StatementNode, compiled: Compiled): (cells: Cells) => unknown {
  const decode = (cells: Cells, at: number): unknown => {
    const read = compiled.decoders[at];
    return read ? read(cells[at]) : cells[at];
  };
  const whole = node.shape[0];
  if (whole?.entity && whole.name === undefined) {
    const { entity } = whole;
    return (cells) => readEntity(entity, 0, cells, decode);
  }
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const { name, start, entity } of node.shape) {
      define(row, name!, entity ? readEntity(entity, start, cells, decode) : decode(cells, start));
    }
    return row;
  };
}

/** An entity's columns, or null where an outer join found no row. */
function readEntity(
  entity: EntitySource,
  start: number,
  cells: Cells,
  decode: (cells: Cells, at: number) => unknown,
): Record<string, unknown> | null {
  const row: Record<string, unknown> = {};
  let at = start;
  let found = false;
  for (const attribute of entity.columns.keys()) {
    found ||= cells[at] !== null;
    define(row, attribute, decode(cells, at++));
  }
  return found ? row : null;
}

/** Assignment, but `__proto__` is a name like any other. */
function define(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') row[name] = value;
  else Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}
