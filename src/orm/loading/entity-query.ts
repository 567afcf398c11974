import { ConfigurationError } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { ColumnNode, type Expression } from '../../sql/expression.ts';
import type { LockNode } from '../../sql/lock.ts';
import type { JoinNode, Output, SelectNode, SourceNode, StatementNode } from '../../sql/nodes.ts';
import { selectNode } from '../../sql/select.ts';
import { tableSource } from '../../sql/source.ts';
import type { Heritage } from '../mapping/heritage.ts';
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

/** Where the tables of a model stand in a statement. */
export interface Place {
  readonly sourceOf: (table: Table) => SourceNode;
  /** The place of the first column in the rows. */
  readonly start: number;
}

const itself: Place = { sourceOf: tableSource, start: 0 };

/** @param only the attributes to read, beside key, version and what tells classes apart; all where undefined. */
export function makeShape(mapper: Mapper, only?: readonly string[], place: Place = itself): EntityShape {
  const shape = new ShapeInTheMaking(mapper, only, place);
  shape.add(mapper, []);
  hierarchyOf(mapper)?.addSubclasses(mapper, shape);
  return shape;
}

/** A shape, to which classes add their columns. */
export class ShapeInTheMaking implements EntityShape {
  readonly outputs: Output[] = [];
  readonly joins: JoinNode[] = [];
  readonly candidates: Candidate[] = [];
  declare readonly place: Place;
  readonly #only: readonly string[] | undefined;
  readonly #always: ReadonlySet<string>;
  readonly #places = new Map<string, number>();

  constructor(mapper: Mapper, only: readonly string[] | undefined, place: Place) {
    this.place = place;
    this.#only = only;
    this.#always = alwaysRead(mapper);
  }

  /** Adds a class, and those of its columns that are not there already. */
  add(mapper: Mapper, markers: readonly number[]): void {
    const positions = mapper.columns.map(({ attribute, column }) => {
      const place = `${column.table.id}.${attribute}`;
      const known = this.#places.get(place);
      if (known !== undefined) return known;
      if (!this.#isWanted(attribute)) return -1;
      const at = this.read(attribute, column);
      this.#places.set(place, at);
      return at;
    });
    this.candidates.unshift({ mapper, positions, markers });
  }

  /** Adds a column, and says where it is in the rows. */
  read(name: string, column: TableColumn): number {
    return this.place.start + this.outputs.push({ name, expression: this.node(column) }) - 1;
  }

  node(column: TableColumn): ColumnNode {
    return new ColumnNode(this.place.sourceOf(column.table), column.name, column.type, column);
  }

  #isWanted(attribute: string): boolean {
    const only = this.#only;
    return !only || only.includes(attribute) || this.#always.has(attribute) || only.includes(attribute.split('.')[0]!);
  }
}

/** What queries of models that have subclasses do, brought by `extend()`. */
export interface Hierarchy extends Heritage {
  /** Adds the columns of subclasses, and what tells whether a row is of one. */
  addSubclasses(mapper: Mapper, shape: ShapeInTheMaking): void;
  /** Those of the tables of subclasses that conditions name: what stands for the rows alone needs no others. */
  namedJoins(shape: EntityShape, conditions: readonly Expression[]): readonly JoinNode[];
  /** The statement with the columns and tables by which the rows of subclasses are told and read. */
  withSubclasses(node: SelectNode): PlacedShapes;
}

/** A statement, and how the columns of each entity lie in its rows; undefined for plain values. */
export interface PlacedShapes {
  readonly node: StatementNode;
  readonly shapes: readonly (EntityShape | undefined)[];
}

export function hierarchyOf({ heritage }: Mapper): Hierarchy | undefined {
  // `extend()` brings no less.
  return heritage as Hierarchy | undefined;
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
