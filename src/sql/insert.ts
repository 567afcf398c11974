import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import type { Table, TableColumn } from '../schema/table.ts';
import type { Condition } from './expr.ts';
import {
  ATOM,
  Bind,
  ColumnNode,
  expressionOf,
  Fragment,
  joined,
  logical,
  orderOf,
  SelectPart,
  selectOf,
  type Expression,
  type Piece,
  type Writer,
} from './expression.ts';
import { literal } from '../util/literal.ts';
import { assertSameForm } from './forms.ts';
import type { AnyModel, AnyTable, Attributes, DefinitionOf, InstanceOf } from './model.ts';
import type { Assignment, Conflict, EntitySource, InsertNode, Output, SelectNode } from './nodes.ts';
import { rowsAsParameter, splitInsert } from './insert-rows.ts';
import type { NewValues, Values } from './plain.ts';
import { selectNode } from './select.ts';
import { derivedNode, entityOf } from './source.ts';
import type { Select } from './statement.ts';
import {
  assertRecord,
  assertWritten,
  assigned,
  assignments,
  columnOf,
  conditionOf,
  setPieces,
  tableOf,
  WriteBuilder,
  type Assignments,
  type Write,
} from './write.ts';

export interface Insert<C> {
  /** More rows than fit into one statement go as one parameter, or in several statements of one atomic unit. */
  values(...rows: NewValues<InstanceOf<C>>[]): InsertRows<C>;
  from(select: Select<NewValues<InstanceOf<C>>>): InsertRows<C>;
}
export interface InsertRows<C> extends Write<C> {
  /** The columns of a unique index, in any order; none stands for any. A partial index is found by its columns. */
  onConflict(...columns: (string & keyof Values<InstanceOf<C>>)[]): OnConflict<C>;
}
export interface OnConflict<C> {
  ignore(): Write<C>;
  /**
   * @example
   * insert(Item).values(item).onConflict('code').update((x) => ({ price: x.price }), { where: (x) => x.price.gt(Item.c.price) })
   * // … on conflict ("code") do update set "price" = excluded."price" where excluded."price" > "items"."price"
   */
  update(
    set: (excluded: Excluded<C>) => Assignments<InstanceOf<C>>,
    options?: { where?: (excluded: Excluded<C>) => Condition },
  ): Write<C>;
}
/** The row that was to be inserted. */
export type Excluded<C> = Attributes<DefinitionOf<InstanceOf<C>>, 'excluded'>;

class InsertBuilder extends WriteBuilder {
  onConflict(...attributes: string[]): ConflictBuilder {
    const target = attributes.map((attribute) => columnOf(this.entity, attribute, 'onConflict()'));
    return new ConflictBuilder(this.entity, this.node as InsertNode, target);
  }
}

class ConflictBuilder {
  readonly #entity: EntitySource;
  readonly #node: InsertNode;
  readonly #target: readonly TableColumn[];

  constructor(entity: EntitySource, node: InsertNode, target: readonly TableColumn[]) {
    this.#entity = entity;
    this.#node = node;
    this.#target = target;
  }

  ignore(): WriteBuilder {
    return this.#finish(undefined, []);
  }
  update(
    set: (excluded: Record<string, Expression>) => Record<string, unknown>,
    { where }: { where?: (excluded: Record<string, Expression>) => unknown } = {},
  ): WriteBuilder {
    const excluded = Object.fromEntries(
      this.#node.table.columns.map((column) => [
        column.attribute,
        new ColumnNode('excluded', column.name, column.type, column),
      ]),
    );
    this.#entity.embedded?.nest(excluded);
    const changes = assignments(this.#entity, set(excluded), 'onConflict().update()');
    return this.#finish(changes, where ? [conditionOf(where(excluded), 'onConflict().update()')] : []);
  }
  #finish(set: readonly Assignment[] | undefined, where: readonly Expression[]): WriteBuilder {
    const conflict: Conflict = {
      target: this.#target,
      index: partialIndex(this.#node.table, this.#target),
      set,
      where,
    };
    return new WriteBuilder(this.#entity, { ...this.#node, conflict });
  }
}

/** The rows that the unique index of the columns is of; undefined where it is of all. */
function partialIndex(table: Table, target: readonly TableColumn[]): Expression | undefined {
  const isTarget = (columns: readonly unknown[]): boolean =>
    columns.length === target.length && target.every((column) => columns.includes(column));
  if ([table.primaryKey, ...table.uniques].some(isTarget)) return undefined;
  const indexes = table.indexes.filter(({ unique, on }) => {
    return unique && isTarget(on.map((by) => (orderOf(by).expression as Partial<ColumnNode>).column));
  });
  if (indexes.length > 1)
    throw new ConfigurationError(`onConflict(): ${table.name} has several unique indexes of these columns`);
  const where = indexes[0]?.where;
  return where && expressionOf(where, 'onConflict()');
}

function written({ columns, rows, select, conflict }: InsertNode, dialect: Writer): Piece[] {
  const names = namesOf(columns, dialect);
  const pieces: Piece[] = names ? [` (${names}) `] : [' default values'];
  // Before ON CONFLICT a select ends in WHERE, or its FROM would take ON for that of a join.
  if (select && conflict) pieces.push('select * from (', new SelectPart(select), ') where true');
  else if (select) pieces.push(new SelectPart(select));
  else if (names)
    for (const [at, row] of rows.entries()) pieces.push(at === 0 ? 'values (' : ', (', ...joined(row, ', '), ')');
  if (conflict) pieces.push(...conflictPieces(conflict, dialect));
  return pieces;
}

function namesOf(columns: readonly TableColumn[], dialect: Writer): string {
  return columns.map((column) => dialect.quote(column.name)).join(', ');
}

function conflictPieces(conflict: Conflict, dialect: Writer): Piece[] {
  const { target, index, set, where } = conflict;
  const pieces: Piece[] = [target.length > 0 ? ` on conflict (${namesOf(target, dialect)})` : ' on conflict'];
  if (index) pieces.push(' where ', new Constant([index], undefined, ATOM));
  if (!set) return [...pieces, ' do nothing'];
  pieces.push(' do update', ...setPieces(conflict, dialect));
  if (where.length > 0) pieces.push(' where ', logical('and', where));
  return pieces;
}

/** As it stands in the index: a database does not know that a parameter is the same. */
class Constant extends Fragment {
  override readonly literal: typeof literal = literal;
}

const many = { asParameter: rowsAsParameter, split: splitInsert };

/**
 * INSERT of rows, with the model's defaults.
 *
 * @example
 * insert(User).values({ name: 'Ann', email: 'a@x' }).onConflict('email').update((x) => ({ name: x.name }))
 * // insert into "users" ("name", "email") values (?1, ?2) on conflict ("email") do update set "name" = excluded."name"
 */
export function insert<C extends AnyModel | AnyTable>(model: C): Insert<C> {
  const entity = entityOf(model, 'insert()');
  const table = tableOf(entity, 'insert()');
  const base = { kind: 'insert', written, table, conflict: undefined, returning: [], shape: [] } as const;
  return {
    values: (...given: readonly object[]) => {
      const { columns, rows } = insertRows(entity, table, given);
      return new InsertBuilder(entity, { ...base, columns, rows, many, select: undefined });
    },
    from: (input: unknown) => {
      const given = selectOf(input, 'insert().from()');
      const columns = given.outputs.map(({ name, expression }) => {
        const column = columnOf(entity, name, 'insert().from()');
        assertWritten(column);
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
    assertRecord(row, 'insert().values()');
    const values = new Map<TableColumn, Expression>();
    const flat = entity.embedded ? entity.embedded.spread(row, entity.name) : row;
    for (const [attribute, input] of Object.entries(flat)) {
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
