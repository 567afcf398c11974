import { ConfigurationError } from '../../errors/errors.ts';
import type { JoinNode, Output, SelectNode } from '../../sql/nodes.ts';
import { selectNode } from '../../sql/select.ts';
import { columnNode, tableSource } from '../../sql/source.ts';
import { sameKey } from '../mapping/entity-source.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { Positions } from '../state/instance-state.ts';

/** A class that a row may be of, and where its columns are in the row. */
export interface Candidate {
  readonly mapper: Mapper;
  readonly positions: Positions;
  /** Where the key of its own table is: NULL says that the row is of another class. */
  readonly markers: readonly number[];
}

/** What to read for the entities of a model, its subclasses' columns among it. */
export interface EntityShape {
  readonly outputs: readonly Output[];
  /** Tables of subclasses. */
  readonly joins: readonly JoinNode[];
  /** The most derived first. */
  readonly candidates: readonly Candidate[];
}

const shapes = new WeakMap<Mapper, { readonly family: number; readonly shape: EntityShape }>();

/** What to read of a model's rows; made once, and again when a subclass was declared since. */
export function entityShape(mapper: Mapper, only?: readonly string[]): EntityShape {
  if (only) return makeShape(mapper, only);
  const family = mapper.family().length;
  const known = shapes.get(mapper);
  if (known?.family === family) return known.shape;
  const shape = makeShape(mapper);
  shapes.set(mapper, { family, shape });
  return shape;
}

/** @param only the attributes to read, beside key, version and what tells classes apart; all where undefined. */
function makeShape(mapper: Mapper, only?: readonly string[]): EntityShape {
  const outputs: Output[] = [];
  const joins: JoinNode[] = [];
  const places = new Map<string, number>();
  const candidates: Candidate[] = [];
  const always = alwaysRead(mapper);
  const wanted = (attribute: string): boolean => !only || only.includes(attribute) || always.has(attribute);
  const markersOf = new Map<Mapper, number[]>();
  for (const member of mapper.family()) {
    const inherited = member === mapper ? [] : (markersOf.get(member.base!) ?? []);
    const markers = [...inherited];
    if (member !== mapper && member.table !== member.base!.table) {
      joins.push({ type: 'left', source: tableSource(member.table), on: sameKey(member.table, mapper.table) });
      markers.push(outputs.length);
      const key = columnNode(member.table.primaryKey[0]!);
      outputs.push({ name: `${member.table.name}.key`, expression: key });
    }
    markersOf.set(member, markers);
    const positions = member.columns.map(({ attribute, column }) => {
      const place = `${column.table.id}.${attribute}`;
      const known = places.get(place);
      if (known !== undefined) return known;
      if (!wanted(attribute)) return -1;
      places.set(place, outputs.length);
      return outputs.push({ name: attribute, expression: columnNode(column) }) - 1;
    });
    candidates.unshift({ mapper: member, positions, markers });
  }
  return { outputs, joins, candidates };
}

/** Attributes that identify a row, guard it, or tell its class. */
function alwaysRead(mapper: Mapper): ReadonlySet<string> {
  const fixed = mapper.family().flatMap((member) => [...member.fixed.keys()]);
  const version = mapper.version ? [mapper.version] : [];
  return new Set([...mapper.key, ...version, ...fixed].map((mapped) => mapped.attribute));
}

/** The plain select of a model's rows: nothing but its tables. */
export function entityCore(mapper: Mapper): SelectNode {
  const { source, joins, where } = mapper.source;
  return selectNode([], [], { from: source, joins, where });
}

/** The mapper behind a select of a model. */
export function mapperOfSelect(node: SelectNode): Mapper {
  const owner = node.shape[0]?.entity?.owner;
  if (!owner) throw new ConfigurationError('expected a select of a model, like select(User)');
  return owner as Mapper;
}
