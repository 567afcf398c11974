import { isSame } from '../names.ts';
import { constraintsOf } from '../operations/constraints.ts';
import type { AlterEnum, Constraint } from '../operations/operation.ts';
import type { ColumnSnapshot, ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { columnText } from '../text/ddl.ts';
import { literal, qualified, quote } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { readIndexes } from './dependents.ts';
import { addConstraint, createIndex, dropConstraint, postgresText } from './text.ts';
import { isOfEnum } from './type-key.ts';
import { withoutViews } from './views.ts';

/** A table, and its columns of a type. */
interface Holder {
  readonly table: TableSnapshot;
  readonly columns: readonly ColumnSnapshot[];
}

/** Statements that take something away, and those that bring it back. */
interface Apart {
  readonly drops: readonly string[];
  readonly adds: readonly string[];
}

/**
 * A type of labels loses none, and keeps their order: another takes its place in every column. What compares the columns
 * does so by the operators of the old type, and goes meanwhile.
 */
export function alterEnum({ enum: of, to }: AlterEnum, schema: SchemaSnapshot): string[] {
  const old = `${of.name.slice(0, 50)}_cinnabar_old`;
  const holders = schema.tables
    .map((table): Holder => ({ table, columns: table.columns.filter(({ type }) => isOfEnum(of, type)) }))
    .filter(({ columns }) => columns.length > 0);
  const apart = [keysOver(holders, schema), ...holders.map((holder) => readersOf(holder, of))];
  const statements = [
    ...apart.flatMap(({ drops }) => drops),
    `alter type ${qualified(of)} rename to ${quote(old)}`,
    `create type ${qualified(of)} as enum (${to.map(literal).join(', ')})`,
    ...holders.flatMap(({ table, columns }) => columns.flatMap((column) => retyped(table, column, of))),
    `drop type ${qualified({ ...of, name: old })}`,
    ...apart.toReversed().flatMap(({ adds }) => adds),
  ];
  return withoutViews(
    holders.map(({ table }) => table),
    schema,
    statements,
  );
}

function retyped(table: ObjectName, column: ColumnSnapshot, of: ObjectName): string[] {
  const alter = `alter table ${qualified(table)} alter column ${quote(column.name)} `;
  const array = /(?:\[\])*$/.exec(column.type)![0];
  const initial = column.default;
  return [
    ...(initial === undefined ? [] : [`${alter}drop default`]),
    `${alter}type ${qualified(of)}${array} using ${quote(column.name)}::text${array}::${qualified(of)}${array}`,
    ...(initial === undefined ? [] : [`${alter}set default ${initial}`]),
  ];
}

/** The foreign keys on both sides of which the type stands. */
function keysOver(holders: readonly Holder[], schema: SchemaSnapshot): Apart {
  const isOver = (table: ObjectName, names: readonly string[]): boolean =>
    holders.some((holder) => isSame(holder.table, table) && holder.columns.some(({ name }) => names.includes(name)));
  const keys = schema.tables.flatMap((table) =>
    table.foreignKeys
      .filter((key) => isOver(table, key.columns) || isOver(key.target, key.references))
      .map((key) => [table, { kind: 'foreignKey', ...key }] as const),
  );
  return {
    drops: keys.map(([table, key]) => dropConstraint(table, key)),
    adds: keys.map(([table, key]) => addConstraint(table, key)),
  };
}

/** Checks, indexes and computed columns that read columns of the type, or name it. */
function readersOf({ table, columns }: Holder, of: ObjectName): Apart {
  const reads = (names: readonly string[], text: string): boolean => names.some((name) => mentions(text, name));
  const own = [of.name, ...columns.map(({ name }) => name)];
  const computed = table.columns.filter(({ generated }) => generated && reads(own, generated.expression));
  const computedNames = computed.map(({ name }) => name);
  const isReader = (constraint: Constraint): boolean => {
    if (constraint.kind === 'check') return reads([...own, ...computedNames], constraint.expression);
    return constraint.columns.some((name) => computedNames.includes(name));
  };
  const constraints = constraintsOf(table).filter(isReader);
  const indexes = readIndexes(table, (text) => reads([...own, ...computedNames], text), computedNames);
  const alter = `alter table ${qualified(table)} `;
  return {
    drops: [
      ...constraints.map((constraint) => dropConstraint(table, constraint)),
      ...indexes.map(({ name }) => `drop index ${qualified({ ...table, name })}`),
      ...computedNames.map((name) => `${alter}drop column ${quote(name)}`),
    ],
    adds: [
      ...computed.map((column) => `${alter}add column ${columnText(column, postgresText)}`),
      ...constraints.map((constraint) => addConstraint(table, constraint)),
      ...indexes.map((index) => createIndex(table, index)),
    ],
  };
}
