import { ConfigurationError } from '../../errors/errors.ts';
import { utf8Length } from '../../util/utf8.ts';
import { applyOperations } from '../operations/apply.ts';
import type { Operation, Step } from '../operations/operation.ts';
import { dialectSql, stepOf } from '../operations/step.ts';
import { findTable, isSame, shown } from '../names.ts';
import type { ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { literal, qualified, quote } from '../text/quote.ts';
import { tokensOf } from '../text/tokens.ts';
import { addColumn, alterColumn } from './alter.ts';
import { alterEnum } from './alter-enum.ts';
import { locksOf } from './locks.ts';
import {
  addConstraint,
  commentOn,
  commentsOf,
  constraintName,
  createIndex,
  createTable,
  createView,
  dropConstraint,
} from './text.ts';
import { withoutViews } from './views.ts';

const MOST_BYTES = 63;

/** A foreign key that waits for the table that it leads to. */
interface Late {
  readonly table: TableSnapshot;
  readonly key: ForeignKeySnapshot;
}

/** The statements of operations on PostgreSQL, where ALTER TABLE does everything. */
export function renderPostgres(operations: readonly Operation[], current: SchemaSnapshot): Step[] {
  const steps: Step[] = [];
  let schema = current;
  let late: readonly Late[] = [];
  for (const operation of operations) {
    let statements: readonly string[];
    const after = applyOperations(schema, [operation]);
    if (operation.kind === 'createTable') {
      const { early, waiting } = keysOf(operation.table, schema);
      late = [...late, ...waiting];
      statements = tableStatements({ ...operation.table, foreignKeys: early });
      const ready = late.filter(({ key }) => findTable(after, key.target));
      late = late.filter((item) => !ready.includes(item));
      statements = [
        ...statements,
        ...ready.map(({ table, key }) => addConstraint(table, { kind: 'foreignKey', ...key })),
      ];
    } else statements = statementsOf(operation, schema);
    // What a program writes as SQL of its own is not looked at.
    if (operation.kind !== 'sql') refuseLongNames(statements);
    const isConcurrent = 'concurrently' in operation && operation.concurrently;
    steps.push(
      stepOf([operation], statements, schema, { locks: locksOf(operation, schema), transactional: !isConcurrent }),
    );
    schema = after;
  }
  const [missing] = late;
  if (!missing) return steps;
  throw new ConfigurationError(
    `'${shown(missing.table)}' refers to the table '${shown(missing.key.target)}', which is not there: create it too`,
  );
}

/** PostgreSQL cuts off a longer name, without an error: the next difference would find another. */
function refuseLongNames(statements: readonly string[]): void {
  const tokens = statements.flatMap(tokensOf);
  const long = tokens.find(({ kind, value }) => kind === 'name' && utf8Length(value, MOST_BYTES) > MOST_BYTES);
  if (long) throw new ConfigurationError(`${long.text} takes more than ${MOST_BYTES} bytes; give it a shorter name`);
}

function keysOf(table: TableSnapshot, schema: SchemaSnapshot): { early: ForeignKeySnapshot[]; waiting: Late[] } {
  const early: ForeignKeySnapshot[] = [];
  const waiting: Late[] = [];
  for (const key of table.foreignKeys) {
    if (isSame(key.target, table) || findTable(schema, key.target)) early.push(key);
    else waiting.push({ table, key });
  }
  return { early, waiting };
}

function tableStatements(table: TableSnapshot): string[] {
  return [createTable(table), ...commentsOf(table), ...table.indexes.map((index) => createIndex(table, index))];
}

type Statements<K extends Operation['kind']> = (
  operation: Extract<Operation, { kind: K }>,
  schema: SchemaSnapshot,
) => readonly string[];

const STATEMENTS: { readonly [K in Exclude<Operation['kind'], 'createTable'>]: Statements<K> } = {
  createSchema: ({ name }) => [`create schema ${quote(name)}`],
  dropSchema: ({ name }) => [`drop schema ${quote(name)}`],
  dropTable: ({ table }) => [`drop table ${qualified(table)}`],
  renameTable: ({ table, to }) => [`alter table ${qualified(table)} rename to ${quote(to)}`],
  // What SQLite says of a whole table, PostgreSQL has not.
  alterTable: () => [],
  addColumn,
  dropColumn: ({ table, column }) => [`alter table ${qualified(table)} drop column ${quote(column.name)}`],
  alterColumn: (operation, schema) =>
    operation.from.type === operation.to.type && !operation.to.generated && !operation.from.generated
      ? alterColumn(operation, schema)
      : withoutViews([operation.table], schema, alterColumn(operation, schema)),
  renameColumn: ({ table, column, to }) => [
    `alter table ${qualified(table)} rename column ${quote(column)} to ${quote(to)}`,
  ],
  addConstraint: ({ table, constraint }) => [addConstraint(table, constraint)],
  dropConstraint: ({ table, constraint }) => [dropConstraint(table, constraint)],
  renameConstraint: ({ table, constraint, to }) => [
    `alter table ${qualified(table)} rename constraint ${constraintName(table, constraint)} to ${quote(to)}`,
  ],
  createIndex: ({ table, index, concurrently }) => [createIndex(table, index, concurrently)],
  dropIndex: ({ table, index, concurrently }) => [
    `drop index ${concurrently ? 'concurrently ' : ''}${qualified({ ...table, name: index.name })}`,
  ],
  createEnum: ({ enum: of }) => [
    `create type ${qualified(of)} as enum (${of.labels.map(literal).join(', ')})`,
    ...(of.comment === undefined ? [] : [commentOn(`type ${qualified(of)}`, of.comment)]),
  ],
  dropEnum: ({ enum: of }) => [`drop type ${qualified(of)}`],
  renameEnum: ({ enum: of, to }) => [`alter type ${qualified(of)} rename to ${quote(to)}`],
  addEnumLabel: ({ enum: of, label, before }) => {
    const place = before === undefined ? '' : ` before ${literal(before)}`;
    return [`alter type ${qualified(of)} add value ${literal(label)}${place}`];
  },
  renameEnumLabel: ({ enum: of, label, to }) => [
    `alter type ${qualified(of)} rename value ${literal(label)} to ${literal(to)}`,
  ],
  alterEnum,
  createView: ({ view }) => createView(view),
  dropView: ({ view }) => [`drop ${view.materialized ? 'materialized view' : 'view'} ${qualified(view)}`],
  setComment: ({ table, column, to }) => {
    const what = column === undefined ? `table ${qualified(table)}` : `column ${qualified(table)}.${quote(column)}`;
    return [commentOn(what, to)];
  },
  sql: (operation) => dialectSql(operation, 'postgres'),
};

function statementsOf(
  operation: Exclude<Operation, { kind: 'createTable' }>,
  schema: SchemaSnapshot,
): readonly string[] {
  return (STATEMENTS[operation.kind] as Statements<Operation['kind']>)(operation, schema);
}
