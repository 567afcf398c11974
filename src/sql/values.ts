import { ConfigurationError, InvalidValueError } from '../errors/errors.ts';
import { isColumn } from '../schema/column.ts';
import { isRecord, kindOf } from '../util/brand.ts';
import { Bind, ColumnNode, List, operand } from './expression.ts';
import { rowsSource } from './rows-source.ts';
import type { ValuesIn } from './plain.ts';
import { rowSelect, selectNode, shapeOf, type Rows } from './select.ts';

/**
 * Rows of the program, as a select that others can read. They travel as one parameter, however many, where the types of
 * all columns allow: with a `double()` each value is a parameter of its own.
 *
 * @example
 * const prices = values({ id: integer(), price: integer() }, [{ id: 1, price: 10 }, { id: 2, price: 20 }]).subquery('prices')
 * update(Item).set({ price: prices.c.price }).from(prices).where(prices.c.id.eq(Item.c.id))
 * // update "items" set "price" = "prices"."price" from (select … from json_each(?1)) as "prices" where …
 * @throws InvalidValueError for a value that its column cannot hold, or one that is missing.
 */
export function values<const D extends object>(columns: D, rows: readonly ValuesIn<D>[]): Rows<ValuesIn<D>> {
  const given = Object.entries(columns as Readonly<Record<string, unknown>>).map(([name, column]) => {
    if (isColumn(column)) return { name, spec: column.spec };
    throw new ConfigurationError(`values(): '${name}' is ${kindOf(column)}; expected a column, like integer()`);
  });
  if (!Array.isArray(rows)) throw new InvalidValueError(`values(): expected an array of rows, got ${kindOf(rows)}`);
  const cells = Array.from(rows as readonly unknown[], (row) => {
    if (!isRecord(row)) throw new InvalidValueError(`values(): expected an object of columns, got ${kindOf(row)}`);
    const unknown = Object.keys(row).find((name) => !Object.hasOwn(columns, name));
    if (unknown !== undefined) throw new ConfigurationError(`values(): there is no column '${unknown}'`);
    return given.map(({ name, spec }) => cell((row as Record<string, unknown>)[name], spec, `values(): ${name}`));
  });
  const list = new List(
    cells,
    given.map(({ spec }) => spec.type),
    true,
  );
  const names = given.map(({ name }) => name);
  const source = rowsSource('values', names, list);
  const read = Object.fromEntries(given.map(({ name, spec }) => [name, new ColumnNode(source, name, spec.type)]));
  const { outputs, shape } = shapeOf(read, 'values()');
  return rowSelect(selectNode(outputs, shape, { from: source })) as Rows<never>;
}

function cell(input: unknown, { type, nullable }: { type: Bind['type']; nullable: boolean }, label: string): unknown {
  if (input === null && nullable) return null;
  const checked = operand(input, type, label);
  if (checked instanceof Bind) return checked.value;
  throw new ConfigurationError(`${label} is an expression; a row holds values`);
}
