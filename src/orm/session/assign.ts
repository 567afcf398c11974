import type { Dialect } from '../../compiler/dialect.ts';
import { Renderer } from '../../compiler/render.ts';
import type { WireValue } from '../../compiler/statement.ts';
import { wireValues } from '../../compiler/wire-values.ts';
import { SqlCell } from '../../compiler/write-plan.ts';
import { ConfigurationError, InvalidValueError, NotLoadedError } from '../../errors/errors.ts';
import { foreignKeysOf } from '../../schema/foreign-key.ts';
import type { TableColumn } from '../../schema/table.ts';
import { isBind, type Expression } from '../../sql/expression.ts';
import type { Entity } from '../../sql/model.ts';
import type { UpdateNode } from '../../sql/nodes.ts';
import { assertRecord, assigned, setPieces, type Assignments } from '../../sql/write.ts';
import { filtering } from '../loading/filtering.ts';
import { assertWritable, type MappedColumn } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import { stateOf } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { assigning } from '../unit-of-work/assigning.ts';
import { Session } from './session.ts';

/** The expressions that are pending, by what stands for them on the entity: whatever else is assigned takes its place. */
const pending = new WeakMap<() => unknown, Expression>();

/**
 * Assigns SQL expressions to attributes of an entity that has a row: they are pending as any change, and the commit sends
 * them in the SET of the row's UPDATE. What the database made of them comes back in the same round trip; until then the
 * attribute reads `undefined`. A plain assignment takes the place of an expression, `rollback()` drops it. No I/O.
 *
 * @example
 * assign(user, { visits: User.c.visits.plus(1) })
 * await session.commit()
 * // update "users" set "visits" = "users"."visits" + ?1 where "id" = ?2 returning "id", "visits"
 * @throws InvalidValueError for a key, a version and what the database computes; ConfigurationError for a new entity, and
 *   for what is no column; NotLoadedError for a column that was not read.
 */
export function assign<E extends Entity>(entity: E, values: Assignments<E>): void {
  const state = stateOf(entity, 'assign()');
  const { mapper } = state;
  assertRecord(values, 'assign()');
  assertWritable(mapper, 'assign()');
  const given = Object.entries(values).map(([name, input]) => {
    const mapped = mapper.column(name);
    if (!mapped)
      throw new ConfigurationError(
        `assign(): ${mapper.name} has no column '${name}'; it has ${mapper.columns.map(({ attribute }) => attribute).join(', ')}`,
        { model: mapper.name, attributes: [name] },
      );
    const expression = assigned(input, mapped.column);
    const isPlain = isBind(expression);
    if (!isPlain) assertAssignable(state, mapped, expression);
    return { mapped, input, expression, isPlain };
  });
  for (const { mapped, input, expression, isPlain } of given) {
    if (isPlain) state.entity[mapped.attribute] = input;
    else hold(state, mapped, expression);
  }
  assigning.current = cellOf;
}

function assertAssignable(state: InstanceState, mapped: MappedColumn, expression: Expression): void {
  const { mapper } = state;
  const { column, attribute } = mapped;
  const details = { model: mapper.name, attributes: [attribute], table: column.table.name };
  const what = `assign(): ${mapper.name}.${attribute}`;
  if (column.spec.key || isKey(column) || mapper.version === mapped || mapper.fixed.has(mapped))
    throw new InvalidValueError(
      `${what} is a key, a version or what tells a class: it takes values, and no expressions. Use update()`,
      details,
    );
  if (state.isNew)
    throw new ConfigurationError(
      `${what}: ${state.label} has no row yet to compute it of. Give it a value, or the column a defaultSql()`,
      details,
    );
  if (!(state.positions![mapped.index]! >= 0))
    throw new NotLoadedError(`${what} was not read: refresh() the entity, or use update()`, details);
  const session = state.context?.session as Session | undefined;
  if (!session) return;
  // Whatever a statement refuses is refused here, where it was said.
  const { engine } = Session.parts(session, 'assign()');
  const node = updateOf(column, expression);
  engine.prepare(node, filtering.current?.(session, engine, node));
}

function updateOf(column: TableColumn, expression: Expression): UpdateNode {
  return {
    kind: 'update',
    written: setPieces,
    table: column.table,
    set: [[column, expression]],
    where: [],
    returning: [],
    shape: [],
  };
}

/** Whether a column is, or is referred to by, a foreign key. */
function isKey(column: TableColumn): boolean {
  return column.table.metadata.tables.some((table) =>
    foreignKeysOf(table).some(({ columns, references }) => columns.includes(column) || references.includes(column)),
  );
}

/** Lets the attribute read `undefined`, which no plain value is, until something else is assigned. */
function hold({ entity }: InstanceState, mapped: MappedColumn, expression: Expression): void {
  const { attribute, hidden, plain } = mapped;
  const get = (): undefined => undefined;
  pending.set(get, expression);
  const set = (value: unknown): void => {
    if (plain)
      Object.defineProperty(entity, attribute, { value, writable: true, configurable: true, enumerable: true });
    else {
      defineColumn(entity, mapped, undefined);
      entity[attribute] = value;
    }
  };
  Object.defineProperty(entity, attribute, { get, set, configurable: true, enumerable: !hidden });
}

function getterOf({ entity }: InstanceState, { attribute }: MappedColumn): (() => unknown) | undefined {
  const own: { readonly get?: (() => unknown) | undefined } | undefined = Object.getOwnPropertyDescriptor(
    entity,
    attribute,
  );
  return own?.get && pending.has(own.get) ? own.get : undefined;
}

function cellOf(state: InstanceState, mapped: MappedColumn): SqlCell | undefined {
  const get = getterOf(state, mapped);
  if (!get) return undefined;
  const text = (params: WireValue[], dialect: Dialect): string => {
    const session = state.context?.session as Session;
    const { engine } = Session.parts(session, 'commit()');
    const expression = pending.get(get)!;
    const rewriting = filtering.current?.(session, engine, updateOf(mapped.column, expression));
    const renderer = new Renderer(dialect, { rewriting });
    renderer.parameters = params.length;
    renderer.target(mapped.column.table);
    const sql = renderer.expression(expression);
    params.push(...wireValues(renderer.values, dialect));
    return sql;
  };
  return new SqlCell(text, () => getterOf(state, mapped) === get);
}
