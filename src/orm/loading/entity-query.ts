import { ConfigurationError } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { ColumnNode, type Expression } from '../../sql/expression.ts';
import type { LockNode } from '../../sql/lock.ts';
import type { EntitySource, JoinNode, Output, SelectNode, SourceNode } from '../../sql/nodes.ts';
import { selectNode } from '../../sql/select.ts';
import { tableSource } from '../../sql/source.ts';
import { someExpression } from '../../sql/tree.ts';
import { allEqual } from '../mapping/entity-source.ts';
import { followed, type Mapper } from '../mapping/mapper.ts';
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

/** Where the tables of a hierarchy stand in a statement. */
interface Place {
  readonly sourceOf: (table: Table) => SourceNode;
  /** The place of the first column in the rows. */
  readonly start: number;
}

const itself: Place = { sourceOf: tableSource, start: 0 };

/** The shape of an entity as a member of a row: under the name of its alias, its columns from `start`. */
export function placedShape(entity: EntitySource, start: number, name: string): EntityShape {
  const own = [entity.source, ...entity.joins.map((join) => join.source)];
  const added = new Map<Table, SourceNode>();
  const sourceOf = (table: Table): SourceNode => {
    const known = own.find((source) => 'table' in source && source.table === table) ?? added.get(table);
    if (known) return known;
    const source: SourceNode = { kind: 'alias', table, name: `${name}:${table.name}` };
    added.set(table, source);
    return source;
  };
  return makeShape(entity.owner as Mapper, undefined, { sourceOf, start });
}

/** @param only the attributes to read, beside key, version and what tells classes apart; all where undefined. */
function makeShape(mapper: Mapper, only?: readonly string[], { sourceOf, start }: Place = itself): EntityShape {
  const outputs: Output[] = [];
  const joins: JoinNode[] = [];
  const read = (column: TableColumn): ColumnNode =>
    new ColumnNode(sourceOf(column.table), column.name, column.type, column);
  const places = new Map<string, number>();
  const candidates: Candidate[] = [];
  const always = alwaysRead(mapper);
  const wanted = (attribute: string): boolean =>
    !only || only.includes(attribute) || always.has(attribute) || only.includes(attribute.split('.')[0]!);
  const markersOf = new Map<Mapper, number[]>();
  for (const member of mapper.family()) {
    const inherited = member === mapper ? [] : (markersOf.get(member.base!) ?? []);
    const markers = [...inherited];
    if (member !== mapper && member.table !== member.base!.table) {
      const keys = [member.table, mapper.table].map((table) => table.primaryKey.map(read));
      joins.push({ type: 'left', source: sourceOf(member.table), on: allEqual(keys[0]!, keys[1]!) });
      markers.push(start + outputs.length);
      outputs.push({ name: `${member.table.name}.key`, expression: keys[0]![0]! });
    }
    markersOf.set(member, markers);
    const positions = member.columns.map(({ attribute, column }) => {
      const place = `${column.table.id}.${attribute}`;
      const known = places.get(place);
      if (known !== undefined) return known;
      if (!wanted(attribute)) return -1;
      const at = start + outputs.push({ name: attribute, expression: read(column) }) - 1;
      places.set(place, at);
      return at;
    });
    candidates.unshift({ mapper: member, positions, markers });
  }
  return { outputs, joins, candidates };
}

/** Those of the tables of subclasses that conditions name: what stands for the rows alone needs no others. */
export function namedJoins({ joins }: EntityShape, conditions: readonly Expression[]): readonly JoinNode[] {
  if (joins.length === 0) return joins;
  const named = new Set<unknown>();
  for (const condition of conditions) {
    someExpression(condition, (item) => {
      if (item instanceof ColumnNode) named.add(item.source);
      return false;
    });
  }
  return joins.filter(({ source }) => named.has(source));
}

/** Attributes that identify a row, guard it, tell its class, or lead to its relations. */
export function alwaysRead(mapper: Mapper): ReadonlySet<string> {
  const family = mapper.family();
  const fixed = family.flatMap((member) => [...member.fixed.keys()]);
  const links = family.flatMap((member) => [...member.relations.values()].flatMap((relation) => followed(relation)));
  const version = mapper.version ? [mapper.version] : [];
  return new Set([...mapper.key, ...version, ...fixed, ...links].map((mapped) => mapped.attribute));
}

/** No database locks rows of tables of subclasses, where there may be none: the row of the model stands for all. */
export function lockOfShape({ lock, from, joins }: SelectNode, shape: EntityShape): LockNode | undefined {
  if (!lock || lock.of.length > 0 || shape.joins.length === 0) return lock;
  return { ...lock, of: [from!, ...joins.map((join) => join.source)] };
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
