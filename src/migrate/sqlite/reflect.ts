import type { Answers, Question, Schemas } from '../dialect.ts';
import { nameOf } from '../names.ts';
import type { ForeignKeySnapshot, SchemaSnapshot, TableSnapshot, ViewSnapshot } from '../snapshot.ts';
import { quote } from '../text/quote.ts';
import { parseIndex, parseView } from './parse-index.ts';
import { known, parseTable } from './parse-table.ts';
import { settled } from './settled.ts';

/** Tables that belong to the database, to Cloudflare or to a migration under way. */
const OWN = ['sqlite_', '_cf_', '_cinnabar_aside_'];

/**
 * Reads the texts that the database keeps: the text of a table alone has the names of its constraints, its checks and what
 * was said in another way than pragmas repeat it. One statement for the texts, one for what is no ordinary table.
 */
export function reflection(schemas: Schemas): Question<SchemaSnapshot> {
  const attached = schemas === 'all' ? [] : schemas;
  const places = [undefined, ...attached.filter((name) => name !== 'main')];
  return {
    statements: [
      ...places.map((schema) => {
        const from = schema === undefined ? 'sqlite_master' : `${quote(schema)}.sqlite_master`;
        return `select type, name, tbl_name, sql from ${from} where sql is not null order by rowid`;
      }),
      "select schema, name, type from pragma_table_list where type in ('virtual', 'shadow')",
    ],
    read: (answers) => read(places, answers),
  };
}

function read(places: readonly (string | undefined)[], answers: Answers): SchemaSnapshot {
  const kinds = new Map(
    answers[places.length]!.map(([schema, name, type]) => [`${String(schema)}\0${String(name)}`, String(type)]),
  );
  const parts = places.map((schema, at) => readPlace(schema, answers[at]!, kinds));
  return {
    dialect: 'sqlite',
    schemas: places.filter((name) => name !== undefined),
    tables: parts.flatMap(({ tables }) => tables),
    enums: [],
    views: parts.flatMap(({ views }) => views),
  };
}

function readPlace(
  schema: string | undefined,
  rows: readonly (readonly unknown[])[],
  kinds: ReadonlyMap<string, string>,
): { tables: TableSnapshot[]; views: ViewSnapshot[] } {
  const place = schema === undefined ? {} : { schema };
  const entries = rows
    .map(([type, name, table, sql]) => ({
      type: String(type),
      name: String(name),
      table: String(table),
      sql: String(sql),
    }))
    .filter(({ table }) => !OWN.some((prefix) => table.toLowerCase().startsWith(prefix)));
  const of = (wanted: string): typeof entries => entries.filter(({ type }) => type === wanted);
  const parsed = of('table').flatMap(({ name, sql }): TableSnapshot[] => {
    const kind = kinds.get(`${schema ?? 'main'}\0${name}`);
    if (kind === 'shadow') return [];
    if (kind === 'virtual') return [{ ...place, ...parseTable(name, ''), opaque: 'a module behind it' }];
    return [{ ...place, ...parseTable(name, sql) }];
  });
  const tables = parsed.map((table): TableSnapshot => {
    const isOwn = (entry: { readonly table: string }): boolean =>
      entry.table.toLowerCase() === table.name.toLowerCase();
    const triggers = of('trigger').filter(isOwn);
    return settled({
      ...table,
      foreignKeys: table.foreignKeys.map((key) => resolved(key, table, parsed)),
      indexes: of('index')
        .filter(isOwn)
        .map(({ name, sql }) => parseIndex(name, sql, table)),
      ...(triggers.length > 0 && { triggers: triggers.map(({ name, sql }) => ({ name, sql })) }),
    });
  });
  const views = of('view').map(({ name, sql }) => ({ ...place, ...parseView(name, sql) }));
  return { tables, views };
}

/** A key in the names with which its target was declared; without columns it leads to the primary key. */
function resolved(key: ForeignKeySnapshot, owner: TableSnapshot, tables: readonly TableSnapshot[]): ForeignKeySnapshot {
  const target = tables.find(({ name }) => name.toLowerCase() === key.target.name.toLowerCase());
  const place = owner.schema === undefined ? {} : { schema: owner.schema };
  if (!target) return { ...key, target: { ...place, ...key.target } };
  const written = key.references.length > 0 ? key.references : (target.primaryKey?.columns ?? []);
  return { ...key, target: nameOf(target), references: written.map((name) => known(target.columns, name)) };
}
