import type { AddColumn, Operation } from '../operations/operation.ts';
import type { ColumnSnapshot, TableSnapshot } from '../snapshot.ts';
import { constraintText } from '../text/ddl.ts';
import { mentions, tokensOf } from '../text/tokens.ts';
import { sqliteText } from './text.ts';

/** Whether ALTER TABLE, or no statement at all, does what an operation says. */
export function isNative(operation: Operation, table: TableSnapshot): boolean {
  switch (operation.kind) {
    case 'addColumn':
      return operation.fill === undefined && canAdd(operation.column);
    case 'dropColumn':
    case 'createIndex':
    case 'dropIndex':
    case 'setComment':
      return true;
    default:
      return table.opaque === '';
  }
}

/** SQLite adds no key, nothing that is stored for the rows that are there, and no default that it has to compute. */
function canAdd({ identity, generated, nullable, default: initial }: ColumnSnapshot): boolean {
  if (identity || generated?.stored) return false;
  if (generated) return nullable;
  if (initial === undefined) return nullable;
  return isLiteral(initial) && (nullable || initial.toLowerCase() !== 'null');
}

function isLiteral(sql: string): boolean {
  const tokens = tokensOf(sql);
  const value = tokens[0]?.text === '-' || tokens[0]?.text === '+' ? tokens.slice(1) : tokens;
  const [sole] = value;
  if (value.length !== 1 || !sole) return false;
  return sole.kind === 'string' || sole.kind === 'number' || /^(?:null|true|false)$/.test(sole.value);
}

/** Whether nothing of the table but the column itself names it. */
export function canDrop(table: TableSnapshot, name: string): boolean {
  const isNamed = (columns: readonly string[]): boolean => columns.includes(name);
  return (
    !isNamed(table.primaryKey?.columns ?? []) &&
    ![...table.uniques, ...table.foreignKeys].some(({ columns }) => isNamed(columns)) &&
    !table.foreignKeys.some(({ target, references }) => target.name === table.name && isNamed(references)) &&
    !table.checks.some(({ expression }) => mentions(expression, name)) &&
    !table.columns.some(({ generated }) => generated && mentions(generated.expression, name)) &&
    !table.indexes.some(({ on, where = '' }) =>
      [where, ...on.map(({ column, expression = '' }) => column ?? expression)].some(
        (text) => text === name || mentions(text, name),
      ),
    ) &&
    !(table.triggers ?? []).some(({ sql }) => mentions(sql, name)) &&
    table.columns.filter(({ generated }) => !generated).length > 1
  );
}

/**
 * Foreign keys and checks that follow the column they are about: ADD COLUMN takes them with it, where rows get NULL.
 */
export function foldedColumns(operations: readonly Operation[]): {
  readonly done: ReadonlySet<Operation>;
  readonly constraints: ReadonlyMap<Operation, string>;
} {
  const done = new Set<Operation>();
  const constraints = new Map<Operation, string>();
  const added = operations.filter((operation): operation is AddColumn => operation.kind === 'addColumn');
  for (const operation of operations) {
    if (operation.kind !== 'addConstraint' || operation.constraint.kind !== 'foreignKey') continue;
    const { columns } = operation.constraint;
    const of = added.find(({ column }) => columns.length === 1 && column.name === columns[0]);
    if (!of || !of.column.nullable || of.column.default !== undefined || of.column.generated) continue;
    done.add(operation);
    const text = constraintText(operation.constraint, sqliteText).replace(/foreign key \("(?:[^"]|"")*"\) /, '');
    constraints.set(of, `${constraints.get(of) ?? ''} ${text}`);
  }
  return { done, constraints };
}
