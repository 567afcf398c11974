import { ConfigurationError } from '../../errors/errors.ts';
import { findTable, isSame, nameOf, shown } from '../names.ts';
import { applyOperations } from '../operations/apply.ts';
import type { Operation } from '../operations/operation.ts';
import type { ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';

/**
 * What is only called otherwise: new names by old ones; null for what is gone, and no other thing. Columns and labels by
 * `table.column` and `enum.label`, in the old names.
 */
export interface Renames {
  readonly tables?: Readonly<Record<string, string | null>>;
  readonly columns?: Readonly<Record<string, string | null>>;
  readonly enums?: Readonly<Record<string, string | null>>;
  readonly labels?: Readonly<Record<string, string | null>>;
}

/** Something is gone, and something is there that it may have become. */
export interface RenameQuestion {
  readonly kind: keyof Renames;
  /** As `Renames` wants it: `users`, `users.name`. */
  readonly from: string;
  /** What it may be called now; the likeliest first. */
  readonly to: readonly string[];
}

/** A schema in which what was declared as renamed has its new name. */
export interface Renamed {
  readonly schema: SchemaSnapshot;
  readonly operations: readonly Operation[];
  readonly questions: readonly RenameQuestion[];
}

/** Carries out the renames that were declared, and asks about what may be others. */
export function renamed(from: SchemaSnapshot, to: SchemaSnapshot, renames: Renames): Renamed {
  assertKnown(from, renames);
  const operations: Operation[] = [];
  const questions: RenameQuestion[] = [];
  let schema = from;
  const apply = (operation: Operation): void => {
    schema = applyOperations(schema, [operation]);
    operations.push(operation);
  };
  const oldNames = new Map<string, TableSnapshot>();
  for (const [old, next] of matches(ordinary(from.tables), to.tables, 'tables', '', renames, questions, likeness)) {
    if (old.name !== next.name) apply({ kind: 'renameTable', table: nameOf(old), to: next.name });
    oldNames.set(shown(next), old);
  }
  for (const [old, next] of matches(from.enums, to.enums, 'enums', '', renames, questions, labelLikeness)) {
    if (old.name !== next.name) apply({ kind: 'renameEnum', enum: nameOf(old), to: next.name });
    const labels = (of: readonly string[]): ObjectName[] => of.map((name) => ({ name }));
    for (const [label, other] of matches(
      labels(old.labels),
      labels(next.labels),
      'labels',
      `${shown(old)}.`,
      renames,
      questions,
      () => 1,
    )) {
      if (label.name !== other.name)
        apply({ kind: 'renameEnumLabel', enum: nameOf(next), label: label.name, to: other.name });
    }
  }
  for (const table of to.tables) {
    const old = oldNames.get(shown(table));
    const current = findTable(schema, table);
    if (!old || !current) continue;
    for (const [column, next] of matches(
      current.columns,
      table.columns,
      'columns',
      `${shown(old)}.`,
      renames,
      questions,
      columnLikeness,
    )) {
      if (column.name !== next.name)
        apply({ kind: 'renameColumn', table: nameOf(table), column: column.name, to: next.name });
    }
  }
  return { schema, operations, questions };
}

/** A table that no snapshot can say is left alone. */
function ordinary(tables: readonly TableSnapshot[]): TableSnapshot[] {
  return tables.filter(({ opaque }) => opaque === undefined);
}

/** What is there on both sides, by its name or by one that was declared. */
function matches<T extends ObjectName>(
  from: readonly T[],
  to: readonly T[],
  kind: keyof Renames,
  prefix: string,
  renames: Renames,
  questions: RenameQuestion[],
  score: (left: T, right: T) => number,
): (readonly [T, T])[] {
  const declared = renames[kind] ?? {};
  const found: (readonly [T, T])[] = [];
  const gone: T[] = [];
  for (const old of from) {
    const key = `${prefix}${shown(old)}`;
    const next = Object.hasOwn(declared, key) ? declared[key] : undefined;
    const same =
      next === undefined
        ? to.find((other) => isSame(other, old))
        : to.find((other) => other.name === next && other.schema === old.schema);
    if (same) found.push([old, same]);
    else if (typeof next === 'string')
      throw new ConfigurationError(`renames: '${key}' is to be '${next}', which the models do not have`);
    else if (next === undefined) gone.push(old);
  }
  const taken = new Set(found.map(([, next]) => next));
  const fresh = to.filter((other) => !taken.has(other));
  for (const old of gone) {
    const candidates = fresh
      .filter((other) => other.schema === old.schema)
      .map((other) => ({ name: other.name, score: score(old, other) }))
      .filter((other) => other.score > 0)
      .toSorted((left, right) => right.score - left.score);
    if (candidates.length > 0)
      questions.push({ kind, from: `${prefix}${shown(old)}`, to: candidates.map(({ name }) => name) });
  }
  return found;
}

/** How many of their columns two tables share. */
function likeness(left: TableSnapshot, right: TableSnapshot): number {
  const names = new Set(left.columns.map(({ name }) => name));
  const shared = right.columns.filter(({ name }) => names.has(name)).length;
  return shared / Math.max(left.columns.length, right.columns.length, 1);
}

function labelLikeness(
  left: { readonly labels: readonly string[] },
  right: { readonly labels: readonly string[] },
): number {
  return left.labels.filter((label) => right.labels.includes(label)).length;
}

function columnLikeness(left: TableSnapshot['columns'][number], right: TableSnapshot['columns'][number]): number {
  return (left.type === right.type ? 2 : 1) + (left.nullable === right.nullable ? 0.5 : 0);
}

/** A name that is there on neither side is a slip. */
function assertKnown(from: SchemaSnapshot, renames: Renames): void {
  const known: Readonly<Record<keyof Renames, readonly string[]>> = {
    tables: from.tables.map(shown),
    columns: from.tables.flatMap((table) => table.columns.map(({ name }) => `${shown(table)}.${name}`)),
    enums: from.enums.map(shown),
    labels: from.enums.flatMap((of) => of.labels.map((label) => `${shown(of)}.${label}`)),
  };
  for (const kind of Object.keys(known) as (keyof Renames)[]) {
    for (const name of Object.keys(renames[kind] ?? {})) {
      if (!known[kind].includes(name))
        throw new ConfigurationError(`renames: there is no '${name}' among the ${kind} that the database has`);
    }
  }
}
