import type { Question } from '../dialect.ts';
import { findTable, isSame } from '../names.ts';
import type {
  CheckSnapshot,
  ColumnSnapshot,
  IndexSnapshot,
  ObjectName,
  SchemaSnapshot,
  TableSnapshot,
  ViewSnapshot,
} from '../snapshot.ts';
import { constraintText, indexTail } from '../text/ddl.ts';
import { literal, quote, quoteAll } from '../text/quote.ts';
import { canonical } from '../text/tokens.ts';
import { postgresText } from './text.ts';
import { isOfEnum } from './type-key.ts';

const PROBE = 'pg_temp.cinnabar_probe';

/** Something that the database is asked to write in its own words: statements, and a query that reads what it made of it. */
interface Probe {
  readonly key: string;
  readonly make: string;
  readonly read: string;
}

/**
 * PostgreSQL keeps expressions as trees and writes them in its own words: `age in (1, 2)` comes back as
 * `(age = ANY (ARRAY[1, 2]))`. Those of `desired` that differ in text are written to a temporary table of the same
 * columns, read back, and undone, all in one statement.
 */
export function reconciliation(
  actual: SchemaSnapshot,
  desired: SchemaSnapshot,
): Question<SchemaSnapshot | undefined> | undefined {
  const groups = desired.tables.flatMap((table) => {
    const found = findTable(actual, table);
    const probes = found ? tableProbes(found, table) : [];
    return probes.length > 0 ? [{ table, probes }] : [];
  });
  const views = desired.views.flatMap((view) => {
    const found = actual.views.find((other) => isSame(other, view));
    return found && canonical(found.query) !== canonical(view.query) ? [viewProbe(view)] : [];
  });
  const probes = [...groups.flatMap((group) => group.probes), ...views];
  if (probes.length === 0) return undefined;
  const places = new Map(probes.map(({ key }, at) => [key, at + 1]));
  const missing = desired.enums.filter((of) => !actual.enums.some((other) => isSame(other, of)));
  const blocks = [
    ...groups.map(({ table, probes: own }) =>
      undone(`${probeTable(table, missing)};\n${own.map((probe) => block(probe, places)).join('\n')}`),
    ),
    ...views.map((probe) => block(probe, places)),
  ];
  const body = blocks.join('\n');
  const tag = freeTag(body);
  // Kept by the connection for the statement after it, in no transaction: each of its statements would be a round trip of
  // its own where nothing is pipelined. Behind a pooler, another connection may answer, and does not know the word.
  const word = crypto.randomUUID();
  const keep = `perform set_config('cinnabar.written', '${word}' || array_to_json(r)::text, false)`;
  return {
    statements: [
      `do ${tag} declare r text[] := array_fill(null::text, array[${probes.length}]); t text; begin\n${body}\n${keep}; end ${tag}`,
      `select current_setting('cinnabar.written', true), set_config('cinnabar.written', '', false)`,
    ],
    read: (answers) => {
      const text = (answers[1]![0]![0] as string | null) ?? '';
      if (!text.startsWith(word)) return undefined;
      const written = JSON.parse(text.slice(word.length)) as readonly (string | null)[];
      return replaced(actual, desired, (key) => written[(places.get(key) ?? 0) - 1] ?? undefined);
    },
  };
}

/** A quote of dollars that does not stand in the text. */
function freeTag(text: string): string {
  let tag = '$cinnabar$';
  for (let at = 1; text.includes(tag); at++) tag = `$cinnabar${at}$`;
  return tag;
}

/** Runs a block and takes back what it did; an error of it is none of ours. */
function undone(body: string): string {
  return `begin ${body}\nraise exception 'undone'; exception when others then null; end;`;
}

function block({ key, make, read }: Probe, places: ReadonlyMap<string, number>): string {
  return undone(`${make}; t := (${read}); r[${places.get(key)}] := t;`);
}

/** @param missing types that are still to be made: no expression but of their own columns waits for them. */
function probeTable(table: TableSnapshot, missing: readonly ObjectName[]): string {
  const columns = table.columns.map(({ name, type, collation }) => {
    const there = missing.some((of) => isOfEnum(of, type)) ? 'text' : type;
    return `${quote(name)} ${there}${collation === undefined ? '' : ` collate ${quote(collation)}`}`;
  });
  return `create temporary table cinnabar_probe (${columns.join(', ')})`;
}

const keyFor = (table: TableSnapshot, kind: string, name: string): string =>
  JSON.stringify([table.schema, table.name, kind, name]);

/** A column of the probe, and the expression that belongs to it. */
const ofColumn = (name: string): string =>
  `select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = '${PROBE}'::regclass and a.attname = ${literal(name)}`;

function tableProbes(found: TableSnapshot, table: TableSnapshot): Probe[] {
  const others = new Map(found.columns.map((column) => [column.name, column]));
  const columns = table.columns.flatMap((column) => columnProbes(table, column, others.get(column.name)));
  const known = new Set(found.checks.map(({ expression }) => canonical(expression)));
  const checks =
    found.checks.length === 0 ? [] : table.checks.filter(({ expression }) => !known.has(canonical(expression)));
  const indexes = table.indexes.flatMap((index) => {
    const other = found.indexes.find(({ name }) => name === index.name);
    return other && hasExpressions(index) && textOf(other) !== textOf(index) ? [indexProbe(table, index)] : [];
  });
  return [...columns, ...checks.map((check) => checkProbe(table, check)), ...indexes];
}

function columnProbes(table: TableSnapshot, column: ColumnSnapshot, other: ColumnSnapshot | undefined): Probe[] {
  const { name, generated } = column;
  const probes: Probe[] = [];
  if (
    column.default !== undefined &&
    other?.default !== undefined &&
    canonical(column.default) !== canonical(other.default)
  ) {
    const make = `alter table ${PROBE} alter column ${quote(name)} set default (${column.default})`;
    probes.push({ key: keyFor(table, 'default', name), make, read: ofColumn(name) });
  }
  if (generated && other?.generated && canonical(generated.expression) !== canonical(other.generated.expression)) {
    const made = 'cinnabar_generated';
    const make = `alter table ${PROBE} add column ${made} ${column.type} generated always as (${generated.expression}) stored`;
    probes.push({ key: keyFor(table, 'generated', name), make, read: ofColumn(made) });
  }
  return probes;
}

function checkProbe(table: TableSnapshot, { expression }: CheckSnapshot): Probe {
  const text = constraintText({ kind: 'check', name: 'cinnabar_check', expression }, postgresText);
  return {
    key: keyFor(table, 'check', expression),
    make: `alter table ${PROBE} add ${text}`,
    read: `select pg_get_expr(conbin, conrelid) from pg_constraint where conrelid = '${PROBE}'::regclass and conname = 'cinnabar_check'`,
  };
}

function hasExpressions({ on, where }: IndexSnapshot): boolean {
  return where !== undefined || on.some(({ expression }) => expression !== undefined);
}

function textOf({ on, where = '' }: IndexSnapshot): string {
  return JSON.stringify([canonical(where), ...on.map(({ expression = '' }) => canonical(expression))]);
}

function indexProbe(table: TableSnapshot, index: IndexSnapshot): Probe {
  const terms = index.on.map((_, at) => `pg_get_indexdef(i.indexrelid, ${at + 1}, false)`).join(', ');
  return {
    key: keyFor(table, 'index', index.name),
    make: `create index cinnabar_index on ${PROBE} ${indexTail(index)}`,
    read: `select json_build_array(pg_get_expr(i.indpred, i.indrelid), ${terms})::text from pg_index i where i.indexrelid = 'pg_temp.cinnabar_index'::regclass`,
  };
}

function viewProbe(view: ViewSnapshot): Probe {
  const columns = view.columns ? ` (${quoteAll(view.columns)})` : '';
  return {
    key: JSON.stringify([view.schema, view.name, 'view']),
    make: `create temporary view cinnabar_view${columns} as ${view.query}`,
    read: `select pg_get_viewdef('pg_temp.cinnabar_view'::regclass)`,
  };
}

/** `desired`, with the words of `actual` where the database says that both mean the same. */
function replaced(
  actual: SchemaSnapshot,
  desired: SchemaSnapshot,
  written: (key: string) => string | undefined,
): SchemaSnapshot {
  const tables = desired.tables.map((table) => {
    const found = findTable(actual, table);
    return found ? replacedTable(found, table, written) : table;
  });
  const views = desired.views.map((view) => {
    const other = actual.views.find((of) => isSame(of, view));
    const text = written(JSON.stringify([view.schema, view.name, 'view']));
    if (!other || text === undefined || canonical(text.replace(/;\s*$/, '')) !== canonical(other.query)) return view;
    return { ...view, ...other };
  });
  return { ...desired, tables, views };
}

function replacedTable(
  found: TableSnapshot,
  table: TableSnapshot,
  written: (key: string) => string | undefined,
): TableSnapshot {
  const others = new Map(found.columns.map((column) => [column.name, column]));
  const isSaid = (kind: string, name: string, text: string | undefined): boolean => {
    const own = written(keyFor(table, kind, name));
    return own !== undefined && text !== undefined && canonical(own) === canonical(text);
  };
  return {
    ...table,
    columns: table.columns.map((column) => {
      const other = others.get(column.name);
      const { generated } = column;
      return {
        ...column,
        ...(isSaid('default', column.name, other?.default) && { default: other!.default! }),
        ...(generated &&
          isSaid('generated', column.name, other?.generated?.expression) && {
            generated: { ...generated, expression: other!.generated!.expression },
          }),
      };
    }),
    checks: table.checks.map((check) => {
      const same = found.checks.find(({ expression }) => isSaid('check', check.expression, expression));
      return same ? { ...check, expression: same.expression } : check;
    }),
    indexes: table.indexes.map((index) => {
      const other = found.indexes.find(({ name }) => name === index.name);
      const text = written(keyFor(table, 'index', index.name));
      return other && text !== undefined ? inWordsOf(other, index, JSON.parse(text) as (string | null)[]) : index;
    }),
  };
}

function inWordsOf(
  other: IndexSnapshot,
  index: IndexSnapshot,
  [where, ...terms]: readonly (string | null)[],
): IndexSnapshot {
  return {
    ...index,
    on: index.on.map((term, at) => {
      const expression = other.on[at]?.expression;
      const isAlike =
        expression !== undefined &&
        term.expression !== undefined &&
        canonical(terms[at] ?? '') === canonical(expression);
      return isAlike ? { ...term, expression } : term;
    }),
    ...(other.where !== undefined && where && canonical(where) === canonical(other.where) && { where: other.where }),
  };
}
