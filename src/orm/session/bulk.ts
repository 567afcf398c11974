import type { Dialect } from '../../compiler/dialect.ts';
import { CapabilityError, ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import type { AnyModel, InstanceOf } from '../../sql/model.ts';
import type { InsertNode, Output, WriteNode } from '../../sql/nodes.ts';
import { insert, type Excluded } from '../../sql/insert.ts';
import type { NewValues, Values } from '../../sql/plain.ts';
import { findWrite, type Assignments } from '../../sql/write.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import { mapperOf } from '../mapping/model-info.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { rawValues, encode } from '../state/snapshot.ts';
import { nextVersion } from '../unit-of-work/version.ts';
import { Session } from './session.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Inserts rows at once, as one atomic unit, without making entities of them; returns how many. Defaults, versions and what
 * tells a subclass are filled in. Rows may name different columns. What is pending in the session stays so.
 *
 * @example
 * await insertMany(session, Reading, [{ sensor: 1, value: 20.5 }, { sensor: 2, value: 21 }])
 * // insert into "readings" ("sensor", "value") values (…), (…)
 * @throws InvalidValueError for what a column cannot hold, before any I/O.
 * @throws CapabilityError for a model that is stored in several tables: `add()` its entities.
 */
export async function insertMany<C extends AnyModel>(
  session: Session,
  model: C,
  rows: Iterable<NewValues<InstanceOf<C>>>,
): Promise<number> {
  const parts = Session.parts(session, 'insertMany()');
  const mapper = singleTable(model, 'insertMany()');
  const given = Array.from(rows as Iterable<unknown>, (row) => completed(row, mapper, 'insertMany()'));
  if (given.length === 0) return 0;
  const nodes = groupsOf(given).flatMap((group) => splitUp(insertNode(model, group), session));
  await parts.autoflush();
  const statements = nodes.map((node) => parts.loading.prepare(node));
  await parts.execute({ statements, mode: 'write' });
  return given.length;
}

export interface UpsertOptions<C extends AnyModel> {
  /** The columns of a unique index, or of the key, by which a row is there already. */
  readonly on: readonly (string & keyof Values<InstanceOf<C>>)[];
  /**
   * What becomes of a row that is there: columns that take the given values, or assignments. All that is given, where this
   * is left out; nothing, where it is empty.
   */
  readonly update?:
    | readonly (string & keyof Values<InstanceOf<C>>)[]
    | ((given: Excluded<C>) => Assignments<InstanceOf<C>>);
}

/**
 * Inserts rows, or changes those that are there already, at once and as one atomic unit; returns their entities, in the order
 * of the rows. Entities in memory are brought up to date, but for what the program changed. A version goes on.
 *
 * @example
 * const users = await upsert(session, User, [{ email: 'a@x', name: 'Ann' }], { on: ['email'] })
 * // insert into "users" ("email", "name") values (…) on conflict ("email") do update set "name" = excluded."name" returning …
 * @throws InvalidValueError for two rows with the same values of `on`, and for what a column cannot hold, before any I/O.
 * @throws CapabilityError for a model that is stored in several tables.
 */
export async function upsert<C extends AnyModel>(
  session: Session,
  model: C,
  rows: Iterable<NewValues<InstanceOf<C>>>,
  { on, update }: UpsertOptions<C>,
): Promise<InstanceOf<C>[]> {
  const { holdings, loading } = Session.parts(session, 'upsert()');
  const mapper = singleTable(model, 'upsert()');
  const given = Array.from(rows as Iterable<unknown>, (row) => completed(row, mapper, 'upsert()'));
  if (given.length === 0) return [];
  const texts = given.map((row) => textOf(row, on, mapper, holdings.dialect));
  if (new Set(texts).size < texts.length)
    throw new InvalidValueError(`upsert(): two rows have the same ${on.join(', ')}`, {
      model: mapper.name,
      attributes: on,
    });
  const nodes = groupsOf(given).flatMap((group) => splitUp(upsertNode(model, mapper, group, on, update), session));
  const shape = {
    outputs: [],
    joins: [],
    candidates: [{ mapper, positions: mapper.columns.map(({ index }) => index), markers: [] }],
  };
  const answers = await loading.read(nodes);
  const byText = new Map<string, InstanceState>();
  const columns = on.map((name) => mapper.column(name)!);
  for (const state of loading.hydrator.all(answers.flat(), shape))
    byText.set(JSON.stringify(rawValues(state, columns).map(String)), state);
  return texts.map((text) => {
    const found = byText.get(text);
    if (found) return found.entity as InstanceOf<C>;
    throw new InvalidValueError(
      `upsert(): a row with the same ${on.join(', ')} is there, and a filter of rows hides it: it was left as it is`,
      { model: mapper.name, attributes: [...on] },
    );
  });
}

function singleTable(model: AnyModel, where: string): Mapper {
  const mapper = mapperOf(model, where);
  if (mapper.tables.length === 1) return mapper;
  throw new CapabilityError(`${where}: ${mapper.name} is stored in several tables: add() its entities`, {
    model: mapper.name,
  });
}

/** A row with what its class and its version call for; what is undefined is left out. */
function completed(given: unknown, mapper: Mapper, where: string): Row {
  if (!isRecord(given))
    throw new ConfigurationError(`${where}: expected rows as objects of attributes, got ${kindOf(given)}`);
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) row[name] = value;
  for (const [{ attribute }, value] of mapper.fixed) row[attribute] = value;
  const { version } = mapper;
  if (version && row[version.attribute] === undefined && !version.column.spec.fetched)
    row[version.attribute] = nextVersion(version, undefined);
  return row;
}

/** Rows that name the same columns: the others are the database's to fill. */
function groupsOf(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const names = Object.keys(row).toSorted().join();
    const group = groups.get(names);
    if (group) group.push(row);
    else groups.set(names, [row]);
  }
  return [...groups.values()];
}

function insertNode(model: AnyModel, rows: readonly Row[]): InsertNode {
  const statement: unknown = insert(model).values(...(rows as never[]));
  return findWrite(statement) as InsertNode;
}

function splitUp(node: WriteNode, session: Session): WriteNode[] {
  const { driver } = Session.parts(session, 'insertMany()').engine;
  return node.kind === 'insert' && node.many ? node.many.split(node, driver.dialect, driver.limits) : [node];
}

type Update = UpsertOptions<AnyModel>['update'];

function upsertNode(
  model: AnyModel,
  mapper: Mapper,
  rows: readonly Row[],
  on: readonly string[],
  update: unknown,
): WriteNode {
  const statement = insert(model)
    .values(...(rows as never[]))
    .onConflict(...(on as never[]))
    .update((excluded) => assignmentsOf(mapper, rows[0]!, on, update as Update, excluded) as never);
  const node = findWrite(statement)!;
  const returning = mapper.columns.map(({ attribute }): Output => {
    return { name: attribute, expression: mapper.source.columns.get(attribute)! };
  });
  return { ...node, returning };
}

function assignmentsOf(
  mapper: Mapper,
  row: Row,
  on: readonly string[],
  update: Update,
  excluded: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isOpen = (name: string): boolean => {
    // Of an embedded value the parts are columns.
    const spec = mapper.column(name)?.column.spec;
    return !on.includes(name) && !spec?.key && !spec?.version;
  };
  const set: Record<string, unknown> =
    typeof update === 'function'
      ? { ...update(excluded) }
      : Object.fromEntries((update ?? Object.keys(row).filter(isOpen)).map((name) => [name, excluded[name]]));
  // A row that nothing changes would not come back.
  if (Object.keys(set).length === 0) return { [on[0]!]: excluded[on[0]!] };
  for (const { attribute, column } of mapper.columns)
    if (column.spec.onUpdate && !(attribute in set)) set[attribute] = column.spec.onUpdate();
  const { version } = mapper;
  if (version && !version.column.spec.fetched && !(version.attribute in set)) {
    const stored = mapper.source.columns.get(version.attribute)!;
    set[version.attribute] = version.type.kind === 'integer' ? stored.plus(1) : nextVersion(version, undefined);
  }
  return set;
}

/** The values by which a row is known, as its entity will have them. */
function textOf(row: Row, on: readonly string[], mapper: Mapper, dialect: Dialect): string {
  const codecs = mapper.codecs(dialect);
  const raw = on.map((name) => {
    const mapped = mapper.column(name);
    if (!mapped) throw new ConfigurationError(`upsert(): ${mapper.name} has no column '${name}'`);
    const value = row[name];
    const expected = value === undefined || value === null ? 'a value' : mapped.type.check(value);
    if (!expected) return encode(codecs[mapped.index]!, value);
    throw new InvalidValueError(`upsert(): ${mapper.name}.${name}: expected ${expected}, got ${kindOf(value)}`, {
      model: mapper.name,
      attributes: [name],
    });
  });
  return JSON.stringify(raw.map(String));
}
