import { ConfigurationError } from '../../errors/errors.ts';
import type { Operation } from './operation.ts';

/**
 * The operations that undo others, the last first. Rows that were dropped do not come back.
 *
 * @example
 * reverse([{ kind: 'renameColumn', table: { name: 'users' }, column: 'name', to: 'title' }])
 * // [{ kind: 'renameColumn', table: { name: 'users' }, column: 'title', to: 'name' }]
 * @throws ConfigurationError that names an operation which cannot be undone.
 */
export function reverse(operations: readonly Operation[]): Operation[] {
  return operations.toReversed().flatMap(undone);
}

type Undo<K extends Operation['kind']> = (operation: Extract<Operation, { kind: K }>) => readonly Operation[];

/** Two kinds with the same fields, each of which undoes the other. */
function as(kind: string): (operation: Operation) => readonly Operation[] {
  return (operation) => [{ ...operation, kind } as Operation];
}

const UNDO: { readonly [K in Operation['kind']]: Undo<K> } = {
  createSchema: as('dropSchema'),
  dropSchema: as('createSchema'),
  createTable: as('dropTable'),
  dropTable: as('createTable'),
  renameTable: ({ table, to }) => [{ kind: 'renameTable', table: { ...table, name: to }, to: table.name }],
  alterTable: ({ kind, table, from, to }) => [{ kind, table, from: to, to: from }],
  addColumn: ({ table, column }) => [{ kind: 'dropColumn', table, column }],
  dropColumn: as('addColumn'),
  alterColumn: ({ kind, table, from, to }) => [{ kind, table, from: to, to: from }],
  renameColumn: ({ kind, table, column, to }) => [{ kind, table, column: to, to: column }],
  addConstraint: as('dropConstraint'),
  dropConstraint: as('addConstraint'),
  renameConstraint: ({ kind, table, constraint, to }) => {
    if (constraint.name === undefined) throw irreversible(`to name a constraint of '${table.name}'`);
    return [{ kind, table, constraint: { ...constraint, name: to }, to: constraint.name }];
  },
  createIndex: as('dropIndex'),
  dropIndex: as('createIndex'),
  createEnum: as('dropEnum'),
  dropEnum: as('createEnum'),
  renameEnum: ({ kind, enum: of, to }) => [{ kind, enum: { ...of, name: to }, to: of.name }],
  addEnumLabel: ({ enum: of, label, before, labels }) => {
    const at = before === undefined ? labels.length : labels.indexOf(before);
    return [{ kind: 'alterEnum', enum: of, from: labels.toSpliced(at, 0, label), to: labels }];
  },
  renameEnumLabel: ({ kind, enum: of, label, to }) => [{ kind, enum: of, label: to, to: label }],
  alterEnum: ({ kind, enum: of, from, to }) => [{ kind, enum: of, from: to, to: from }],
  createView: as('dropView'),
  dropView: as('createView'),
  setComment: ({ from, to, ...of }) => [
    { ...of, ...(to !== undefined && { from: to }), ...(from !== undefined && { to: from }) },
  ],
  sql: ({ down, up, ...rest }) => {
    if (!down) throw irreversible('the SQL of a step without `down`');
    return [{ ...rest, up: down, down: up }];
  },
};

function undone(operation: Operation): readonly Operation[] {
  return (UNDO[operation.kind] as Undo<Operation['kind']>)(operation);
}

function irreversible(what: string): Error {
  return new ConfigurationError(`${what} cannot be undone: write the operations of the way back by hand`);
}
