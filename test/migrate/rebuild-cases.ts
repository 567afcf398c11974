import type { Driver } from 'cinnabar';
import { createEngine } from 'cinnabar';
import {
  applyOperations,
  diff,
  reflect,
  render,
  type ColumnSnapshot,
  type ForeignKeySnapshot,
  type Operation,
  type SchemaSnapshot,
  type TableSnapshot,
} from 'cinnabar/migrate';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { TestDatabase } from '../support/database.ts';
import type { Runs } from './pair-cases.ts';

// Random graphs of tables that refer to each other, full of rows, and random changes to some of them: every row of every
// table is there afterwards, as it was.

const ACTIONS = ['cascade', 'set null', 'set default', 'restrict', undefined] as const;
const TYPES = ['integer', 'text', 'real', 'blob', '', 'varchar(20)', 'numeric(10,2)'] as const;

const edge = fc.record({
  target: fc.nat(100),
  onDelete: fc.constantFrom(...ACTIONS),
  onUpdate: fc.constantFrom(...ACTIONS),
  nullable: fc.boolean(),
  deferrable: fc.constantFrom('immediate', 'deferred', undefined),
  isNamed: fc.boolean(),
  unique: fc.constantFrom(true, false, false, false),
});
const tableSpec = fc.record({
  key: fc.constantFrom('default', 'once', 'text', 'composite', 'unique', 'withoutRowid'),
  columns: fc.array(fc.record({ type: fc.nat(TYPES.length - 1), nullable: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  edges: fc.array(edge, { maxLength: 2 }),
  self: fc.option(edge, { freq: 3 }),
  back: fc.option(edge, { freq: 5 }),
  rows: fc.integer({ min: 0, max: 12 }),
  hasTrigger: fc.boolean(),
  hasView: fc.boolean(),
  hasComputed: fc.boolean(),
  hasIndex: fc.boolean(),
});
type TableSpec = typeof tableSpec extends fc.Arbitrary<infer T> ? T : never;

const change = fc.record({ table: fc.nat(100), column: fc.nat(100), kind: fc.nat(100), value: fc.nat(100) });

const graph = fc.record({
  tables: fc.array(tableSpec, { minLength: 2, maxLength: 7, size: 'max' }),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  data: fc.infiniteStream(fc.nat(1000)),
});
type Graph = typeof graph extends fc.Arbitrary<infer T> ? T : never;

/** The tables, each of which refers to those before it, to itself, or back to the last. */
function schemaOf({ tables }: Pick<Graph, 'tables'>): SchemaSnapshot {
  const names = tables.map((_, at) => `t${at}`);
  return {
    dialect: 'sqlite',
    schemas: [],
    enums: [],
    views: tables.flatMap((spec, at) =>
      spec.hasView ? [{ name: `v${at}`, query: `select count(*) as n, max("d0") as m from "t${at}"` }] : [],
    ),
    tables: [
      {
        name: 'audit',
        columns: [{ name: 'what', type: 'text', nullable: true }],
        uniques: [],
        foreignKeys: [],
        checks: [],
        indexes: [],
      },
      ...tables.map((spec, at) => tableOf(spec, at, names, tables)),
    ],
  };
}

function keyColumns(spec: TableSpec): ColumnSnapshot[] {
  const id = (type: string): ColumnSnapshot => ({ name: 'id', type, nullable: false });
  switch (spec.key) {
    case 'default':
    case 'once':
      return [{ ...id('integer'), identity: spec.key }];
    case 'composite':
      return [id('integer'), { name: 'id2', type: 'text', nullable: false }];
    case 'unique':
      return [id('integer')];
    default:
      return [id('text')];
  }
}

function tableOf(spec: TableSpec, at: number, names: readonly string[], all: readonly TableSpec[]): TableSnapshot {
  const targets: (readonly [number, TableSpec['edges'][number]])[] = [
    // A chain of at most four tables.
    ...spec.edges.flatMap((of) => (at % 5 === 0 ? [] : [[at - 1 - (of.target % (at % 5)), of] as const])),
    ...(spec.self ? [[at, spec.self] as const] : []),
    ...(spec.back ? [[names.length - 1, spec.back] as const] : []),
  ];
  const foreignKeys: ForeignKeySnapshot[] = [];
  const columns: ColumnSnapshot[] = [];
  const uniques: { columns: string[]; name?: string }[] = spec.key === 'unique' ? [{ columns: ['id'] }] : [];
  targets.forEach(([target, of], place) => {
    const own = keyColumns(all[target]!).map(({ name, type }, part) => ({
      name: `f${place}_${part}`,
      refers: name,
      type,
    }));
    const isNull = [of.onDelete, of.onUpdate].includes('set null');
    for (const { name, type } of own) columns.push({ name, type, nullable: of.nullable || isNull });
    if (of.unique && (of.nullable || isNull || target === at))
      uniques.push({ columns: own.map(({ name }) => name), name: `uq_${at}_${place}` });
    foreignKeys.push({
      columns: own.map(({ name }) => name),
      target: { name: names[target]! },
      references: own.map(({ refers }) => refers),
      ...(of.isNamed && { name: `fk_${at}_${place}` }),
      ...(of.onDelete && { onDelete: of.onDelete }),
      ...(of.onUpdate && { onUpdate: of.onUpdate }),
      ...(of.deferrable && { deferrable: of.deferrable }),
    });
  });
  const isComposite = spec.key === 'composite';
  return {
    name: names[at]!,
    columns: [
      ...keyColumns(spec),
      ...columns,
      ...spec.columns.map(({ type, nullable }, place) => ({ name: `d${place}`, type: TYPES[type]!, nullable })),
      ...(spec.hasComputed
        ? [
            {
              name: 'computed',
              type: 'text',
              nullable: true,
              generated: { expression: `'x' || "d0"`, stored: at % 2 === 0 },
            },
          ]
        : []),
    ],
    ...(spec.key !== 'unique' && { primaryKey: { columns: isComposite ? ['id', 'id2'] : ['id'] } }),
    ...(spec.key === 'withoutRowid' && { withoutRowid: true }),
    uniques,
    foreignKeys,
    checks: [{ expression: `length("d0") is null or length("d0") < 100` }],
    indexes: spec.hasIndex
      ? [{ name: `ix ${at}`, on: [{ column: 'd0' }, { expression: `length("d0")` }], where: `"d0" is not null` }]
      : [],
    ...(spec.hasTrigger && {
      triggers: ['insert', 'update', 'delete'].map((event) => ({
        name: `tr ${event} ${at}`,
        sql: `create trigger "tr ${event} ${at}" after ${event} on "t${at}" begin insert into audit values ('${event} ${at}'); end`,
      })),
    }),
  };
}

/** Rows that keep every key: each refers to a row that is there, or to none where it may. */
function rowsOf(schema: SchemaSnapshot, { tables, data }: Graph): string[] {
  const numbers = data[Symbol.iterator]();
  const next = (): number => numbers.next().value as number;
  const count = (at: number): number => {
    const wanted = tables[at]!.rows;
    const bare = schema.tables[at + 1]!.foreignKeys.every(
      (key) => canBeNull(schema.tables[at + 1]!, key) || isFilled(key.target.name),
    );
    return bare ? wanted : 0;
  };
  const counts = new Map<string, number>();
  const isFilled = (name: string): boolean => (counts.get(name) ?? 0) > 0;
  tables.forEach((_, at) => counts.set(`t${at}`, tables[at]!.rows));
  tables.forEach((_, at) => counts.set(`t${at}`, count(at)));
  // Those that refer to a table which stayed empty have to be empty too.
  for (let again = 0; again < tables.length; again++) tables.forEach((_, at) => counts.set(`t${at}`, count(at)));
  return tables.flatMap((spec, at) => {
    const table = schema.tables[at + 1]!;
    return Array.from({ length: counts.get(table.name)! }, (_, row) => {
      const cells = new Map<string, string>(keyOf(spec, row));
      for (const key of table.foreignKeys) {
        const target = tables[Number(key.target.name.slice(1))]!;
        const isUnique = table.uniques.some(({ columns }) => columns.join() === key.columns.join());
        const most = counts.get(key.target.name)!;
        const place = isUnique ? row : next() % Math.max(most, 1);
        const isNone = place >= most || (canBeNull(table, key) && next() % 4 === 0);
        const values = keyOf(target, place).map(([, value]) => value);
        key.columns.forEach((name, part) => cells.set(name, isNone ? 'null' : values[part]!));
        if (isNone && !canBeNull(table, key)) return undefined;
      }
      for (const { name, type, nullable } of table.columns.filter((column) => column.name.startsWith('d')))
        cells.set(name, nullable && next() % 5 === 0 ? 'null' : valueOf(type, next()));
      const names = [...cells.keys()].map((name) => `"${name}"`).join();
      return `insert into "${table.name}" (${names}) values (${[...cells.values()].join()})`;
    }).filter((sql) => sql !== undefined);
  });
}

function canBeNull(table: TableSnapshot, key: ForeignKeySnapshot): boolean {
  return key.columns.every((name) => table.columns.find((column) => column.name === name)!.nullable);
}

function keyOf(spec: TableSpec, row: number): [string, string][] {
  const number = String(row * 3 + 1);
  if (spec.key === 'composite')
    return [
      ['id', number],
      ['id2', `'k${row}'`],
    ];
  return [['id', spec.key === 'text' || spec.key === 'withoutRowid' ? `'key ${row}'` : number]];
}

function valueOf(type: string, seed: number): string {
  const values: Readonly<Record<string, string>> = {
    'integer': String(seed * 9_007_199_254_740),
    'text': `'it''s ${seed} ☃'`,
    'real': `${seed / 7}`,
    'blob': `x'00ff${String(seed % 10)}0'`,
    '': seed % 2 === 0 ? `'5'` : '5',
    'varchar(20)': `'${seed}'`,
    'numeric(10,2)': `${seed}.25`,
  };
  return values[type]!;
}

/** Changes of every kind to columns, keys and the table itself, none of which its rows refuse. */
function operationsOf(schema: SchemaSnapshot, { changes }: Graph): Operation[] {
  const operations: Operation[] = [];
  let now = schema;
  for (const { table: place, column: at, kind, value } of changes) {
    const table = now.tables[1 + (place % (now.tables.length - 1))]!;
    const data = table.columns.filter(({ name, generated }) => /^[dn]/.test(name) && !generated);
    const operation = operationOf(table, data[at % Math.max(data.length, 1)], kind, value, operations.length);
    if (!operation) continue;
    operations.push(operation);
    now = applyOperations(now, [operation]);
  }
  return operations;
}

function operationOf(
  of: TableSnapshot,
  column: ColumnSnapshot | undefined,
  kind: number,
  value: number,
  at: number,
): Operation | undefined {
  const table = { name: of.name };
  const isRead =
    column && (of.columns.some(({ generated }) => generated) || of.indexes.length > 0 || column.name === 'd0');
  const makers: readonly (() => Operation | undefined)[] = [
    () =>
      column && !['blob', '', 'real'].includes(column.type)
        ? { kind: 'alterColumn', table, from: column, to: { ...column, type: 'text' } }
        : undefined,
    () => column && { kind: 'alterColumn', table, from: column, to: { ...column, type: '' } },
    () => column && { kind: 'alterColumn', table, from: column, to: { ...column, nullable: true } },
    () =>
      column && {
        kind: 'alterColumn',
        table,
        from: column,
        to: { ...column, nullable: false },
        using: `coalesce("${column.name}", '0')`,
      },
    () => column && { kind: 'alterColumn', table, from: column, to: { ...column, default: String(value) } },
    () => column && { kind: 'alterColumn', table, from: column, to: { ...column, collation: 'nocase' } },
    () => (column && !isRead ? { kind: 'dropColumn', table, column } : undefined),
    () => ({
      kind: 'addColumn',
      table,
      column: { name: `n${at}`, type: 'integer', nullable: false, default: String(value) },
    }),
    () => ({ kind: 'addColumn', table, column: { name: `n${at}`, type: 'text', nullable: false }, fill: `'row'` }),
    () => ({
      kind: 'addColumn',
      table,
      column: { name: `n${at}`, type: 'text', nullable: true, generated: { expression: `'y'`, stored: true } },
    }),
    () => ({
      kind: 'addConstraint',
      table,
      constraint: { kind: 'check', name: `ck${at}`, expression: `${value} >= 0` },
    }),
    () => of.checks[0] && { kind: 'dropConstraint', table, constraint: { kind: 'check', ...of.checks[0] } },
    () => {
      const key = of.foreignKeys[value % Math.max(of.foreignKeys.length, 1)];
      return key && { kind: 'dropConstraint', table, constraint: { kind: 'foreignKey', ...key } };
    },
    () => {
      const key = of.foreignKeys[value % Math.max(of.foreignKeys.length, 1)];
      const { onDelete: _, ...rest } = key ?? { columns: [], target: { name: '' }, references: [] };
      return (
        key && { kind: 'addConstraint', table, constraint: { kind: 'foreignKey', ...rest, name: `fk again ${at}` } }
      );
    },
    () => ({
      kind: 'addConstraint',
      table,
      constraint: { kind: 'unique', columns: of.columns.slice(0, 2).map(({ name }) => name) },
    }),
  ];
  return makers[kind % makers.length]!();
}

/** The rows of every table, in their order, as literals; with the number of each row where it is no key. */
async function contents(db: TestDatabase, schema: SchemaSnapshot): Promise<Map<string, string[][]>> {
  const texts = schema.tables.map((table) => {
    const hasRowid = !table.withoutRowid && !table.columns.some(({ identity }) => identity);
    const cells = [...(hasRowid ? ['rowid'] : []), ...table.columns.map(({ name }) => `quote("${name}")`)];
    const order = hasRowid ? 'rowid' : table.primaryKey!.columns.map((name) => `"${name}"`).join();
    return `select ${cells.join()} from "${table.name}" order by ${order}`;
  });
  const rows = await db.read(texts);
  return new Map(
    schema.tables.map((table, at) => {
      const hasRowid = !table.withoutRowid && !table.columns.some(({ identity }) => identity);
      const names = [...(hasRowid ? ['(rowid)'] : []), ...table.columns.map(({ name }) => name)];
      return [table.name, rows[at]!.map((row) => names.map((name, place) => `${name}=${String(row[place])}`))];
    }),
  );
}

/** What a rebuild did with a graph. */
interface Rebuilt {
  readonly rows: number;
  readonly rebuilt: number;
  readonly changed: number;
}

/** Makes a graph, fills it, changes it, and looks at every row. */
async function tryGraph(driver: Driver, given: Graph): Promise<Rebuilt> {
  const db = new TestDatabase(driver);
  const engine = createEngine(driver);
  const schema = schemaOf(given);
  const dialect = driver.dialect;
  const statements = render(diff(NOTHING, schema).operations, dialect, NOTHING).flatMap((step) => step.statements);
  await db.run(...statements);
  await db.run('pragma defer_foreign_keys = on', ...rowsOf(schema, given));
  const triggers = schema.tables.flatMap(({ triggers = [] }) => triggers.map(({ sql }) => sql));
  if (triggers.length > 0) await db.run(...triggers);
  const sequences = async (): Promise<unknown> =>
    schema.tables.some(({ columns }) => columns.some(({ identity }) => identity === 'once'))
      ? db.rows('select name, seq from sqlite_sequence where seq > 0 order by name')
      : [];
  if (schema.tables.some(({ columns }) => columns.some(({ identity }) => identity === 'once')))
    await db.run(`update sqlite_sequence set seq = seq + 1000`);
  const current = await reflect(engine);
  const before = await contents(db, current);
  const made = await sequences();
  const operations = operationsOf(current, given);
  const steps = render(operations, dialect, current);
  const all = steps.flatMap((step) => step.statements);
  if (all.length > 0) await db.run(...all);

  const wanted = applyOperations(current, operations);
  const found = await reflect(engine);
  expect(diff(found, wanted).operations).toEqual([]);
  const names = (of: SchemaSnapshot): Map<string, unknown> =>
    new Map(
      of.tables.map((table) => [
        table.name,
        { triggers: table.triggers?.map(({ sql }) => sql), keys: new Set(table.foreignKeys.map(({ name }) => name)) },
      ]),
    );
  expect(names(found)).toEqual(names(wanted));
  expect(found.views).toEqual(current.views);
  const after = await contents(db, found);
  const rebuilt = all.filter((sql) => sql.startsWith('drop table')).length;
  let rows = 0;
  let changed = 0;
  for (const [name, old] of before) {
    const touched = new Set(
      operations.flatMap((operation) =>
        'table' in operation && operation.table.name === name
          ? operation.kind === 'alterColumn'
            ? [operation.from.name]
            : operation.kind === 'dropColumn' || operation.kind === 'addColumn'
              ? [operation.column.name]
              : []
          : [],
      ),
    );
    // What is computed follows.
    if (touched.has('d0')) touched.add('computed');
    const kept = (row: readonly string[]): string =>
      row.filter((cell) => !touched.has(cell.slice(0, cell.indexOf('=')))).join('|');
    const now = after.get(name)!;
    rows += old.length;
    expect(now.length, name).toBe(old.length);
    expect(now.map(kept), name).toEqual(old.map(kept));
    changed += touched.size > 0 ? now.length : 0;
    const both = new Set(
      [...touched].filter(
        (of) =>
          !operations.some(
            (operation) =>
              operation.kind === 'dropColumn' && operation.table.name === name && operation.column.name === of,
          ),
      ),
    );
    if (touched.size > 0) expect(meaning(now, both), name).toEqual(meaning(old, both));
  }
  expect(await sequences()).toEqual(made);
  await dropEverything(db, found);
  return { rows, rebuilt, changed };
}

const NOTHING: SchemaSnapshot = { dialect: 'sqlite', schemas: [], tables: [], enums: [], views: [] };

/** Leads a database to nothing, with the rows that are in it. */
async function dropEverything(db: TestDatabase, found: SchemaSnapshot): Promise<void> {
  const steps = render(diff(found, NOTHING).operations, db.driver.dialect, found);
  await db.run(...steps.flatMap((step) => step.statements));
  expect((await reflect(db.engine)).tables).toEqual([]);
}

/** Of columns that changed their type and were there before and after: what they hold, but for the form. */
function meaning(rows: readonly (readonly string[])[], touched: ReadonlySet<string>): unknown {
  return rows.map((row) =>
    row
      .filter((cell) => touched.has(cell.slice(0, cell.indexOf('='))) && cell.startsWith('d'))
      .map((cell) => cell.replaceAll(/^(d\d)=|'/g, '').replace(/\.0$/, ''))
      .filter((text) => text !== 'NULL' && text !== '0')
      .join('|'),
  );
}

/** Tries random graphs, and says how many there were. */
export async function tryGraphs(name: string, open: () => Driver | Promise<Driver>, runs: Runs): Promise<void> {
  const total = { rows: 0, rebuilt: 0, changed: 0 };
  await fc.assert(
    fc.asyncProperty(graph, async (given) => {
      const done = await tryGraph(await open(), given);
      for (const key of ['rows', 'rebuilt', 'changed'] as const) total[key] += done[key];
    }),
    { numRuns: runs.runs, seed: runs.seed, endOnFailure: runs.endOnFailure ?? true },
  );
  const { rows, rebuilt, changed } = total;
  console.log(
    `${name}: ${runs.runs} graphs, ${rebuilt} tables rebuilt, ${rows} rows (${changed} with a changed column), 0 lost or changed otherwise (SEED=${runs.seed})`,
  );
  expect(rebuilt).toBeGreaterThan(runs.runs);
}
