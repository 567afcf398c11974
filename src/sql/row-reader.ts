import type { Decoders, EntityAt, EntitySource, RowReader } from './nodes.ts';

type Cells = readonly unknown[];

/**
 * Reads a row of a statement into what the program asked for: an object by name, an entity's columns as a plain object.
 *
 * @param entityAt gives the entities of models, where they are not to be plain.
 */
export function rowReader(
  { shape }: Parameters<RowReader>[0],
  decoders: Decoders,
  entityAt?: EntityAt,
): (cells: Cells, row: number) => unknown {
  const read = (at: number, cells: Cells, row: number): unknown => {
    const { start, entity } = shape[at]!;
    if (!entity) return decodeAt(decoders, cells, start);
    return entityAt && entity.owner ? entityAt(at, row) : readEntity(entity, start, cells, decoders);
  };
  if (shape[0]?.entity && shape[0].name === undefined) return (cells, row) => read(0, cells, row);
  return (cells, index) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < shape.length; at++) define(row, shape[at]!.name!, read(at, cells, index));
    return row;
  };
}

function decodeAt(decoders: Decoders, cells: Cells, at: number): unknown {
  const decode = decoders[at];
  return decode ? decode(cells[at]) : cells[at];
}

/** An entity's columns, or null where an outer join found no row. */
function readEntity(
  entity: EntitySource,
  start: number,
  cells: Cells,
  decoders: Decoders,
): Record<string, unknown> | null {
  const row: Record<string, unknown> = {};
  let at = start;
  let found = false;
  for (const attribute of entity.columns.keys()) {
    found ||= cells[at] !== null;
    define(row, attribute, decodeAt(decoders, cells, at++));
  }
  if (found && entity.embedded) return entity.embedded.nest(row);
  return found ? row : null;
}

/** Assignment, but `__proto__` is a name like any other. */
function define(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') row[name] = value;
  else Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}
