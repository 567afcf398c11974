import { ConfigurationError } from '../../errors/errors.ts';
import { shown } from '../names.ts';
import { constraintName as consentName } from '../operations/consent.ts';
import type { Constraint } from '../operations/operation.ts';
import { constraintText, createTable as createTableText, indexTail, type TableText } from '../text/ddl.ts';
import { literal, qualified, quote, quoteAll } from '../text/quote.ts';
import type { IndexSnapshot, ObjectName, TableSnapshot, ViewSnapshot } from '../snapshot.ts';

export const postgresText: TableText = {
  identity: ({ identity }) => `generated ${identity === 'always' ? 'always' : 'by default'} as identity`,
  keyInColumn: false,
  target: ({ target }) => qualified(target),
  options: () => '',
};

/** The table, without what is a statement of its own. */
export function createTable(table: TableSnapshot): string {
  return createTableText(table, postgresText);
}

export function addConstraint(table: ObjectName, constraint: Constraint): string {
  return `alter table ${qualified(table)} add ${constraintText(constraint, postgresText)}`;
}

export function dropConstraint(table: ObjectName, constraint: Constraint): string {
  return `alter table ${qualified(table)} drop constraint ${constraintName(table, constraint)}`;
}

/** PostgreSQL names every constraint; one that is written without a name gets one. */
export function constraintName(table: ObjectName, constraint: Constraint): string {
  if (constraint.name !== undefined) return quote(constraint.name);
  throw new ConfigurationError(
    `the constraint ${consentName(constraint)} of '${shown(table)}' has no name here: give the one that the database has`,
  );
}

export function createIndex(table: ObjectName, index: IndexSnapshot, concurrently = false): string {
  return `create ${index.unique ? 'unique ' : ''}index ${concurrently ? 'concurrently ' : ''}${quote(index.name)} on ${qualified(table)} ${indexTail(index)}`;
}

export function createView(view: ViewSnapshot): string[] {
  const { columns, query, materialized, comment } = view;
  const kind = materialized ? 'materialized view' : 'view';
  const list = columns ? ` (${quoteAll(columns)})` : '';
  return [
    `create ${kind} ${qualified(view)}${list} as ${query}`,
    ...(comment === undefined ? [] : [`comment on ${kind} ${qualified(view)} is ${literal(comment)}`]),
  ];
}

export function commentOn(what: string, comment: string | undefined): string {
  return `comment on ${what} is ${comment === undefined ? 'null' : literal(comment)}`;
}

/** The comments that a table brings. */
export function commentsOf(table: TableSnapshot): string[] {
  const name = qualified(table);
  return [
    ...(table.comment === undefined ? [] : [commentOn(`table ${name}`, table.comment)]),
    ...table.columns.flatMap((column) =>
      column.comment === undefined ? [] : [commentOn(`column ${name}.${quote(column.name)}`, column.comment)],
    ),
  ];
}
