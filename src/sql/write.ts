import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import { isBranded, isRecord, kindOf } from '../util/brand.ts';
import type { Condition, Operand } from './expr.ts';
import {
  Bind,
  ColumnNode,
  expressionOf,
  isBind,
  operand,
  type Expression,
  type Piece,
  type Writer,
} from './expression.ts';
import type { AnyModel, AnyTable, InstanceOf } from './model.ts';
import type {
  Assignment,
  Conflict,
  DeleteNode,
  EntitySource,
  Output,
  ShapeEntry,
  UpdateNode,
  WriteNode,
} from './nodes.ts';
import type { Values } from './plain.ts';
import { rowReader } from './row-reader.ts';
import { joinNode, shapeOf, type Shape } from './select.ts';
import type { Cell, RowOf } from './entity-select.ts';
import { entityOf, sourceOf, type Source, unknownColumn } from './source.ts';
import type { Select } from './statement.ts';

/** INSERT, UPDATE or DELETE. */
export interface Write<C> {
  readonly target: C;
  returning(): Select<RowOf<C>>;
  returning<S extends Shape>(shape: S): Select<{ [K in keyof S]: Cell<S[K], never> }>;
}

/** A write of any model. */
// oxlint-disable-next-line typescript/no-explicit-any -- what `returning()` yields is of the model: `unknown` would refuse every other
export type AnyWrite = Write<any>;

/** Every row is meant only when `allRows` says so. */
export interface Unbounded<C> {
  where(condition: Condition, ...more: Condition[]): Write<C>;
  allRows(): Write<C>;
}

/** An update that may read other sources. One row of theirs for each row that is changed: with several, any of them counts. */
export interface Update<C> extends Unbounded<C> {
  /**
   * @example
   * update(Item).set({ price: Offer.c.price }).from(Offer).where(Offer.c.itemId.eq(Item.c.id))
   * // update "items" set "price" = "offers"."price" from "offers" where "offers"."item_id" = "items"."id"
   */
  from(source: Source<string>): UpdateFrom<C>;
}
export interface UpdateFrom<C> extends Unbounded<C> {
  innerJoin(source: Source<string>, on: Condition): UpdateFrom<C>;
  leftJoin(source: Source<string>, on: Condition): UpdateFrom<C>;
}
export type Assignments<E> = { readonly [K in keyof Values<E>]?: Operand<Values<E>[K]> };

const WRITE: symbol = Symbol.for('cinnabar.write');

/** A complete INSERT, UPDATE or DELETE. */
export class WriteBuilder {
  declare readonly node: WriteNode;
  declare readonly entity: EntitySource;

  constructor(entity: EntitySource, node: WriteNode) {
    this.entity = entity;
    this.node = node;
  }

  get brand(): symbol {
    return WRITE;
  }

  returning(shape?: Readonly<Record<string, unknown>>): never {
    const returned = shape !== undefined ? shapeOf(shape, 'returning()') : wholeRow(this.entity);
    const { outputs: returning, shape: entries } = returned;
    return new WriteBuilder(this.entity, { ...this.node, returning, shape: entries, reader: rowReader }) as never;
  }
}

function wholeRow(entity: EntitySource): { outputs: Output[]; shape: ShapeEntry[] } {
  const outputs = [...entity.columns].map(([name, expression]) => ({ name, expression }));
  return { outputs, shape: [{ name: undefined, start: 0, entity }] };
}

/** The tree of a write, or undefined. */
export function findWrite(input: unknown): WriteNode | undefined {
  return isBranded(input, WRITE) ? (input as WriteBuilder).node : undefined;
}

export function writeOf(input: unknown, where: string): WriteNode {
  const node = findWrite(input);
  if (node) return node;
  throw new ConfigurationError(
    `${where}: expected a complete insert, update or delete, got ${kindOf(input)}. An update or delete needs where(), or allRows() when every row is meant`,
  );
}

/** The error for a write of what is only read. */
export function readOnly(name: string, where: string): Error {
  return new ConfigurationError(`${where}: '${name}' is read only: write the tables that it is made of`);
}

/** The assignments of an update, or of what is done on a conflict. */
export function setPieces({ set = [] }: Pick<UpdateNode | Conflict, 'set'>, dialect: Writer): Piece[] {
  return set.flatMap(([column, item], at) => [`${at === 0 ? ' set' : ','} ${dialect.quote(column.name)} = `, item]);
}

/** The only table of a model. */
export function tableOf(entity: EntitySource, where: string): Table {
  if (entity.source.kind === 'table' && entity.source.table.settings.readOnly) throw readOnly(entity.name, where);
  if (entity.source.kind === 'table' && entity.joins.length === 0) return entity.source.table;
  throw new ConfigurationError(`${where}: '${entity.name}' is stored in several tables; write it through a Session`);
}

export function columnOf(entity: EntitySource, attribute: string, where: string): TableColumn {
  const node = entity.columns.get(attribute);
  if (node instanceof ColumnNode && node.column) return node.column;
  throw unknownColumn(entity, attribute, where);
}

/** What the database computes is not written. */
export function assertWritten(column: TableColumn): void {
  const { computed, always } = column.spec;
  const what = computed ? 'generatedAs() computes it' : always;
  if (what) throw new InvalidValueError(`${column.path}: ${what}; leave it out`);
}

/** What a column is set to: NULL where it may be, a checked value, or an expression. */
export function assigned(input: unknown, column: TableColumn): Expression {
  assertWritten(column);
  if (input === null && column.nullable) return new Bind(null, column.type, true);
  if (input !== null) {
    const given = operand(input, column.type, column.path);
    return isBind(given) ? given.alone(column.nullable) : given;
  }
  throw new InvalidValueError(`${column.path}: null in a column that is not nullable()`);
}

export function assertRecord(values: unknown, where: string): void {
  if (!isRecord(values))
    throw new ConfigurationError(`${where}: expected an object of attributes, got ${kindOf(values)}`);
}

export function assignments(entity: EntitySource, values: object, where: string): Assignment[] {
  assertRecord(values, where);
  const given = entity.embedded ? entity.embedded.spread(values, entity.name) : values;
  const set = Object.entries(given).map(([attribute, input]): Assignment => {
    const column = columnOf(entity, attribute, where);
    return [column, assigned(input, column)];
  });
  if (set.length === 0) throw new ConfigurationError(`${where}: nothing to set`);
  return set;
}

/** A number is true for every row but those where it is 0: no condition to delete by. */
export function conditionOf(input: unknown, where: string): Expression {
  const condition = expressionOf(input, where);
  const { kind = 'boolean' } = condition.type ?? {};
  if (kind === 'boolean' || kind === 'custom') return condition;
  throw new ConfigurationError(`${where}: expected a condition, got ${condition.label}, which is ${kind}()`);
}

/** An update or delete that lacks its condition. */
class UnboundedBuilder {
  readonly #entity: EntitySource;
  readonly #node: UpdateNode | DeleteNode;
  readonly #called: string;

  constructor(entity: EntitySource, node: UpdateNode | DeleteNode, called: string) {
    this.#entity = entity;
    this.#node = node;
    this.#called = called;
  }

  where(...conditions: unknown[]): WriteBuilder {
    const called = `${this.#called}.where()`;
    if (conditions.length === 0) throw new ConfigurationError(`${called}: no condition; for every row: allRows()`);
    return this.#bounded(conditions.map((item) => conditionOf(item, called)));
  }
  allRows(): WriteBuilder {
    return this.#bounded([]);
  }
  #bounded(conditions: readonly Expression[]): WriteBuilder {
    const where = [...this.#entity.where, ...this.#node.where, ...conditions];
    return new WriteBuilder(this.#entity, { ...this.#node, where });
  }

  from(input: unknown): UnboundedBuilder {
    const { source, joins, where } = sourceOf(input, 'update().from()');
    return new UnboundedBuilder(
      this.#entity,
      { ...(this.#node as UpdateNode), from: source, joins, where },
      this.#called,
    );
  }
  innerJoin(input: unknown, on: unknown): UnboundedBuilder {
    return this.#join('inner', input, on);
  }
  leftJoin(input: unknown, on: unknown): UnboundedBuilder {
    return this.#join('left', input, on);
  }
  #join(type: 'inner' | 'left', input: unknown, on: unknown): UnboundedBuilder {
    const node = this.#node as UpdateNode;
    const joins = [...node.joins!, joinNode(type, `update().${type}Join()`, input, on)];
    return new UnboundedBuilder(this.#entity, { ...node, joins }, this.#called);
  }
}

/** UPDATE of the rows that `where` selects, or of all of them with `allRows()`. */
export function update<C extends AnyModel | AnyTable>(
  model: C,
): { set(values: Assignments<InstanceOf<C>>): Update<C> } {
  const entity = entityOf(model, 'update()');
  const table = tableOf(entity, 'update()');
  return {
    set: (values) => {
      const set = assignments(entity, values, 'update().set()');
      for (const column of table.columns) {
        if (column.spec.onUpdate && !set.some(([other]) => other === column)) {
          set.push([column, assigned(column.spec.onUpdate(), column)]);
        }
      }
      const node: UpdateNode = {
        kind: 'update',
        written: setPieces,
        table,
        set,
        where: [],
        returning: [],
        shape: [],
      };
      return new UnboundedBuilder(entity, node, 'update()') as object as Update<C>;
    },
  };
}

/** DELETE of the rows that `where` selects, or of all of them with `allRows()`. */
export function deleteFrom<C extends AnyModel | AnyTable>(model: C): Unbounded<C> {
  const entity = entityOf(model, 'deleteFrom()');
  const table = tableOf(entity, 'deleteFrom()');
  const node: DeleteNode = { kind: 'delete', table, where: [], returning: [], shape: [] };
  return new UnboundedBuilder(entity, node, 'deleteFrom()') as object as Unbounded<C>;
}
