import { assertNever, ConfigurationError } from '../../errors/errors.ts';
import { applyOperations } from '../operations/apply.ts';
import type { Operation, Step } from '../operations/operation.ts';
import { dialectSql, stepOf } from '../operations/step.ts';
import { isSame, tableOf } from '../names.ts';
import type { ObjectName, SchemaSnapshot } from '../snapshot.ts';
import { columnText } from '../text/ddl.ts';
import { qualified, quote } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { canDrop, foldedColumns, isNative } from './native.ts';
import { loosened } from './loosen.ts';
import { rebuild, type Rebuilt } from './rebuild.ts';
import { createIndex, createTable, createView, sqliteText } from './text.ts';

/** Operations on one table that may have to be done by making it anew. */
const OF_TABLE: ReadonlySet<Operation['kind']> = /* @__PURE__ */ new Set([
  'alterTable',
  'addColumn',
  'dropColumn',
  'alterColumn',
  'addConstraint',
  'dropConstraint',
  'renameConstraint',
  'createIndex',
  'dropIndex',
  'setComment',
]);

type OfTable = Extract<Operation, { readonly table: ObjectName }>;

/** Operations that follow each other on one table. */
interface Run {
  readonly table: ObjectName;
  readonly operations: Operation[];
}

/**
 * The statements of operations on the SQLite family. What ALTER TABLE cannot do, all of a table at once, is done by making
 * the table anew; tables that follow each other, together.
 */
export function renderSqlite(operations: readonly Operation[], current: SchemaSnapshot): Step[] {
  const steps: Step[] = [];
  let schema = current;
  let pending: { readonly operations: Operation[]; readonly list: Rebuilt[] } = { operations: [], list: [] };
  const flush = (): void => {
    const { operations: done, list } = pending;
    if (list.length === 0) return;
    pending = { operations: [], list: [] };
    steps.push(stepOf(done, rebuild(list, schema), schema));
    schema = applyOperations(schema, done);
  };
  for (const run of runsOf(operations)) {
    const isWaiting = 'table' in run && pending.list.some(({ before }) => isSame(before, run.table));
    if ('table' in run && !isWaiting) {
      const native = nativeStatements(run, schema);
      if (!native) {
        pending.operations.push(...run.operations);
        pending.list.push(rebuilt(run, schema));
        continue;
      }
      flush();
      steps.push(stepOf(run.operations, native, schema));
      schema = applyOperations(schema, run.operations);
      continue;
    }
    flush();
    if ('table' in run) {
      const again = renderSqlite(run.operations, schema);
      steps.push(...again);
    } else {
      steps.push(...run.operations.map((operation) => plainStep(operation, schema)));
    }
    schema = applyOperations(schema, run.operations);
  }
  flush();
  return steps;
}

function runsOf(operations: readonly Operation[]): (Run | { readonly operations: readonly Operation[] })[] {
  const runs: (Run | { readonly operations: Operation[] })[] = [];
  for (const operation of operations) {
    const last = runs.at(-1);
    if (!OF_TABLE.has(operation.kind)) runs.push({ operations: [operation] });
    else {
      const { table } = operation as OfTable;
      if (last && 'table' in last && isSame(last.table, table) && !readsChanged(operation, last.operations))
        last.operations.push(operation);
      else runs.push({ table, operations: [operation] });
    }
  }
  return runs;
}

/** Whether an operation computes values from columns that the others have only just made. */
function readsChanged(operation: Operation, before: readonly Operation[]): boolean {
  const sql =
    operation.kind === 'alterColumn' ? operation.using : operation.kind === 'addColumn' ? operation.fill : undefined;
  if (sql === undefined) return false;
  return before.some(
    (other) =>
      (other.kind === 'addColumn' && mentions(sql, other.column.name)) ||
      (other.kind === 'alterColumn' && mentions(sql, other.from.name)),
  );
}

/** The statements of a run by which no table is made anew; undefined where one has to be. */
function nativeStatements({ table: name, operations }: Run, schema: SchemaSnapshot): string[] | undefined {
  const folded = foldedColumns(operations);
  let now = schema;
  const statements: string[] = [];
  for (const operation of operations) {
    const table = tableOf(now, name);
    if (!folded.done.has(operation)) {
      if (!isNative(operation, table)) return undefined;
      if (operation.kind === 'dropColumn' && !canDrop(table, operation.column.name)) return undefined;
      statements.push(...nativeText(operation, table, folded.constraints.get(operation) ?? ''));
    }
    now = applyOperations(now, [operation]);
  }
  return statements;
}

function nativeText(operation: Operation, table: ObjectName, constraints: string): string[] {
  switch (operation.kind) {
    case 'addColumn':
      return [`alter table ${qualified(table)} add column ${columnText(operation.column, sqliteText)}${constraints}`];
    case 'dropColumn':
      return [`alter table ${qualified(table)} drop column ${quote(operation.column.name)}`];
    case 'createIndex':
      return [createIndex(table, operation.index)];
    case 'dropIndex':
      return [`drop index ${qualified({ ...table, name: operation.index.name })}`];
    default:
      // SQLite keeps no comments, and what it calls a constraint is of no consequence.
      return [];
  }
}

function rebuilt({ table: name, operations }: Run, schema: SchemaSnapshot): Rebuilt {
  const before = tableOf(schema, name);
  const after = tableOf(applyOperations(schema, operations), name);
  const values = new Map(before.columns.map((column) => [column.name, quote(column.name)]));
  for (const operation of operations) {
    if (operation.kind === 'dropColumn') values.delete(operation.column.name);
    if (operation.kind === 'alterColumn' && operation.using !== undefined)
      values.set(operation.from.name, `(${operation.using})`);
    if (operation.kind === 'addColumn' && operation.fill !== undefined)
      values.set(operation.column.name, `(${operation.fill})`);
  }
  return { before, after, values };
}

function plainStep(operation: Operation, schema: SchemaSnapshot): Step {
  return stepOf([operation], plainStatements(operation, schema), schema);
}

function plainStatements(operation: Operation, schema: SchemaSnapshot): readonly string[] {
  switch (operation.kind) {
    case 'createTable':
      return [
        createTable(operation.table),
        ...operation.table.indexes.map((index) => createIndex(operation.table, index)),
      ];
    case 'dropTable':
      return dropTable(operation.table, schema);
    case 'renameTable':
      return [`alter table ${qualified(operation.table)} rename to ${quote(operation.to)}`];
    case 'renameColumn': {
      const { table, column, to } = operation;
      return [`alter table ${qualified(table)} rename column ${quote(column)} to ${quote(to)}`];
    }
    case 'createView':
      return [createView(operation.view)];
    case 'dropView':
      return [`drop view ${qualified(operation.view)}`];
    case 'sql':
      return dialectSql(operation, 'sqlite');
    case 'createSchema':
    case 'dropSchema':
      throw new ConfigurationError(
        `'${operation.name}': a schema of SQLite is a database that is attached, which no migration does`,
      );
    case 'createEnum':
    case 'dropEnum':
    case 'renameEnum':
    case 'addEnumLabel':
    case 'renameEnumLabel':
    case 'alterEnum':
      throw new ConfigurationError('SQLite has no types of labels: check() on a text column says the same');
    default:
      return assertNever(operation as never, 'operation');
  }
}

/**
 * To drop a table deletes its rows first, with what the actions of other tables' keys do then: a table that still refers
 * to it would lose rows, so it has to be gone, or to have lost its key, before.
 */
function dropTable(name: ObjectName, schema: SchemaSnapshot): string[] {
  const others = schema.tables.filter(
    (table) => !isSame(table, name) && table.foreignKeys.some(({ target }) => isSame(target, name)),
  );
  if (others.length === 0) return [...withoutCycle(name, schema), `drop table ${qualified(name)}`];
  throw new ConfigurationError(
    `'${name.name}' cannot be dropped while ${others.map((table) => `'${table.name}'`).join(', ')} refers to it: drop the foreign key first`,
  );
}

/** Rows of a table that refers to itself go together. */
function withoutCycle(name: ObjectName, schema: SchemaSnapshot): string[] {
  const table = tableOf(schema, name);
  const isCyclic = table.foreignKeys.some(({ target }) => isSame(target, table));
  return isCyclic ? ['pragma defer_foreign_keys = on', ...loosened([table], schema)] : [];
}
