import { InvalidValueError } from '../../errors/errors.ts';
import type { TableColumn } from '../../schema/table.ts';
import { Bind, ColumnNode, Fragment, isBind, type Expression } from '../../sql/expression.ts';
import type { InsertNode, SelectNode, SourceNode, WriteNode } from '../../sql/nodes.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { isChanged } from '../state/snapshot.ts';
import { assigning } from '../unit-of-work/assigning.ts';

/** A value of a filter, told from values that its rule gives by itself. */
export class FilterValue extends Bind {
  override alone(): Expression {
    return new FilterValue(this.value, this.type, true);
  }
}

/** What a filter demands of the rows that are written: one value in a column. */
export interface Demand {
  readonly filter: string;
  readonly column: TableColumn;
  readonly value: FilterValue;
  /** Set where the filter is of a subclass: rows of others of the table are not its concern. */
  readonly only: Mapper | undefined;
}

/** The columns that a condition wants to be equal to a value of its filter, whatever else it says. */
export function equalities(condition: Expression): { readonly column: TableColumn; readonly value: FilterValue }[] {
  if (!(condition instanceof Fragment)) return [];
  const { pieces, chain } = condition;
  if (chain === ' and ') return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : equalities(piece)));
  const [left, operator, right] = pieces;
  if (pieces.length === 3 && left === '(' && right === ')') return equalities(operator as Expression);
  if (pieces.length !== 3 || operator !== ' = ') return [];
  const column = [left, right].find((side): side is ColumnNode => side instanceof ColumnNode)?.column;
  const value = [left, right].find((side): side is FilterValue => side instanceof FilterValue);
  return column && value ? [{ column, value }] : [];
}

function demandedIn({ mapper }: InstanceState, { column, only }: Demand): MappedColumn | undefined {
  return !only || mapper.isA(only) ? mapper.attributeOf(column) : undefined;
}

/** Gives a new entity the value that nobody gave it. */
export function complete(state: InstanceState, demand: Demand): void {
  const mapped = demandedIn(state, demand);
  const { value } = demand.value;
  const given = mapped && state.entity[mapped.attribute];
  // What can be NULL is null where nobody gave it.
  if (!mapped || mapped.column.spec.computed || (given !== undefined && given !== null)) return;
  for (const { link, changed, target } of state.links)
    if (changed && (target ? link.columns : link.emptied).includes(mapped)) return;
  if (mapped.type.check(value) === undefined) defineColumn(state.entity, mapped, value);
}

/** Refuses an entity that is about to be written with another value. One that has another in its row may keep it. */
export function checkEntity(state: InstanceState, demand: Demand): void {
  const mapped = demandedIn(state, demand);
  const computed = mapped && assigning.current?.(state, mapped);
  if (!mapped || (state.row && !computed && !isChanged(state, mapped))) return;
  if (!computed && isDemanded(presentValue(state, mapped), demand)) return;
  throw refusal(demand, state.mapper.name, mapped.attribute);
}

/** The value, or the key of the entity that a relation gives it by. */
function presentValue(state: InstanceState, mapped: MappedColumn): unknown {
  for (const { link, changed, target } of state.links) {
    const at = changed && target ? link.columns.indexOf(mapped) : -1;
    if (at >= 0) return target!.entity[link.references[at]!.attribute];
  }
  return state.entity[mapped.attribute];
}

function isDemanded(given: unknown, { column, value }: Demand): boolean {
  const isValue = given !== undefined && given !== null && column.type.check(given) === undefined;
  return isValue && column.type.equals(given, value.value);
}

/**
 * Refuses a statement that would write a row with another value, or of which nobody can tell.
 *
 * @param isSeen whether rows that are read have the value in a column, since the filter lets no others through.
 */
export function checkStatement(node: WriteNode, demand: Demand, isSeen: (column: TableColumn) => boolean): void {
  const { column, only } = demand;
  // Of which class a row of a statement is, the statement does not say.
  if (only || node.kind === 'delete') return;
  const isOwn = (given: Expression | undefined): boolean => {
    if (!given) return false;
    return isBind(given) ? isDemanded(given.value, demand) : given instanceof ColumnNode && given.column === column;
  };
  const set = node.kind === 'update' ? node.set : (node.conflict?.set ?? []);
  const isKept = set.every(([to, given]) => to !== column || isOwn(given));
  if (isKept && (node.kind === 'update' || insertsOwn(node, column, isOwn, isSeen))) return;
  throw refusal(demand, column.table.name, column.attribute);
}

function insertsOwn(
  { columns, rows, select }: InsertNode,
  column: TableColumn,
  isOwn: (given: Expression | undefined) => boolean,
  isSeen: (column: TableColumn) => boolean,
): boolean {
  const at = columns.indexOf(column);
  if (!select || at < 0) return at >= 0 && rows.every((row) => isOwn(row[at]));
  const given = select.outputs[at]!.expression;
  if (!(given instanceof ColumnNode)) return isBind(given) && isOwn(given);
  return given.column !== undefined && isInner(given, select) && isSeen(given.column);
}

/** Whether every row of the select has a row of the column's table, and filters are on it. */
function isInner({ column }: ColumnNode, { from, joins, lifted = [] }: SelectNode): boolean {
  const sources = [from, ...joins.flatMap(({ type, source }) => (type === 'inner' ? [source] : []))];
  const isOf = (source: SourceNode | undefined): boolean =>
    source !== undefined && 'table' in source && source.table === column?.table;
  return lifted.length === 0 && sources.some(isOf);
}

function refusal({ filter, column }: Demand, model: string, attribute: string): Error {
  return new InvalidValueError(
    `${model}.${attribute}: rows that this session writes have the value that the filter '${filter}' has here, and no other. Give it that, lift() the filter from the statement, or write in a session without the filter's values`,
    { model, attributes: [attribute], table: column.table.name },
  );
}
