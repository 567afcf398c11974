import type { DialectRules } from '../dialect.ts';
import { nameOf } from '../names.ts';
import { constraintsOf, demandOf } from '../operations/constraints.ts';
import type { Constraint, Operation } from '../operations/operation.ts';
import type { ColumnSnapshot, IndexSnapshot, IndexTerm, TableSnapshot } from '../snapshot.ts';
import { canonical } from '../text/tokens.ts';

/** The operations on one table, by what they do to it. */
export interface TableDifference {
  readonly drops: Operation[];
  readonly columns: Operation[];
  readonly adds: Operation[];
  readonly foreignKeys: Operation[];
  readonly comments: Operation[];
}

/** From one table to another of the same name. */
export function tableDifference(
  from: TableSnapshot,
  to: TableSnapshot,
  dialect: DialectRules,
  isNamed: boolean,
): TableDifference {
  const table = nameOf(to);
  const constraints = constraintDifference(from, to, isNamed);
  const indexes = indexDifference(from, to);
  const settings = (of: TableSnapshot): { strict?: true; withoutRowid?: true } => ({
    ...(of.strict && { strict: true }),
    ...(of.withoutRowid && { withoutRowid: true }),
  });
  const isOther = from.strict !== to.strict || from.withoutRowid !== to.withoutRowid;
  return {
    drops: [
      ...constraints.dropped.map((constraint): Operation => ({ kind: 'dropConstraint', table, constraint })),
      ...indexes.dropped.map((index): Operation => ({ kind: 'dropIndex', table, index })),
    ],
    columns: [
      ...columnDifference(from, to, dialect),
      ...(isOther ? [{ kind: 'alterTable', table, from: settings(from), to: settings(to) } as const] : []),
      ...constraints.renamed.map(([constraint, name]): Operation => ({
        kind: 'renameConstraint',
        table,
        constraint,
        to: name,
      })),
    ],
    adds: [
      ...constraints.added
        .filter(({ kind }) => kind !== 'foreignKey')
        .map((constraint): Operation => ({ kind: 'addConstraint', table, constraint })),
      ...indexes.added.map((index): Operation => ({ kind: 'createIndex', table, index })),
    ],
    foreignKeys: constraints.added
      .filter(({ kind }) => kind === 'foreignKey')
      .map((constraint): Operation => ({ kind: 'addConstraint', table, constraint })),
    comments: commentDifference(from, to),
  };
}

function columnDifference(from: TableSnapshot, to: TableSnapshot, dialect: DialectRules): Operation[] {
  const table = nameOf(to);
  const wanted = new Map(to.columns.map((column) => [column.name, column]));
  const found = new Map(from.columns.map((column) => [column.name, column]));
  const dropped = from.columns.filter(({ name }) => !wanted.has(name));
  const isKey = (name: string): boolean => [from, to].every((of) => of.primaryKey?.columns.includes(name));
  const altered = from.columns.flatMap((column): Operation[] => {
    const next = wanted.get(column.name);
    if (!next) return [];
    const isTyped = dialect.type(column.type, from) === dialect.type(next.type, to);
    // Of one meaning: what the database calls it stays. A key takes no NULL, whether or not it says so.
    const settled = {
      ...next,
      type: isTyped ? column.type : next.type,
      nullable: isKey(column.name) ? column.nullable : next.nullable,
    };
    return isSameColumn(column, settled) ? [] : [{ kind: 'alterColumn', table, from: column, to: settled }];
  });
  const added = to.columns.filter(({ name }) => !found.has(name));
  return [
    ...dropped.map((column): Operation => ({ kind: 'dropColumn', table, column })),
    ...altered,
    ...added.map((column): Operation => ({ kind: 'addColumn', table, column })),
  ];
}

function isSameColumn(left: ColumnSnapshot, right: ColumnSnapshot): boolean {
  return columnKey(left) === columnKey(right);
}

/** What a column is, as text that is equal for two that are the same; its comment is no part of it. */
function columnKey({ type, nullable, identity, generated, collation, default: initial }: ColumnSnapshot): string {
  return JSON.stringify([
    type,
    nullable,
    // Models say that the database makes a key, not that it lets no one else.
    identity === 'always' ? 'default' : identity,
    initial === undefined ? null : canonical(initial),
    generated ? [canonical(generated.expression), generated.stored] : null,
    collation?.toLowerCase(),
  ]);
}

function constraintDifference(
  from: TableSnapshot,
  to: TableSnapshot,
  isNamed: boolean,
): { dropped: Constraint[]; added: Constraint[]; renamed: [Constraint, string][] } {
  const dropped: Constraint[] = [];
  const renamed: [Constraint, string][] = [];
  const left = constraintsOf(to);
  for (const constraint of constraintsOf(from)) {
    const demand = demandOf(constraint);
    const alike = left.filter((other) => demandOf(other) === demand);
    const same = alike.find(({ name }) => name === constraint.name) ?? alike[0];
    if (!same) dropped.push(constraint);
    else {
      left.splice(left.indexOf(same), 1);
      if (isNamed && same.name !== undefined && same.name !== constraint.name) renamed.push([constraint, same.name]);
    }
  }
  return { dropped, added: left, renamed };
}

function indexDifference(
  from: TableSnapshot,
  to: TableSnapshot,
): { dropped: readonly IndexSnapshot[]; added: readonly IndexSnapshot[] } {
  const text = (table: TableSnapshot, index: IndexSnapshot): string => indexText(index, table);
  const isIn = (table: TableSnapshot, index: IndexSnapshot, own: TableSnapshot): boolean =>
    table.indexes.some((other) => other.name === index.name && text(table, other) === text(own, index));
  return {
    dropped: from.indexes.filter((index) => !isIn(to, index, from)),
    added: to.indexes.filter((index) => !isIn(from, index, to)),
  };
}

/** What an index does, as text that is equal for two that do the same. */
function indexText(
  { on, unique, where = '', method, include, nullsNotDistinct }: IndexSnapshot,
  table: TableSnapshot,
): string {
  return JSON.stringify([
    on.map((term) => termText(term, table)),
    unique,
    canonical(where),
    method,
    include,
    nullsNotDistinct,
  ]);
}

function termText(
  { column, expression = '', descending, nulls, collation, operators }: IndexTerm,
  table: TableSnapshot,
): unknown {
  const own = table.columns.find(({ name }) => name === column)?.collation;
  const isOwn = collation?.toLowerCase() === own?.toLowerCase();
  // NULLs come last, or first where the order descends, without being told.
  const usual = descending ? 'first' : 'last';
  return [
    column,
    canonical(expression),
    descending,
    nulls === usual ? undefined : nulls,
    isOwn ? undefined : collation?.toLowerCase(),
    operators,
  ];
}

function commentDifference(from: TableSnapshot, to: TableSnapshot): Operation[] {
  const table = nameOf(to);
  const said = (left: string | undefined, right: string | undefined, column?: string): Operation[] =>
    left === right
      ? []
      : [
          {
            kind: 'setComment',
            table,
            ...(column !== undefined && { column }),
            ...(left !== undefined && { from: left }),
            ...(right !== undefined && { to: right }),
          },
        ];
  return [
    ...said(from.comment, to.comment),
    ...to.columns.flatMap((column) => {
      const old = from.columns.find(({ name }) => name === column.name);
      return old ? said(old.comment, column.comment, column.name) : [];
    }),
  ];
}
