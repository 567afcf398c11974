import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import { isBranded, kindOf } from '../util/brand.ts';
import type { Condition, Operand } from './expr.ts';
import { assertSameForm, Bind, ColumnNode, expressionOf, operand, selectOf, type Expression } from './expression.ts';
import type { AnyModel, Attributes, DefinitionOf, InstanceOf } from './model.ts';
import type {
  Assignment,
  DeleteNode,
  EntitySource,
  InsertNode,
  Output,
  SelectNode,
  ShapeEntry,
  UpdateNode,
  WriteNode,
} from './nodes.ts';
import type { NewValues, Values } from './plain.ts';
import { selectNode, shapeOf, type Shape } from './select.ts';
import type { Cell } from './entity-select.ts';
import { derivedNode, entityOf } from './source.ts';
import type { Select } from './statement.ts';

/** INSERT, UPDATE or DELETE. */
export interface Write<C> {
  readonly target: C;
  returning(): Select<InstanceOf<C>>;
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
export interface Insert<C> {
  values(...rows: NewValues<InstanceOf<C>>[]): InsertRows<C>;
  from(select: Select<NewValues<InstanceOf<C>>>): InsertRows<C>;
}
export interface InsertRows<C> extends Write<C> {
  onConflict(...columns: (string & keyof Values<InstanceOf<C>>)[]): OnConflict<C>;
}
export interface OnConflict<C> {
  ignore(): Write<C>;
  update(set: (excluded: Attributes<DefinitionOf<InstanceOf<C>>, 'excluded'>) => Assignments<InstanceOf<C>>): Write<C>;
}
export type Assignments<E> = { readonly [K in keyof Values<E>]?: Operand<Values<E>[K]> };

const WRITE: symbol = Symbol.for('cinnabar.write');

/** A complete INSERT, UPDATE or DELETE. */
class WriteBuilder {
  readonly node: WriteNode;
  protected readonly entity: EntitySource;

  constructor(entity: EntitySource, node: WriteNode) {
    this.entity = entity;
    this.node = node;
  }

  get brand(): symbol {
    return WRITE;
  }

  returning(shape?: Readonly<Record<string, unknown>>): never {
    const returned = shape ? shapeOf(shape, 'returning()') : wholeRow(this.entity);
    const { outputs: returning, shape: entries } = returned;
    return new WriteBuilder(this.entity, { ...this.node, returning, shape: entries }) as never;
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

/** The only table of a model. */
function tableOf(entity: EntitySource, where: string): Table {
  if (entity.source.kind === 'table' && entity.joins.length === 0) return entity.source.table;
  throw new ConfigurationError(`${where}: '${entity.name}' is stored in several tables; write it through a Session`);
}

function columnOf(entity: EntitySource, attribute: string, where: string): TableColumn {
  const node = entity.columns.get(attribute);
  if (node instanceof ColumnNode && node.column) return node.column;
  throw new ConfigurationError(
    `${where}: '${entity.name}' has no column '${attribute}'; it has ${[...entity.columns.keys()].join(', ')}`,
  );
}

/** What a column is set to: NULL where it may be, a checked value, or an expression. */
function assigned(input: unknown, column: TableColumn): Expression {
  if (input === null && column.nullable) return new Bind(null, column.type, true);
  if (input !== null) {
    const given = operand(input, column.type, column.path);
    return given instanceof Bind ? new Bind(given.value, given.type, true) : given;
  }
  throw new InvalidValueError(`${column.path}: null in a column that is not nullable()`);
}

class InsertBuilder extends WriteBuilder {
  onConflict(...attributes: string[]): object {
    const node = this.node as InsertNode;
    const target = attributes.map((attribute) => columnOf(this.entity, attribute, 'onConflict()'));
    const finish = (set: readonly Assignment[] | undefined): WriteBuilder =>
      new WriteBuilder(this.entity, { ...node, conflict: { target, set } });
    return {
      ignore: () => finish(undefined),
      update: (set: (excluded: Record<string, Expression>) => Record<string, unknown>) => {
        const excluded = Object.fromEntries(
          node.table.columns.map((column) => [
            column.attribute,
            new ColumnNode('excluded', column.name, column.type, column),
          ]),
        );
        return finish(assignments(this.entity, set(excluded), 'onConflict().update()'));
      },
    };
  }
}

/**
 * INSERT of rows, with the model's defaults.
 *
 * @example
 * insert(User).values({ name: 'Ann', email: 'a@x' }).onConflict('email').update((x) => ({ name: x.name }))
 * // insert into "users" ("name", "email") values (?1, ?2) on conflict ("email") do update set "name" = excluded."name"
 */
export function insert<C extends AnyModel>(model: C): Insert<C> {
  const entity = entityOf(model, 'insert()');
  const table = tableOf(entity, 'insert()');
  const base = { kind: 'insert', table, conflict: undefined, returning: [], shape: [] } as const;
  return {
    values: (...given: readonly object[]) => {
      const { columns, rows } = insertRows(entity, table, given);
      return new InsertBuilder(entity, { ...base, columns, rows, select: undefined });
    },
    from: (input: unknown) => {
      const given = selectOf(input, 'insert().from()');
      const columns = given.outputs.map(({ name, expression }) => {
        const column = columnOf(entity, name, 'insert().from()');
        assertSameForm(column.type, expression.type, column.path);
        return column;
      });
      const made = table.columns.filter((column) => column.spec.make && !columns.includes(column));
      const select = made.length > 0 ? withDefaults(given, made) : given;
      return new InsertBuilder(entity, { ...base, columns: [...columns, ...made], rows: [], select });
    },
  } as object as Insert<C>;
}

/** The select with the defaults of further columns beside each row: one value for all of them. */
function withDefaults(select: SelectNode, columns: readonly TableColumn[]): SelectNode {
  const defaults = columns.map((column): Output => {
    return { name: column.attribute, expression: assigned(column.spec.make!(), column) };
  });
  if (!select.compound) return { ...select, outputs: [...select.outputs, ...defaults] };
  const source = derivedNode(select, 'given', false);
  const read = select.outputs.map(({ name, expression }): Output => {
    return { name, expression: new ColumnNode(source, name, expression.type) };
  });
  return selectNode([...read, ...defaults], [], { from: source });
}

function insertRows(
  entity: EntitySource,
  table: Table,
  given: readonly object[],
): Pick<InsertNode, 'columns' | 'rows'> {
  if (given.length === 0) throw new ConfigurationError('insert().values(): at least one row');
  const rows = given.map((row) => {
    const values = new Map<TableColumn, Expression>();
    for (const [attribute, input] of Object.entries(row)) {
      const column = columnOf(entity, attribute, 'insert().values()');
      if (input !== undefined) values.set(column, assigned(input, column));
    }
    for (const column of table.columns) {
      if (!values.has(column) && column.spec.make) values.set(column, assigned(column.spec.make(), column));
    }
    return values;
  });
  const columns = table.columns.filter((column) => rows.some((row) => row.has(column)));
  return { columns, rows: rows.map((row) => columns.map((column) => row.get(column) ?? missing(column))) };
}

function missing(column: TableColumn): Expression {
  if (column.nullable && !column.spec.defaultSql) return new Bind(null, column.type, true);
  throw new InvalidValueError(`insert().values(): some rows give ${column.path} and others do not`);
}

function assignments(entity: EntitySource, values: object, where: string): Assignment[] {
  const set = Object.entries(values).map(([attribute, input]): Assignment => {
    const column = columnOf(entity, attribute, where);
    return [column, assigned(input, column)];
  });
  if (set.length === 0) throw new ConfigurationError(`${where}: nothing to set`);
  return set;
}

function unbounded(entity: EntitySource, node: UpdateNode | DeleteNode, where: string): unknown {
  const bounded = (conditions: readonly Expression[]): WriteBuilder =>
    new WriteBuilder(entity, { ...node, where: [...entity.where, ...conditions] });
  return {
    where: (...conditions: unknown[]) => {
      if (conditions.length === 0)
        throw new ConfigurationError(`${where}.where(): no condition; for every row: allRows()`);
      return bounded(conditions.map((item) => expressionOf(item, `${where}.where()`)));
    },
    allRows: () => bounded([]),
  };
}

/** UPDATE of the rows that `where` selects, or of all of them with `allRows()`. */
export function update<C extends AnyModel>(model: C): { set(values: Assignments<InstanceOf<C>>): Unbounded<C> } {
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
      return unbounded(
        entity,
        { kind: 'update', table, set, where: [], returning: [], shape: [] },
        'update()',
      ) as Unbounded<C>;
    },
  };
}

/** DELETE of the rows that `where` selects, or of all of them with `allRows()`. */
export function deleteFrom<C extends AnyModel>(model: C): Unbounded<C> {
  const entity = entityOf(model, 'deleteFrom()');
  const table = tableOf(entity, 'deleteFrom()');
  return unbounded(
    entity,
    { kind: 'delete', table, where: [], returning: [], shape: [] },
    'deleteFrom()',
  ) as Unbounded<C>;
}
