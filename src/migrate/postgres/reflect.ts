import type { Question, Schemas } from '../dialect.ts';
import { defined } from '../names.ts';
import type {
  CheckSnapshot,
  ColumnSnapshot,
  EnumSnapshot,
  ForeignKeySnapshot,
  IndexSnapshot,
  IndexTerm,
  KeySnapshot,
  SchemaSnapshot,
  TableSnapshot,
  ViewSnapshot,
} from '../snapshot.ts';
import { reflectSql } from './reflect-sql.ts';

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

interface OfTable {
  readonly table: number;
}
interface TableRow {
  readonly id: number;
  readonly schema: string | null;
  readonly name: string;
  readonly kind: string;
  readonly comment: string | null;
}
interface ColumnRow extends OfTable {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly identity: string;
  readonly generated: string;
  readonly default: string | null;
  readonly serial: boolean;
  readonly collation: string | null;
  readonly comment: string | null;
}
interface ConstraintRow extends OfTable {
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly string[] | null;
  readonly targetSchema: string | null;
  readonly target: string | null;
  readonly references: readonly string[] | null;
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly match: string;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly valid: boolean;
  /** Since PostgreSQL 18. */
  readonly period: boolean | null;
  readonly enforced: boolean | null;
  readonly expression: string | null;
  readonly nullsNotDistinct: boolean | null;
}
interface TermRow {
  readonly column: string | null;
  readonly expression: string | null;
  readonly option: number;
  readonly collation: string | null;
  readonly operators: string | null;
}
interface IndexRow extends OfTable {
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly where: string | null;
  readonly nullsNotDistinct: boolean | null;
  readonly terms: readonly TermRow[];
  readonly include: readonly string[] | null;
}
interface TriggerRow extends OfTable {
  readonly name: string;
  readonly sql: string;
}

/** What the database answers: a list is null where it is empty. */
interface Reply {
  readonly defaultSchema: string | null;
  readonly schemas: readonly string[] | null;
  readonly tables: readonly TableRow[] | null;
  readonly columns: readonly ColumnRow[] | null;
  readonly constraints: readonly ConstraintRow[] | null;
  readonly indexes: readonly IndexRow[] | null;
  readonly enums: readonly Nullable<EnumSnapshot>[] | null;
  readonly views: readonly Nullable<ViewSnapshot>[] | null;
  readonly triggers: readonly TriggerRow[] | null;
}

export function reflection(schemas: Schemas): Question<SchemaSnapshot> {
  return {
    statements: [reflectSql(schemas)],
    read: ([rows]) => read(JSON.parse(String(rows![0]![0])) as Reply),
  };
}

function read(reply: Reply): SchemaSnapshot {
  const columns = byTable(reply.columns);
  const constraints = byTable(reply.constraints);
  const indexes = byTable(reply.indexes);
  const triggers = byTable(reply.triggers);
  const tables = (reply.tables ?? []).map((table): TableSnapshot => {
    const { id, schema, name, kind, comment } = table;
    const own = constraints.get(id) ?? [];
    const of = (wanted: string): ConstraintRow[] => own.filter((item) => item.kind === wanted);
    const [primaryKey] = of('p').map(keySnapshot);
    const hooks = (triggers.get(id) ?? []).map((trigger) => ({ name: trigger.name, sql: trigger.sql }));
    return present({
      schema,
      name,
      columns: (columns.get(id) ?? []).map(columnSnapshot),
      primaryKey,
      uniques: of('u').map(keySnapshot),
      foreignKeys: of('f').map(foreignKeySnapshot),
      checks: of('c').map(checkSnapshot),
      indexes: (indexes.get(id) ?? []).map(indexSnapshot),
      triggers: hooks.length > 0 ? hooks : null,
      comment,
      opaque: kind === 'p' ? 'partitions' : null,
    });
  });
  return present({
    dialect: 'postgres',
    defaultSchema: reply.defaultSchema,
    schemas: reply.schemas ?? [],
    tables,
    enums: (reply.enums ?? []).map((item): EnumSnapshot => present({ ...item, labels: item.labels ?? [] })),
    views: (reply.views ?? []).map((view) =>
      present({ ...view, query: view.query!.replace(/;\s*$/, '').trim(), materialized: view.materialized || null }),
    ) as ViewSnapshot[],
  });
}

function byTable<T extends OfTable>(rows: readonly T[] | null): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const row of rows ?? []) {
    const group = groups.get(row.table);
    if (group) group.push(row);
    else groups.set(row.table, [row]);
  }
  return groups;
}

/** Without what is null: that is how the database says what is not there. */
function present<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], null | undefined> } {
  const filled = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(filled) as never;
}

function columnSnapshot(row: ColumnRow): ColumnSnapshot {
  const { name, type, notNull, identity, generated, serial, collation, comment } = row;
  // A sequence of the column's own that gives its default is a key that the database makes, as an identity is.
  const isSerial = serial && identity === '' && (row.default ?? '').startsWith('nextval(');
  return present({
    name,
    type,
    nullable: !notNull,
    default: isSerial || generated !== '' ? null : row.default,
    identity: identity === 'a' ? ('always' as const) : identity === 'd' || isSerial ? ('default' as const) : null,
    generated: generated === '' ? null : { expression: row.default!, stored: generated === 's' },
    collation,
    comment,
  });
}

function deferrable({ deferrable: can, deferred }: ConstraintRow): 'immediate' | 'deferred' | null {
  return can ? (deferred ? 'deferred' : 'immediate') : null;
}

function keySnapshot(row: ConstraintRow): KeySnapshot {
  return present({
    name: row.name,
    columns: row.columns ?? [],
    deferrable: deferrable(row),
    nullsNotDistinct: row.nullsNotDistinct ? (true as const) : null,
    withoutOverlaps: row.period ? (true as const) : null,
  });
}

const ACTIONS: Readonly<Record<string, ForeignKeySnapshot['onDelete']>> = {
  c: 'cascade',
  n: 'set null',
  d: 'set default',
  r: 'restrict',
};

function validity({ valid, enforced }: ConstraintRow): { notValid: true | null; notEnforced: true | null } {
  return { notValid: valid ? null : true, notEnforced: enforced === false ? true : null };
}

function foreignKeySnapshot(row: ConstraintRow): ForeignKeySnapshot {
  return present({
    name: row.name,
    columns: row.columns ?? [],
    target: present({ schema: row.targetSchema, name: row.target! }),
    references: row.references ?? [],
    onDelete: ACTIONS[row.onDelete],
    onUpdate: ACTIONS[row.onUpdate],
    deferrable: deferrable(row),
    match: row.match === 'f' ? ('full' as const) : null,
    period: row.period ? (true as const) : null,
    ...validity(row),
  });
}

function checkSnapshot(row: ConstraintRow): CheckSnapshot {
  return present({ name: row.name, expression: row.expression!, ...validity(row) });
}

function indexSnapshot(row: IndexRow): IndexSnapshot {
  return defined({
    name: row.name,
    on: row.terms.map(termSnapshot),
    unique: row.unique ? (true as const) : undefined,
    where: row.where ?? undefined,
    method: row.method === 'btree' ? undefined : row.method,
    include: row.include ?? undefined,
    nullsNotDistinct: row.nullsNotDistinct ? (true as const) : undefined,
  });
}

/** Bits of `indoption`. */
const DESCENDING = 1;
const NULLS_FIRST = 2;

function termSnapshot({ column, expression, option, collation, operators }: TermRow): IndexTerm {
  const descending = (option & DESCENDING) !== 0;
  const first = (option & NULLS_FIRST) !== 0;
  return present({
    column,
    expression,
    descending: descending ? (true as const) : null,
    nulls: first === descending ? null : first ? ('first' as const) : ('last' as const),
    collation,
    operators,
  });
}
