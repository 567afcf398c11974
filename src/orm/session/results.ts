import type { CallOptions } from '../../driver/driver.ts';
import { decoderOf } from '../../compiler/compile.ts';
import type { Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { SelectNode, StatementNode } from '../../sql/nodes.ts';
import { hierarchyOf, type EntityShape, type Hierarchy, type PlacedShapes } from '../loading/entity-query.ts';
import { readRoot, type Loading, type Read } from '../loading/load.ts';
import { rootQuery } from '../loading/root-query.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';

type Cells = readonly unknown[];

/** Statements of any shape, in one unit; entities where the program selected a model. */
export async function readStatements(
  loading: Loading,
  nodes: readonly StatementNode[],
  options?: CallOptions,
): Promise<unknown[][]> {
  if (nodes.length === 0) return [];
  const reads = nodes.map((node) => readOf(loading, node));
  const rows = await loading.read(
    reads.flatMap((read) => read.nodes),
    options,
  );
  const results: unknown[][] = [];
  let at = 0;
  for (const read of reads) results.push(await read.take(rows.slice(at, (at += read.nodes.length)), options));
  return results;
}

function readOf(loading: Loading, node: StatementNode): Read<unknown[]> {
  const whole = node.shape[0]?.name === undefined && node.shape[0]?.entity?.owner !== undefined;
  if (node.kind === 'select' && whole && !node.compound) {
    const root = readRoot(loading, rootQuery(node));
    return {
      nodes: root.nodes,
      take: async (rows, options) => (await root.take(rows, options)).map((state) => state.entity),
    };
  }
  const { dialect } = loading.engine.driver;
  const hierarchy = node.kind === 'select' && !node.compound && hierarchyIn(node);
  const placed = hierarchy ? hierarchy.withSubclasses(node) : { node, shapes: asTheyAre(node) };
  return {
    nodes: [placed.node],
    take: ([rows = []]) => Promise.resolve(takeRows(placed, rows, loading.hydrator, dialect)),
  };
}

/** How rows are read in which some entity may be of a subclass. */
function hierarchyIn({ shape }: SelectNode): Hierarchy | undefined {
  const mappers = shape.flatMap(({ entity }) => (entity?.owner as Mapper | undefined) ?? []);
  const base = mappers.find(({ subclasses }) => subclasses.length > 0);
  return base && hierarchyOf(base);
}

/** Where the columns can only be those that the statement has: subclasses are told by a column of their base, or not at all. */
function asTheyAre(node: StatementNode): (EntityShape | undefined)[] {
  return node.shape.map(({ entity, start }) => {
    const mapper = entity?.owner as Mapper | undefined;
    if (!mapper) return undefined;
    const candidates = mapper.family().map((member) => {
      if (member.table !== mapper.table) {
        throw new ConfigurationError(
          `rows of ${mapper.name} may be of ${member.name}, which has a table of its own: yield columns by name here, not the model`,
        );
      }
      const positions = member.columns.map(({ index }) => (index < mapper.columns.length ? start + index : -1));
      return { mapper: member, positions, markers: [] };
    });
    return { outputs: [], joins: [], candidates: candidates.toReversed() };
  });
}

function takeRows(
  { node, shapes }: PlacedShapes,
  rows: readonly Cells[],
  hydrator: Loading['hydrator'],
  dialect: Dialect,
): unknown[] {
  const outputs = node.kind === 'select' ? node.outputs : node.returning;
  const decoders = outputs.map((output) => decoderOf(output, dialect));
  const states = shapes.map((shape) => shape && statesOf(shape, rows, hydrator));
  if (node.kind === 'delete') for (const gone of states) hydrator.forget(gone?.filter((state) => state !== null) ?? []);
  return rows.map(node.reader!(node, decoders, (member, row) => states[member]![row]?.entity ?? null));
}

/** The entity of each row, or null where an outer join found none. Those of one result are peers. */
function statesOf(shape: EntityShape, rows: readonly Cells[], hydrator: Loading['hydrator']): (InstanceState | null)[] {
  const { mapper, positions } = shape.candidates[shape.candidates.length - 1]!;
  const keys = mapper.key.map((mapped) => positions[mapped.index]!);
  const isThere = (row: Cells): boolean => keys.every((at) => row[at] !== null);
  const states = hydrator.all(rows.filter(isThere), shape);
  let next = 0;
  return rows.map((row) => (isThere(row) ? states[next++]! : null));
}
