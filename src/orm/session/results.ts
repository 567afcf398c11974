import type { Compiled } from '../../compiler/compile.ts';
import type { ShapeEntry, StatementNode } from '../../sql/nodes.ts';
import type { EntityShape } from '../loading/entity-query.ts';
import type { Hydrator } from '../loading/hydrate.ts';
import type { Mapper } from '../mapping/mapper.ts';

type Cells = readonly unknown[];

/** Reads rows of named columns, with entities where the program selected a model. */
export function rowsWithEntities(
  node: StatementNode,
  compiled: Compiled,
  rows: readonly Cells[],
  hydrator: Hydrator,
): unknown[] {
  const readers = node.shape.map((entry) => readerOf(entry, node, compiled, hydrator));
  const whole = node.shape[0]?.name === undefined;
  return rows.map((row) => {
    if (whole) return readers[0]!(row);
    const result: Record<string, unknown> = {};
    node.shape.forEach((entry, at) => (result[entry.name!] = readers[at]!(row)));
    return result;
  });
}

function readerOf(
  entry: ShapeEntry,
  node: StatementNode,
  compiled: Compiled,
  hydrator: Hydrator,
): (row: Cells) => unknown {
  const { start, entity } = entry;
  if (!entity) {
    const codec = compiled.columns[start];
    return codec && !codec.plain ? (row) => codec.decode(row[start]) : (row) => row[start];
  }
  const mapper = entity.owner as Mapper | undefined;
  if (!mapper) return (row) => row[start];
  const shape = shapeAt(mapper, start);
  const keys = mapper.key.map((mapped) => start + mapped.index);
  return (row) => (keys.some((at) => row[at] === null) ? null : hydrator.one(row, shape).entity);
}

/** The columns of a model where a select put them; what its subclasses add is not among them. */
function shapeAt(mapper: Mapper, start: number): EntityShape {
  const positions = mapper.columns.map((mapped) => start + mapped.index);
  return { outputs: [], joins: [], candidates: [{ mapper, positions, markers: [] }] };
}
