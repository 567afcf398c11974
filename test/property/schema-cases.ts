import {
  createAll,
  createEngine,
  ddl,
  dropAll,
  index,
  integer,
  MetaData,
  select,
  sql,
  table,
  text,
  view,
} from 'cinnabar';
import {
  bigint,
  boolean,
  bytes,
  double,
  numeric,
  type Column,
  type Driver,
  type Flag,
  type SchemaChange,
  type TableDefinition,
} from 'cinnabar';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { TestDatabase } from '../support/database.ts';

// Random schemas: what the database says of itself is what the metadata says, and dropAll leaves nothing.

const ACTIONS = ['cascade', 'set null', 'set default', 'restrict', 'no action', undefined] as const;
const TYPES = [integer, bigint, text, boolean, double, bytes, () => numeric(10, 2)] as const;

const oddName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    'select',
    'rowid',
    'order "by"',
    "it's",
    '1',
    'ünï',
    '😀',
    '"',
    '; drop table x',
    'a b',
    '`',
    '[x]',
    '--',
  ),
  fc.stringMatching(/^[a-z]\w{0,80}$/),
);
const isName = (name: string): boolean =>
  name.isWellFormed() && !/[\0.]/.test(name) && !/^(?:sqlite_|_cf_)/i.test(name) && name === name.trim();
/** A name, made unlike all others by its place. */
const nameOf = (name: string, at: number): string => (isName(name) ? `${name}${at}` : `n${at}`);

const column = fc.record({
  name: oddName,
  type: fc.nat(TYPES.length - 1),
  nullable: fc.boolean(),
  unique: fc.integer({ min: 0, max: 5 }),
  collate: fc.integer({ min: 0, max: 5 }),
  initial: fc.integer({ min: 0, max: 4 }),
  checks: fc.integer({ min: 0, max: 3 }),
  computed: fc.constantFrom(undefined, undefined, undefined, { stored: true }, { stored: false }),
  target: fc.option(fc.nat(1000), { freq: 2 }),
  onDelete: fc.constantFrom(...ACTIONS),
  onUpdate: fc.constantFrom(...ACTIONS),
  deferrable: fc.constantFrom('immediate', 'deferred', undefined),
});
const tableSpec = fc.record({
  name: oddName,
  key: fc.constantFrom('generated', 'autoincrement', 'text', 'composite', 'none'),
  columns: fc.array(column, { minLength: 1, maxLength: 7 }),
  strict: fc.boolean(),
  withoutRowid: fc.boolean(),
  indexes: fc.array(
    fc.record({
      on: fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }),
      unique: fc.boolean(),
      desc: fc.boolean(),
      partial: fc.boolean(),
      expression: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  pair: fc.option(fc.nat(1000)),
  seen: fc.integer({ min: 0, max: 5 }),
});
type TableSpec = typeof tableSpec extends fc.Arbitrary<infer T> ? T : never;

/** Specs of schemas of so many tables. */
export function schemaSpecs(min: number, max: number): fc.Arbitrary<TableSpec[]> {
  return fc.array(tableSpec, { minLength: min, maxLength: max, size: 'max' });
}

/** A metadata as the specs say; targets without a key are replaced by the next that has a sole one. */
export function build(specs: readonly TableSpec[]): MetaData {
  const metadata = new MetaData();
  const sole = specs.flatMap((spec, at) => (spec.key === 'composite' || spec.key === 'none' ? [] : [at]));
  const composite = specs.flatMap((spec, at) => (spec.key === 'composite' ? [at] : []));
  const tableName = (at: number): string => nameOf(specs[at]!.name, at);
  specs.forEach((spec, place) => {
    const columns: Record<string, unknown> = {};
    if (spec.key === 'generated' || spec.key === 'autoincrement') {
      columns['id'] = integer().primaryKey({ autoincrement: spec.key === 'autoincrement' });
    }
    if (spec.key === 'text') columns['id'] = text().primaryKey();
    if (spec.key === 'none') columns['plain'] = text();
    if (spec.key === 'composite') {
      columns['left'] = integer().primaryKey({ generated: false });
      columns['right'] = text().primaryKey();
    }
    spec.columns.forEach((item, at) => {
      columns[`c${at}`] = columnOf(
        item,
        at,
        item.target === null ? undefined : sole[item.target % sole.length],
        tableName,
      );
    });
    const paired = spec.pair === null ? undefined : composite[spec.pair % composite.length];
    if (paired !== undefined) {
      columns['pairLeft'] = integer();
      columns['pairRight'] = text();
    }
    const made = table(tableName(place), columns as Record<string, ReturnType<typeof text>>, {
      metadata,
      strict: spec.strict,
      withoutRowid: spec.withoutRowid && (spec.key === 'text' || spec.key === 'composite'),
      ...(paired === undefined
        ? {}
        : {
            foreignKeys: [
              {
                columns: ['pairLeft', 'pairRight'],
                references: `${tableName(paired)}.left,right`,
                onUpdate: 'cascade' as const,
              },
            ],
          }),
      constrain: (c) => ({
        checks: { 'it "is"': sql<boolean>`${Object.values(c)[0]} is not 'never'` },
        indexes: spec.indexes.map((item, at) => {
          const terms = item.on.map((name) => c[`c${name % spec.columns.length}`]!);
          const by = terms.map((term) => (item.expression ? sql`lower(${term})` : item.desc ? term.desc() : term));
          const plain = index(...by).named(nameOf(`ix ${place}`, at));
          const partial = item.partial ? plain.where(sql<boolean>`${terms[0]} is not null`) : plain;
          return item.unique ? partial.unique() : partial;
        }),
      }),
    });
    if (spec.seen === 0) view(`view ${place}`, select({ theFirst: Object.values(made.c)[0]! }), { metadata });
  });
  return metadata;
}

type ColumnSpec = TableSpec['columns'][number];

function columnOf(
  spec: ColumnSpec,
  at: number,
  target: number | undefined,
  tableName: (at: number) => string,
): unknown {
  const type = TYPES[spec.type] as typeof text;
  let made: Column<string, Flag> = type().named(nameOf(spec.name, at));
  if (spec.unique === 0) made = made.unique();
  if (spec.collate === 0) made = made.collate('nocase');
  for (let check = 0; check < spec.checks - 1; check++)
    made = made.check((c) => sql`${c[`c${at}`]} is not ${check}`, `c${check}${at}`);
  const isComputed = spec.computed !== undefined;
  if (isComputed) made = made.generatedAs(sql`length('x')`, spec.computed);
  else if (spec.initial === 0) made = made.defaultSql(sql`abs(${-5})`);
  if (target !== undefined) {
    const changes = (action: string | undefined): boolean => action !== undefined && /^(?:set|cascade)/.test(action);
    const onDelete = isComputed && changes(spec.onDelete) ? undefined : spec.onDelete;
    const onUpdate = isComputed && changes(spec.onUpdate) ? undefined : spec.onUpdate;
    made = made.references(`${tableName(target)}.id`, {
      ...(onDelete && { onDelete }),
      ...(onUpdate && { onUpdate }),
      ...(spec.deferrable && { deferrable: spec.deferrable }),
    });
    if (onDelete === 'set null' || onUpdate === 'set null') return made.nullable();
  }
  return spec.nullable ? made.nullable() : made;
}

/** What the database says of itself, and what the metadata says, in one form. */
interface Said {
  readonly tables: unknown;
  readonly columns: unknown;
  readonly foreignKeys: unknown;
  readonly indexes: unknown;
  readonly views: unknown;
}

const OWN = "m.name not like 'sqlite~_%' escape '~' and m.name not like '~_cf~_%' escape '~'";

async function said(db: TestDatabase): Promise<Said> {
  const [tables, columns, foreignKeys, indexes, views] = await db.read([
    `select m.name, l.strict, l.wr from sqlite_master m join pragma_table_list l on l.name = m.name and l.schema = 'main' where m.type = 'table' and ${OWN}`,
    `select m.name as t, x.name, x.type, x."notnull", x.dflt_value is not null as d, x.pk, x.hidden from sqlite_master m, pragma_table_xinfo(m.name) x where m.type = 'table' and ${OWN} order by m.name, x.cid`,
    `select m.name, f.id, f."table", f."from", f."to", f.on_update, f.on_delete from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table' and ${OWN} order by m.name, f.id, f.seq`,
    `select m.name as t, i.origin, case i.origin when 'c' then i.name end as o, i."unique", i.partial, i.name as i, x.name as c, x."desc", lower(x.coll) as l from sqlite_master m, pragma_index_list(m.name) i, pragma_index_xinfo(i.name) x where x.key = 1 and m.type = 'table' and ${OWN} order by m.name, i.seq, x.seqno`,
    `select m.name as v, x.name from sqlite_master m, pragma_table_xinfo(m.name) x where m.type = 'view' and ${OWN} order by m.name, x.cid`,
  ]);
  return {
    tables: sorted(tables!),
    columns: sorted(columns!),
    foreignKeys: grouped(foreignKeys!, 2),
    indexes: grouped(
      indexes!.map((row) => [row[0], row[5], ...row.slice(1, 5), ...row.slice(6)]),
      2,
    ),
    views: sorted(views!),
  };
}

/** Rows that share their first cells are of one thing: the second cell, a number or a name of the database's own, is left out. */
function grouped(rows: readonly (readonly unknown[])[], cells: number): string[] {
  const groups = new Map<string, unknown[]>();
  for (const row of rows) {
    const id = JSON.stringify(row.slice(0, cells));
    groups.set(id, [...(groups.get(id) ?? [row[0]]), row.slice(cells)]);
  }
  return sorted([...groups.values()]);
}

function sorted(items: readonly unknown[]): string[] {
  return items.map((item) => JSON.stringify(item)).toSorted();
}

function expected(changes: readonly SchemaChange[]): Said {
  const tables = changes.flatMap((change) => (change.kind === 'createTable' ? [change.table] : []));
  const indexes = changes.flatMap((change) => (change.kind === 'createIndex' ? [change.index] : []));
  const views = changes.flatMap((change) => (change.kind === 'createView' ? [change.view] : []));
  const collation = (name: string, at: TableDefinition): string =>
    at.columns.find((item) => item.name === name)?.collation ?? 'binary';
  return {
    tables: sorted(tables.map((item) => [item.name, Number(item.strict), Number(item.withoutRowid)])),
    columns: sorted(
      tables.flatMap((item) =>
        item.columns.map((of) => [
          item.name,
          of.name,
          sqliteDialect.codec(of.type).ddl.toUpperCase(),
          Number(!of.nullable && !of.identity),
          Number(of.default !== undefined),
          (item.primaryKey?.columns.indexOf(of.name) ?? -1) + 1,
          of.computed ? (of.computed.stored ? 3 : 2) : 0,
        ]),
      ),
    ),
    foreignKeys: sorted(
      tables.flatMap((item) =>
        item.foreignKeys.map((key) => [
          item.name,
          ...key.columns.map((name, at) => [
            key.target.name,
            name,
            key.references[at],
            (key.onUpdate ?? 'no action').toUpperCase(),
            (key.onDelete ?? 'no action').toUpperCase(),
          ]),
        ]),
      ),
    ),
    indexes: sorted([
      ...tables.flatMap((item) => {
        const isRowid = item.columns.some((of) => of.identity);
        const keys = [
          ...(item.primaryKey && !isRowid ? [['pk', item.primaryKey.columns] as const] : []),
          ...item.uniques.map((unique) => ['u', unique.columns] as const),
        ];
        return keys.map(([origin, names]) => [
          item.name,
          ...names.map((name) => [origin, null, 1, 0, name, 0, collation(name, item)]),
        ]);
      }),
      ...indexes.map((item) => {
        const of = tables.find((other) => other.name === item.table)!;
        return [
          item.table,
          ...item.on.map((by) => {
            const { expression, descending } = by as unknown as { expression: { name?: string }; descending: boolean };
            const { name } = expression;
            return [
              'c',
              item.name,
              Number(item.unique),
              Number(item.where !== undefined),
              name ?? null,
              Number(descending),
              name === undefined ? 'binary' : collation(name, of),
            ];
          }),
        ];
      }),
    ]),
    views: sorted(views.flatMap((item) => item.columns.map((name) => [item.name, name]))),
  };
}

/** How many tables a schema has, and how many schemas are tried. */
export interface Size {
  readonly tables: readonly [min: number, max: number];
  readonly runs: number;
  readonly seed?: number;
}

/** Creates, looks and drops, for random schemas; returns how much there was to see. */
export async function trySchemas(
  open: () => Driver,
  { tables: [min, max], runs, seed }: Size,
): Promise<Record<string, number>> {
  const counts = { tables: 0, columns: 0, foreignKeys: 0, indexes: 0, views: 0 };
  await fc.assert(
    fc.asyncProperty(schemaSpecs(min, max), async (given) => {
      const metadata = build(given);
      const changes = ddl(metadata);
      const driver = open();
      const engine = createEngine(driver);
      const db = new TestDatabase(driver);
      await createAll(engine, metadata);
      await createAll(engine, metadata);
      const found = await said(db);
      expect(found).toEqual(expected(changes));
      await namesAreThere(db, changes);
      await dropAll(engine, metadata);
      expect(await db.values(`select name from sqlite_master m where ${OWN}`)).toEqual([]);
      for (const key of ['tables', 'columns', 'foreignKeys', 'indexes', 'views'] as const)
        counts[key] += (found[key] as unknown[]).length;
    }),
    { numRuns: runs, endOnFailure: true, ...(seed === undefined ? {} : { seed }) },
  );
  return counts;
}

/** The names of constraints, and what no pragma tells, stand in the text that the database keeps. */
async function namesAreThere(db: TestDatabase, changes: readonly SchemaChange[]): Promise<void> {
  const texts = new Map(
    (await db.rows("select name, sql from sqlite_master where type = 'table'")).map(([name, text]) => [
      name,
      String(text),
    ]),
  );
  for (const change of changes) {
    if (change.kind !== 'createTable') continue;
    const { table: item } = change;
    const kept = texts.get(item.name)!;
    for (const name of [
      ...item.uniques,
      ...item.checks,
      ...item.foreignKeys,
      ...(item.primaryKey ? [item.primaryKey] : []),
    ]) {
      expect(kept).toContain(`constraint ${sqliteDialect.quote(name.name)} `);
    }
    const deferred = item.foreignKeys.filter((key) => key.deferrable === 'deferred').length;
    expect(kept.split('deferrable initially deferred').length - 1).toBe(deferred);
    expect(kept.includes('autoincrement')).toBe(item.columns.some((of) => of.identity === 'once'));
  }
}
