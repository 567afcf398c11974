import { ConsentRequired } from '../../errors/errors.ts';
import { findTable, isSame, shown } from '../names.ts';
import type { ColumnSnapshot, IndexSnapshot, ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { qualified, quote, quoteAll } from '../text/quote.ts';
import type { AddColumn, AlterColumn, Constraint, Operation, RowsAtRisk } from './operation.ts';
import { isSafeChange } from './type-change.ts';

/**
 * Refuses operations that may lose rows, or be refused for rows that are there, unless each object is named.
 *
 * @param allowed names as `destructive` gives them: `users`, `users.email`, `users.uq_users_email`.
 * @example
 * assertConsent(operations, ['users.email'])
 * @throws ConsentRequired with the names that are missing in `objects`. Nothing was sent.
 */
export function assertConsent(operations: readonly Operation[], allowed: readonly string[]): void {
  const missing = destructive(operations).filter((name) => !allowed.includes(name));
  if (missing.length === 0) return;
  const reasons = whysOf(operations).filter(([name]) => missing.includes(name));
  throw new ConsentRequired(
    `consent is needed, by name: ${reasons.map(([name, why]) => `${name} (${why})`).join('; ')}`,
    { objects: missing },
  );
}

/**
 * The names of the objects that operations may take rows or values from, or for whose rows they may be refused.
 *
 * @example
 * destructive([{ kind: 'dropColumn', table: { name: 'users' }, column }]) // ['users.email']
 */
export function destructive(operations: readonly Operation[]): string[] {
  return [...new Set(whysOf(operations).map(([name]) => name))];
}

type Why = readonly [name: string, why: string];

function whysOf(operations: readonly Operation[]): Why[] {
  return operations.flatMap((operation, at): Why[] => {
    const why = whyOf(operation, operations.slice(0, at));
    return why === undefined ? [] : [[objectOf(operation), why]];
  });
}

/** The name of what an operation is about. */
function objectOf(operation: Operation): string {
  switch (operation.kind) {
    case 'dropTable':
    case 'alterTable':
      return shown(operation.table);
    case 'dropColumn':
    case 'addColumn':
      return `${shown(operation.table)}.${operation.column.name}`;
    case 'alterColumn':
      return `${shown(operation.table)}.${operation.from.name}`;
    case 'addConstraint':
      return `${shown(operation.table)}.${constraintName(operation.constraint)}`;
    case 'createIndex':
      return `${shown(operation.table)}.${operation.index.name}`;
    case 'alterEnum':
      return shown(operation.enum);
    case 'dropSchema':
      return operation.name;
    default:
      return operation.kind;
  }
}

/** For messages: its name, or what it is over. */
export function constraintName(constraint: Constraint): string {
  if (constraint.name !== undefined) return constraint.name;
  return constraint.kind === 'check'
    ? `check(${constraint.expression})`
    : `${constraint.kind}(${constraint.columns.join(',')})`;
}

type WhyOf<K extends Operation['kind']> = (
  operation: Extract<Operation, { kind: K }>,
  before: readonly Operation[],
) => string | undefined;

const WHY: { readonly [K in Operation['kind']]?: WhyOf<K> } = {
  dropTable: () => 'drops the table and its rows',
  dropSchema: () => 'drops the schema',
  dropColumn: ({ column }) => (column.generated ? undefined : 'drops the column and its values'),
  addColumn: (operation) =>
    isFilled(operation) ? undefined : 'adds a column that takes no NULL, and has no value for rows that are there',
  alterColumn: columnWhy,
  alterTable: ({ from, to }) => (to.strict && !from.strict ? 'is refused where values are of another type' : undefined),
  addConstraint: ({ table, constraint }, before) => constraintWhy(table, constraint, before),
  createIndex: (operation, before) =>
    operation.index.unique && !isKnownUnique(operation, before)
      ? 'is refused where two rows have one value'
      : undefined,
  alterEnum: ({ from, to }) =>
    from.every((label) => to.includes(label)) ? undefined : 'is refused where rows have a label that goes',
};

/** Why an operation may lose something or fail; undefined where it can not, after those before it. */
function whyOf(operation: Operation, before: readonly Operation[]): string | undefined {
  // What was created before has no rows.
  if ('table' in operation && isNew(operation.table, before)) return undefined;
  return (WHY[operation.kind] as WhyOf<Operation['kind']> | undefined)?.(operation, before);
}

function isNew(table: ObjectName, before: readonly Operation[]): boolean {
  return before.some(
    (other) =>
      (other.kind === 'createTable' && isSame(other.table, table)) ||
      (other.kind === 'renameTable' &&
        other.to === table.name &&
        isNew(other.table, before.slice(0, before.indexOf(other)))),
  );
}

function isFilled({ column, fill }: AddColumn): boolean {
  const { nullable, generated, identity } = column;
  const hasDefault = column.default !== undefined && column.default.toLowerCase() !== 'null';
  return nullable || generated !== undefined || identity !== undefined || fill !== undefined || hasDefault;
}

function columnWhy({ from, to }: AlterColumn): string | undefined {
  if (to.generated && !from.generated) return 'replaces the values of the column by computed ones';
  if (to.generated) return undefined;
  if (from.type !== to.type && !isSafeChange(from.type, to.type))
    return `changes the type from ${from.type} to ${to.type}`;
  return from.nullable && !to.nullable ? 'is refused where the column is NULL' : undefined;
}

function constraintWhy(table: ObjectName, constraint: Constraint, before: readonly Operation[]): string | undefined {
  if (constraint.kind === 'check') return constraint.notValid ? undefined : 'is refused where rows do not meet it';
  const { columns } = constraint;
  // What was there before under other terms is met by every row.
  const isKnown = before.some(
    (other) => other.kind === 'dropConstraint' && isSame(other.table, table) && isAlike(other.constraint, constraint),
  );
  if (isKnown || columns.some((name) => isNull(table, name, before))) return undefined;
  if (constraint.kind !== 'foreignKey') return 'is refused where two rows have one value, or a key is NULL';
  return constraint.notValid ? undefined : 'is refused where rows refer to a row that is not there';
}

/** Whether rows that meet one constraint meet the other. */
function isAlike(left: Constraint, right: Constraint): boolean {
  if (left.kind === 'check' || right.kind === 'check') return false;
  if (left.columns.toSorted().join('\0') !== right.columns.toSorted().join('\0')) return false;
  if (left.kind !== 'foreignKey' || right.kind !== 'foreignKey') {
    // A primary key is unique, and takes no NULL.
    return left.kind === right.kind || (left.kind === 'primaryKey' && right.kind === 'unique');
  }
  return (
    isSame(left.target, right.target) &&
    left.references.join('\0') === right.references.join('\0') &&
    left.columns.join('\0') === right.columns.join('\0')
  );
}

/** Whether a column was added before, with NULL for every row. */
function isNull(table: ObjectName, name: string, before: readonly Operation[]): boolean {
  return before.some(
    (other) =>
      other.kind === 'addColumn' &&
      isSame(other.table, table) &&
      other.column.name === name &&
      other.column.nullable &&
      other.column.default === undefined &&
      other.fill === undefined &&
      !other.column.generated,
  );
}

function isKnownUnique(
  { table, index }: { readonly table: ObjectName; readonly index: IndexSnapshot },
  before: readonly Operation[],
): boolean {
  const columns = index.on.map(({ column }) => column);
  if (columns.some((name) => name !== undefined && isNull(table, name, before))) return true;
  const same = setOf(columns);
  return before.some((other) => {
    if (!('table' in other) || !isSame(other.table, table) || columns.includes(undefined)) return false;
    if (
      other.kind === 'dropConstraint' &&
      (other.constraint.kind === 'unique' || other.constraint.kind === 'primaryKey')
    )
      return setOf(other.constraint.columns) === same;
    return (
      other.kind === 'dropIndex' &&
      other.index.unique === true &&
      (other.index.where === undefined || other.index.where === index.where) &&
      setOf(other.index.on.map(({ column }) => column)) === same
    );
  });
}

function setOf(columns: readonly (string | undefined)[]): string {
  return columns
    .map((name) => JSON.stringify(name ?? null))
    .toSorted()
    .join();
}

/** The rows that an operation puts at risk, and how to count them. */
export function risksOf(operation: Operation, schema: SchemaSnapshot): RowsAtRisk[] {
  const why = whyOf(operation, []);
  const table = 'table' in operation ? findTable(schema, operation.table) : undefined;
  if (why === undefined || !table) return [];
  const count = counted(operation, table, schema);
  return count === undefined ? [] : [{ object: objectOf(operation), why, count }];
}

function counted(operation: Operation, table: TableSnapshot, schema: SchemaSnapshot): string | undefined {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  const rows = (condition?: string): string =>
    `select count(*) from ${qualified(table)}${condition === undefined ? '' : ` where ${condition}`}`;
  switch (operation.kind) {
    case 'dropTable':
    case 'addColumn':
    case 'alterTable':
      return rows();
    case 'dropColumn':
      return has(operation.column.name) ? rows(`${quote(operation.column.name)} is not null`) : undefined;
    case 'alterColumn':
      return has(operation.from.name) ? rows(alterCondition(operation.from, operation.to)) : undefined;
    case 'createIndex': {
      const columns = operation.index.on.map(({ column }) => column);
      return columns.every((name) => name !== undefined && has(name))
        ? twice(table, columns as string[], operation.index.where)
        : undefined;
    }
    case 'addConstraint':
      return broken(operation.constraint, table, schema, has);
    default:
      return undefined;
  }
}

function alterCondition(from: ColumnSnapshot, to: ColumnSnapshot): string {
  const isOnlyNull = from.type === to.type && !to.generated;
  return `${quote(from.name)} is ${isOnlyNull ? '' : 'not '}null`;
}

function twice(table: TableSnapshot, columns: readonly string[], where?: string): string {
  const conditions = [
    ...columns.map((name) => `${quote(name)} is not null`),
    ...(where === undefined ? [] : [`(${where})`]),
  ];
  return `select count(*) from (select 1 as one from ${qualified(table)} where ${conditions.join(' and ')} group by ${quoteAll(columns)} having count(*) > 1) as twice`;
}

function broken(
  constraint: Constraint,
  table: TableSnapshot,
  schema: SchemaSnapshot,
  has: (name: string) => boolean,
): string | undefined {
  if (constraint.kind === 'check')
    return `select count(*) from ${qualified(table)} where not (${constraint.expression})`;
  if (!constraint.columns.every(has)) return undefined;
  if (constraint.kind !== 'foreignKey') return twice(table, constraint.columns);
  const target = findTable(schema, constraint.target);
  if (!target) return undefined;
  const pairs = constraint.columns.map((name, at) => `p.${quote(constraint.references[at]!)} = c.${quote(name)}`);
  const present = constraint.columns.map((name) => `c.${quote(name)} is not null`);
  return `select count(*) from ${qualified(table)} as c where ${present.join(' and ')} and not exists (select 1 from ${qualified(target)} as p where ${pairs.join(' and ')})`;
}
