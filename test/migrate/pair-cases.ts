import {
  bigint,
  boolean,
  bytes,
  type Column,
  createEngine,
  type Driver,
  type Engine,
  double,
  enumType,
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
import { applyOperations, compare, diff, type Operation, render, snapshotOf } from 'cinnabar/migrate';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { partsOf, stepsOf } from '../../src/migrate/running/parts.ts';
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
  // Types of labels.
  text,
  text,
] as const;
const FIRST_ENUM = 12;
/** SQL for a default that no type refuses, and one for each type where there is one. */
const DEFAULTS: Readonly<Record<number, readonly string[]>> = {
  0: ['1 + 2', '-7', 'abs(-3)'],
  1: ['9007199254740993', '5'],
  2: [`'it''s'`, `lower('ABC') || 'd'`, `coalesce(null, 'x')`],
  4: ['0.5', '1 / 3.0'],
};
/** The labels that a type may have: some grow into others, some lose a label, some change their order. */
const LABELS = [['sad', 'ok'], ['low', 'sad', `it's`, 'ok', 'happy'], ['ok', 'new', 'sad'], ['happy']] as const;
const ENUMS = ['mood', 'Size of'];
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
  seen: fc.nat(9),
  comment: fc.nat(2),
});
type TableSpec = typeof tableSpec extends fc.Arbitrary<infer T> ? T : never;
type ColumnSpec = TableSpec['columns'][number];

/** Tables, and which labels the types of labels have. */
interface Spec {
  readonly tables: readonly TableSpec[];
  readonly labels: readonly number[];
}
const labels = fc.array(fc.nat(LABELS.length - 1), { minLength: 2, maxLength: 2 });

/** Two schemas that share names: some of one go, some of the other are new, and others change. */
const pair: fc.Arbitrary<readonly [first: Spec, second: Spec]> = fc
  .tuple(
    fc.array(tableSpec, { minLength: 1, maxLength: 6, size: 'max' }),
    fc.array(tableSpec, { minLength: 0, maxLength: 6, size: 'max' }),
    fc.infiniteStream(fc.nat(3)),
    labels,
    labels,
  )
  .map(([first, others, choices, before, after]) => {
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
    return [
      { tables: first, labels: before },
      { tables: second, labels: after },
    ] as const;
  });

/** An expression that is compared with labels. */
type Compared = Record<'eq' | 'ne', (label: string) => ReturnType<typeof sql<boolean>>>;

/** What a schema is written for. */
interface Target {
  readonly dialect: 'sqlite' | 'postgres';
  /** Whether there are columns that are computed when they are read. */
  readonly hasVirtual: boolean;
}

/** Whether a column, where it is computed, is so when it is read. */
function isVirtual(spec: ColumnSpec, { hasVirtual }: Target): boolean {
  return spec.target === null && spec.computed === 0 && spec.type === 0 && !spec.stored && hasVirtual;
}

/** A metadata as the specs say, in the words of a dialect. */
function modelsOf({ tables: specs, labels: chosen }: Spec, of: Target): MetaData {
  const metadata = new MetaData();
  const enums = chosen.map((choice, at) => enumType(ENUMS[at]!, LABELS[choice]!));
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
        of,
        enums[item.type - FIRST_ENUM],
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
          const specOf = (name: number): ColumnSpec => spec.columns[name % spec.columns.length]!;
          // PostgreSQL has no index over what is computed when it is read.
          const on = item.on.filter((name) => of.dialect === 'sqlite' || !isVirtual(specOf(name), of));
          const terms = on.map((name) => c[`c${name % spec.columns.length}`]!);
          const sortable = terms.filter((_, part) => specOf(on[part]!).type !== 11);
          const used = sortable.length > 0 ? [...new Set(sortable)] : [sql`1 + 1`];
          const by = used.map((term) =>
            item.form === 0
              ? sql`coalesce(${term}, ${term})`
              : item.form === 1
                ? ((term as (typeof terms)[0]).desc?.() ?? term)
                : term,
          );
          const plain = index(...(by as typeof terms)).named(`ix ${at} ${place}`);
          const first = on.length > 0 ? specOf(on[0]!) : undefined;
          const [label] = first?.target === null ? (enums[first.type - FIRST_ENUM]?.labels ?? []) : [];
          const isFirst =
            label === undefined
              ? sql<boolean>`${terms[0] ?? sql`1`} is not null and 5 > 4`
              : (terms[0] as unknown as Compared).eq(label);
          const partial = item.partial === 0 ? plain.where(isFirst) : plain;
          return item.unique ? partial.unique() : partial;
        }),
      }),
    });
    if (spec.seen < 3) {
      const all = Object.values(made.c);
      const sole = all[spec.seen % all.length];
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
  of: Target,
  labelled: ReturnType<typeof enumType<string>> | undefined,
): unknown {
  const plain = labelled ?? TYPES[spec.type];
  const type = (target ? (target[1] === 'text' ? text : integer) : plain) as typeof text;
  let made: Column<string, Flag> = type().named(`${NAMES[spec.name]}${at}`);
  const isJson = !target && spec.type === 11;
  if (spec.unique === 0 && !isJson && (of.dialect === 'sqlite' || !isVirtual(spec, of))) made = made.unique();
  if (spec.comment === 0) made = made.comment(`It's ${at}`);
  if (spec.type === 2 && !target && spec.check === 5) made = made.collate(of.dialect === 'sqlite' ? 'nocase' : 'C');
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
  if (labelled && spec.check === 0)
    made = made.check((c) => (self(c) as Compared).ne(labelled.labels.at(-1)!), `ck${at}`);
  if (labelled && spec.initial < 3) made = made.defaultSql(labelled.labels[spec.initial % labelled.labels.length]!);
  const defaults = DEFAULTS[spec.type];
  if (spec.computed === 0 && spec.type === 0) {
    made = made.generatedAs(sql`length('x') + 1`, { stored: !isVirtual(spec, of) });
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
  let schema = current;
  for (const part of partsOf(operations, true)) {
    const steps = stepsOf(part) as readonly Operation[];
    const statements = render(steps, db.driver.dialect, schema).flatMap((step) => step.statements);
    if (statements.length > 0) await runOrSay(db, statements);
    schema = applyOperations(schema, steps);
  }
  return operations.length;
}

/** Runs statements; the error says which they were. */
async function runOrSay(db: TestDatabase, statements: readonly string[]): Promise<void> {
  try {
    await db.run(...statements);
  } catch (error) {
    throw new Error(`refused:\n${statements.join(';\n')}`, { cause: error });
  }
}

/** Leads a database to one schema, to another, and to none. */
async function tryPair(driver: Driver, hasVirtual: boolean, [first, second]: readonly [Spec, Spec]): Promise<number> {
  const engine = createEngine(driver);
  const db = new TestDatabase(driver);
  let operations = 0;
  for (const specs of [first, second, { tables: [], labels: [] }]) {
    const metadata = modelsOf(specs, { dialect: driver.dialect.name as 'sqlite', hasVirtual });
    operations += await carryOut(db, engine, metadata);
    const again = await compare(engine, metadata, { unknown: 'drop' });
    expect(again.operations).toEqual([]);
    expect(again.questions).toEqual([]);
    expect(again.current.tables.length).toBe(specs.tables.length);
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
  /** Whether the database has columns that are computed when they are read, which it has unless told. */
  readonly hasVirtual?: boolean;
}

/** Tries random pairs of schemas, and says how many there were. */
export async function tryPairs(name: string, open: () => Driver | Promise<Driver>, runs: Runs): Promise<void> {
  let operations = 0;
  await fc.assert(
    fc.asyncProperty(pair, async (given) => {
      operations += await tryPair(await open(), runs.hasVirtual ?? true, given);
    }),
    { numRuns: runs.runs, seed: runs.seed, endOnFailure: runs.endOnFailure ?? true },
  );
  const count = (of: number): string => of.toLocaleString('en');
  console.log(`${name}: ${count(runs.runs)} pairs, ${count(operations)} operations, 0 differences (SEED=${runs.seed})`);
  expect(operations).toBeGreaterThan(runs.runs);
}
