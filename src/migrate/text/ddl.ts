import type { Constraint } from '../operations/operation.ts';
import { constraintsOf } from '../operations/constraints.ts';
import type { ColumnSnapshot, ForeignKeySnapshot, IndexSnapshot, IndexTerm, TableSnapshot } from '../snapshot.ts';
import { qualified, quote, quoteAll } from './quote.ts';

/** What differs in the text of tables. */
export interface TableText {
  /** What stands after the name and type of a key that the database makes. */
  identity(column: ColumnSnapshot): string;
  /** Whether such a key is the primary key by being one, so that no constraint of the table says so again. */
  readonly keyInColumn: boolean;
  /** What the table that a foreign key leads to is called. */
  target(key: ForeignKeySnapshot): string;
  /** What follows the columns. */
  options(table: TableSnapshot): string;
}

export function createTable(table: TableSnapshot, text: TableText): string {
  const { primaryKey } = table;
  const made = text.keyInColumn ? table.columns.find(({ identity }) => identity) : undefined;
  const key = made && primaryKey ? `${constraintName(primaryKey)}primary key` : '';
  const parts = [
    ...table.columns.map((column) => columnText(column, text, column === made ? key : '')),
    ...constraintsOf(table)
      .filter(({ kind }) => kind !== 'primaryKey' || !made)
      .map((constraint) => constraintText(constraint, text)),
  ];
  return `create table ${qualified(table)} (${parts.join(', ')})${text.options(table)}`;
}

function constraintName({ name }: { readonly name?: string }): string {
  return name === undefined ? '' : `constraint ${quote(name)} `;
}

/** @param key the constraint that a key made by the database is. */
export function columnText(column: ColumnSnapshot, text: TableText, key = ''): string {
  const { name, type, nullable, identity, generated, collation } = column;
  const parts = [quote(name)];
  if (type !== '') parts.push(type);
  if (key !== '') parts.push(key);
  if (identity) parts.push(text.identity(column));
  if (!nullable && key === '') parts.push('not null');
  if (collation !== undefined) parts.push(`collate ${quote(collation)}`);
  if (column.default !== undefined) parts.push(`default (${column.default})`);
  if (generated) parts.push(`generated always as (${generated.expression}) ${generated.stored ? 'stored' : 'virtual'}`);
  return parts.filter(Boolean).join(' ');
}

export function constraintText(constraint: Constraint, text: TableText): string {
  return `${constraintName(constraint)}${demandText(constraint, text)}`;
}

function demandText(constraint: Constraint, text: TableText): string {
  if (constraint.kind === 'foreignKey') {
    return `foreign key (${periodText(constraint, constraint.columns)}) ${referencesText(constraint, text)}`;
  }
  const conflict = constraint.onConflict === undefined ? '' : ` on conflict ${constraint.onConflict}`;
  if (constraint.kind === 'check') {
    return `check (${constraint.expression})${conflict}${validityText(constraint)}`;
  }
  const kind = constraint.kind === 'unique' ? 'unique' : 'primary key';
  const nulls = constraint.nullsNotDistinct ? ' nulls not distinct' : '';
  const overlaps = constraint.withoutOverlaps ? ' without overlaps' : '';
  return `${kind}${nulls} (${quoteAll(constraint.columns)}${overlaps})${deferral(constraint)}${conflict}`;
}

function referencesText(key: ForeignKeySnapshot, text: TableText): string {
  const { onDelete, onUpdate, match } = key;
  return [
    `references ${text.target(key)} (${periodText(key, key.references)})`,
    match && ` match ${match}`,
    onDelete && ` on delete ${onDelete}`,
    onUpdate && ` on update ${onUpdate}`,
    deferral(key),
    validityText(key),
  ]
    .filter(Boolean)
    .join('');
}

/** The columns of one side of a foreign key. */
function periodText({ period }: ForeignKeySnapshot, columns: readonly string[]): string {
  const last = columns.length - 1;
  return columns.map((name, at) => `${period && at === last ? 'period ' : ''}${quote(name)}`).join(', ');
}

function validityText({ notValid, notEnforced }: Pick<ForeignKeySnapshot, 'notValid' | 'notEnforced'>): string {
  return notEnforced ? ' not enforced' : notValid ? ' not valid' : '';
}

function deferral({ deferrable }: { readonly deferrable?: 'immediate' | 'deferred' }): string {
  return deferrable === undefined ? '' : ` deferrable initially ${deferrable}`;
}

/** What follows the name of an index: its method, its terms and its condition. */
export function indexTail(index: IndexSnapshot): string {
  const { method, include, where, nullsNotDistinct } = index;
  return [
    method === undefined ? '' : `using ${method} `,
    `(${index.on.map(termText).join(', ')})`,
    include ? ` include (${quoteAll(include)})` : '',
    nullsNotDistinct ? ' nulls not distinct' : '',
    where === undefined ? '' : ` where ${where}`,
  ].join('');
}

function termText({ column, expression, collation, operators, descending, nulls }: IndexTerm): string {
  return [
    column === undefined ? `(${expression})` : quote(column),
    collation === undefined ? '' : ` collate ${quote(collation)}`,
    operators === undefined ? '' : ` ${operators}`,
    descending ? ' desc' : '',
    nulls === undefined ? '' : ` nulls ${nulls}`,
  ].join('');
}
