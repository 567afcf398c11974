import {
  bigint,
  boolean,
  bytes,
  type Column,
  createEngine,
  type Driver,
  type Engine,
  double,
  type Flag,
  index,
  integer,
  json,
  MetaData,
  numeric,
  plainDate,
  select,
  sql,
  table,
  text,
  timestamp,
  uuid,
  view,
} from 'cinnabar';
import { compare, diff, render, snapshotOf } from 'cinnabar/migrate';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { TestDatabase } from '../support/database.ts';

// Random schemas, one after the other: what leads to each is generated, carried out and read back, and then nothing is
// left to do.

const ACTIONS = ['cascade', 'set null', 'set default', 'restrict', 'no action', undefined] as const;
const TYPES = [
  integer,
  bigint,
  text,
  boolean,
  double,
  bytes,
  () => numeric(10, 2),
  () => numeric(30, 4),
  timestamp,
  plainDate,
  uuid,
  json,
] as const;
/** SQL for a default that no type refuses, and one for each type where there is one. */
const DEFAULTS: Readonly<Record<number, readonly string[]>> = {
  0: ['1 + 2', '-7', 'abs(-3)'],
  1: ['9007199254740993', '5'],
  2: [`'it''s'`, `lower('ABC') || 'd'`, `coalesce(null, 'x')`],
  4: ['0.5', '1 / 3.0'],
};
const NAMES = ['plain', 'select', 'Upper', 'two words', `it's`, 'quo"te', 'ünï', '😀', 'order', 'user', 'a-b', '1st'];

const column = fc.record({
  name: fc.nat(NAMES.length - 1),
  type: fc.nat(TYPES.length - 1),
  nullable: fc.boolean(),
  unique: fc.nat(4),
  initial: fc.nat(5),
  check: fc.nat(6),
  computed: fc.nat(8),
  stored: fc.boolean(),
  target: fc.option(fc.nat(100), { freq: 2 }),
  onDelete: fc.constantFrom(...ACTIONS),
  onUpdate: fc.constantFrom(...ACTIONS),
  deferrable: fc.constantFrom('immediate', 'deferred', undefined),
  comment: fc.nat(3),
});
const indexSpec = fc.record({
  on: fc.array(fc.nat(6), { minLength: 1, maxLength: 3 }),
  unique: fc.boolean(),
  form: fc.nat(3),
  partial: fc.nat(2),
});
const tableSpec = fc.record({
  name: fc.nat(NAMES.length - 1),
  key: fc.constantFrom('generated', 'text', 'composite', 'none'),
  columns: fc.array(column, { minLength: 1, maxLength: 6 }),
  indexes: fc.array(indexSpec, { maxLength: 2 }),
  seen: fc.nat(3),
  comment: fc.nat(2),
});
type TableSpec = typeof tableSpec extends fc.Arbitrary<infer T> ? T : never;
type ColumnSpec = TableSpec['columns'][number];

/** Two schemas that share names: some of one go, some of the other are new, and others change. */
const pair: fc.Arbitrary<{ first: TableSpec[]; second: TableSpec[] }> = fc
  .tuple(
    fc.array(tableSpec, { minLength: 1, maxLength: 6, size: 'max' }),
    fc.array(tableSpec, { minLength: 0, maxLength: 6, size: 'max' }),
    fc.infiniteStream(fc.nat(3)),
  )
  .map(([first, others, choices]) => {
    const next = choices[Symbol.iterator]();
    const choose = (): number => next.next().value as number;
    const second = others.map((spec, at) => {
      const old = first[at];
      if (!old || choose() === 0) return spec;
      const columns = spec.columns.map((item, place) => {
        const was = old.columns[place];
        if (!was) return item;
        const kept = choose();
        return kept === 0
          ? item
          : kept === 1
            ? { ...item, name: was.name, type: was.type }
            : { ...was, check: item.check };
      });
      return { ...spec, name: old.name, key: choose() === 0 ? spec.key : old.key, columns };
    });
    return { first, second };
  });

/** A metadata as the specs say, in the words of a dialect. */
function modelsOf(specs: readonly TableSpec[], dialect: 'sqlite' | 'postgres'): MetaData {
  const metadata = new MetaData();
  const nameAt = (at: number): string => `${NAMES[specs[at]!.name]} ${at}`;
  const targets = specs.flatMap((spec, at) => (spec.key === 'generated' || spec.key === 'text' ? [at] : []));
  specs.forEach((spec, at) => {
    const columns: Record<string, unknown> = {};
    if (spec.key === 'generated') columns['id'] = integer().primaryKey();
    if (spec.key === 'text') columns['id'] = text().primaryKey();
    if (spec.key === 'none') columns['plain'] = text();
    if (spec.key === 'composite') {
      columns['left'] = integer().primaryKey({ generated: false });
      columns['right'] = text().primaryKey();
    }
    spec.columns.forEach((item, place) => {
      const target = item.target === null ? undefined : targets[item.target % Math.max(targets.length, 1)];
      columns[`c${place}`] = columnOf(
        item,
        place,
        target === undefined ? undefined : [nameAt(target), specs[target]!.key],
        dialect,
      );
    });
    const made = table(nameAt(at), columns as Record<string, Column<string, Flag>>, {
      metadata,
      ...(spec.comment === 0 && { comment: `Of '${at}'.` }),
      constrain: (c) => ({
        checks:
          spec.columns.length > 2
            ? { both: sql<boolean>`${c['c0']} is not null or (${c['c1']} is null and 1 < 2)` }
            : {},
        indexes: spec.indexes.map((item, place) => {
          const terms = item.on.map((name) => c[`c${name % spec.columns.length}`]!);
          const sortable = terms.filter((_, part) => spec.columns[item.on[part]! % spec.columns.length]!.type !== 11);
          const used = sortable.length > 0 ? [...new Set(sortable)] : [sql`1 + 1`];
          const by = used.map((term) =>
            item.form === 0
              ? sql`coalesce(${term}, ${term})`
              : item.form === 1
                ? ((term as (typeof terms)[0]).desc?.() ?? term)
                : term,
          );
          const plain = index(...(by as typeof terms)).named(`ix ${at} ${place}`);
          const partial = item.partial === 0 ? plain.where(sql<boolean>`${terms[0]} is not null and 5 > 4`) : plain;
          return item.unique ? partial.unique() : partial;
        }),
      }),
    });
    if (spec.seen === 0) {
      const [sole] = Object.values(made.c);
      view(
        `view ${at}`,
        select({ first: sole!, twice: sql<string>`'a' || ${'b'}` })
          .from(made)
          .where(sole!.isNull()),
        { metadata },
      );
    }
  });
  return metadata;
}

function columnOf(
  spec: ColumnSpec,
  at: number,
  target: readonly [string, string] | undefined,
  dialect: 'sqlite' | 'postgres',
): unknown {
  const type = (target ? (target[1] === 'text' ? text : integer) : TYPES[spec.type]) as typeof text;
  let made: Column<string, Flag> = type().named(`${NAMES[spec.name]}${at}`);
  const isJson = !target && spec.type === 11;
  if (spec.unique === 0 && !isJson) made = made.unique();
  if (spec.comment === 0) made = made.comment(`It's ${at}`);
  if (spec.type === 2 && !target && spec.check === 5) made = made.collate(dialect === 'sqlite' ? 'nocase' : 'C');
  if (target) {
    const [name] = target;
    made = made.references(`${name}.id`, {
      ...(spec.onDelete && { onDelete: spec.onDelete }),
      ...(spec.onUpdate && { onUpdate: spec.onUpdate }),
      ...(spec.deferrable && { deferrable: spec.deferrable }),
    });
    return spec.nullable || spec.onDelete === 'set null' || spec.onUpdate === 'set null' ? made.nullable() : made;
  }
  const self = (columns: Readonly<Record<string, unknown>>): never => columns[`c${at}`] as never;
  if (spec.check === 0 && spec.type === 0)
    made = made.check((c) => sql`${self(c)} in (1, 2, 3) or ${self(c)} between 5 and 9`, `ck${at}`);
  if (spec.check === 1 && spec.type === 2)
    made = made.check((c) => sql`length(${self(c)}) > 1 and ${self(c)} <> 'it''s'`, `ck${at}`);
  if (spec.check === 2 && !isJson) made = made.check((c) => sql`${self(c)} is not null or 1 = 2`, `ck${at}`);
  const defaults = DEFAULTS[spec.type];
  if (spec.computed === 0 && spec.type === 0) {
    const isStored = spec.stored || dialect === 'postgres';
    made = made.generatedAs(sql`length('x') + 1`, { stored: isStored });
  } else if (spec.initial < 3 && defaults) {
    const words = defaults[spec.initial % defaults.length]!;
    made = made.defaultSql(sql`${sql.join([fragment(words)])}`);
  }
  return spec.nullable ? made.nullable() : made;
}

/** A fragment of a text that the test itself says. */
function fragment(words: string): ReturnType<typeof sql> {
  return sql(Object.assign([words], { raw: [words] }) as unknown as TemplateStringsArray);
}

async function carryOut(db: TestDatabase, engine: Engine, metadata: MetaData): Promise<number> {
  const { operations, current } = await compare(engine, metadata, { unknown: 'drop' });
  const { dialect } = db.driver;
  const statements = render(operations, dialect, current).flatMap((step) => step.statements);
  if (statements.length > 0) await db.run(...statements);
  return operations.length;
}

/** Leads a database to one schema, to another, and to none. */
async function tryPair(driver: Driver, given: { first: TableSpec[]; second: TableSpec[] }): Promise<number> {
  const engine = createEngine(driver);
  const db = new TestDatabase(driver);
  let operations = 0;
  for (const specs of [given.first, given.second, []]) {
    const metadata = modelsOf(specs, driver.dialect.name as 'sqlite');
    operations += await carryOut(db, engine, metadata);
    const again = await compare(engine, metadata, { unknown: 'drop' });
    expect(again.operations).toEqual([]);
    expect(again.questions).toEqual([]);
    expect(again.current.tables.length).toBe(specs.length);
    // What models say and what they said are alike without a database too.
    const wanted = snapshotOf(metadata, driver.dialect);
    expect(diff(wanted, JSON.parse(JSON.stringify(wanted)) as typeof wanted).operations).toEqual([]);
  }
  return operations;
}

/** How many random things are tried, and from which seed. */
export interface Runs {
  readonly runs: number;
  readonly seed: number;
  /** Where only the first that fails is wanted, and not the smallest. */
  readonly endOnFailure?: boolean;
}

/** Tries random pairs of schemas, and says how many there were. */
export async function tryPairs(name: string, open: () => Driver | Promise<Driver>, runs: Runs): Promise<void> {
  let operations = 0;
  await fc.assert(
    fc.asyncProperty(pair, async (given) => {
      operations += await tryPair(await open(), given);
    }),
    { numRuns: runs.runs, seed: runs.seed, endOnFailure: runs.endOnFailure ?? true },
  );
  const count = (of: number): string => of.toLocaleString('en');
  console.log(`${name}: ${count(runs.runs)} pairs, ${count(operations)} operations, 0 differences (SEED=${runs.seed})`);
  expect(operations).toBeGreaterThan(runs.runs);
}
