import { coreOf, EngineCore, type Engine } from '../../engine/engine.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { isColumn, type ColumnBuilder } from '../../schema/column.ts';
import type { Table } from '../../schema/table.ts';
import type { Condition } from '../../sql/expr.ts';
import { Bind, coalesced, expressionOf, logical, negated, type Expression } from '../../sql/expression.ts';
import type { Attributes, DeclarativeBase } from '../../sql/model.ts';
import type { WriteNode } from '../../sql/nodes.ts';
import type { ValuesIn } from '../../sql/plain.ts';
import { SelectBuilder } from '../../sql/select-builder.ts';
import { columnNode } from '../../sql/source.ts';
import type { Select } from '../../sql/statement.ts';
import { WriteBuilder, type AnyWrite } from '../../sql/write.ts';
import { booleanType } from '../../types/scalar.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import { filtering } from '../loading/filtering.ts';
import type { Mapper } from '../mapping/mapper.ts';
import { infoOf, mapperOf, type ModelInfo } from '../mapping/model-info.ts';
import { guarding } from '../state/guarding.ts';
import { FilteredStatement } from './filtered-statement.ts';
import { checkEntity, checkStatement, complete, equalities, FilterValue, type Demand } from './filtered-writes.ts';
import type { Holdings } from './journal.ts';
import { beforeFlushes } from './listening.ts';
import { Session } from './session.ts';

/** A condition that the statements of sessions have by themselves. `P` are its values, as columns. */
export interface RowFilter<P> {
  readonly name: string;
  /** What rows of a model are seen; of a base, those of every model that has its columns. */
  on<A>(
    model: { readonly c: A; readonly tableName: string },
    rule: (c: A, values: Attributes<P, never>) => Condition,
  ): RowFilter<P>;
  on<S>(
    base: DeclarativeBase<S>,
    rule: (c: Attributes<S, string>, values: Attributes<P, never>) => Condition,
  ): RowFilter<P>;
  /** Gives the values, once: to a session, or to all sessions of an engine. */
  set(target: Session | Engine, values: ValuesIn<P>): void;
  /** The same query or statement without this filter, in all of its relations and subqueries. */
  lift<Q extends Liftable>(statement: Q): Q;
}

/** What a filter can be lifted from. */
export type Liftable = Select<unknown> | AnyWrite | { all(): Promise<unknown>; stream(): AsyncIterable<unknown> };

type Rule = (c: never, values: never) => unknown;

/** What a filter makes of its values for the rows of a table. */
interface Own {
  readonly conditions: readonly Expression[];
  readonly demands: readonly Demand[];
}

/** The values of a filter in one session, and what was made of them so far. */
interface Setting {
  readonly values: Readonly<Record<string, FilterValue>>;
  readonly made: Map<Table, Own>;
}

const registered: Filter[] = [];

class Filter {
  declare readonly name: string;
  readonly #params: Readonly<Record<string, ColumnBuilder>>;
  readonly #models = new Map<Table, { readonly model: unknown; readonly rule: Rule }[]>();
  readonly #bases: { readonly columns: Readonly<Record<string, ColumnBuilder>>; readonly rule: Rule }[] = [];
  readonly #settings = new WeakMap<object, Setting>();
  readonly #checksWrites: boolean;
  #unset: Setting | undefined;

  constructor(name: string, params: Readonly<Record<string, ColumnBuilder>>, checksWrites: boolean) {
    this.name = name;
    this.#params = params;
    this.#checksWrites = checksWrites;
    if (Object.keys(params).length === 0) this.#unset = { values: {}, made: new Map() };
  }

  get #label(): string {
    return `the filter '${this.name}'`;
  }

  on(target: unknown, rule: Rule): this {
    if (typeof rule !== 'function')
      throw new ConfigurationError(`${this.#label}: on() takes a condition over the columns, in a function`);
    const columns = columnsOf(target);
    if (columns) this.#onBase(columns, rule);
    else this.#onModel(target, rule);
    if (!registered.includes(this)) registered.push(this);
    filtering.current = (session, engine, node) => {
      const { lifted = [] } = node;
      if (node.kind !== 'select') checkWrite(node, session, engine);
      return new FilteredStatement((table, own) => conditions(table, session, engine, [...lifted, ...own]));
    };
    if (this.#checksWrites) watchFlushes();
    filtering.handOn = (from, to) => {
      for (const filter of registered) filter.#handOn(from, to);
    };
    return this;
  }

  #onModel(model: unknown, rule: Rule): void {
    const info = infoOf(model, `${this.#label}: on()`);
    for (let base = info.base; base; base = base.base) {
      if (base.table === info.table) continue;
      throw new ConfigurationError(
        `${this.#label}: ${info.name} has a table beside that of ${base.name}; filter ${root(info).name}, whose rows they are`,
      );
    }
    const rules = this.#models.get(info.table) ?? [];
    this.#models.set(info.table, [...rules, { model, rule }]);
  }

  #onBase(columns: Readonly<Record<string, ColumnBuilder>>, rule: Rule): void {
    if (Object.keys(columns).length === 0)
      throw new ConfigurationError(`${this.#label}: the base has no columns of its own; name a model`);
    this.#bases.push({ columns, rule });
  }

  set(target: Session | Engine, values: unknown): void {
    const owner = target instanceof Session ? target : coreOf(target);
    if (this.#settings.has(owner))
      throw new ConfigurationError(
        `${this.#label} has its values here already: for others, make another ${owner instanceof EngineCore ? 'engine' : 'session'}`,
      );
    if (!isRecord(values))
      throw new InvalidValueError(`${this.#label}: expected its values by name, got ${kindOf(values)}`);
    const unknown = Object.keys(values).find((name) => !Object.hasOwn(this.#params, name));
    if (unknown !== undefined)
      throw new ConfigurationError(
        `${this.#label} has no value '${unknown}'; it has ${Object.keys(this.#params).join(', ') || 'none'}`,
      );
    const binds = Object.entries(this.#params).map(([name, { spec }]) => {
      const given = Object.hasOwn(values, name) ? values[name] : undefined;
      const expected = given === undefined || given === null ? 'a value' : spec.type.check(given);
      if (expected === undefined) return [name, new FilterValue(given, spec.type)] as const;
      throw new InvalidValueError(`${this.#label}: '${name}': expected ${expected}, got ${kindOf(given)}`);
    });
    this.#settings.set(owner, { values: Object.fromEntries(binds), made: new Map() });
  }

  #handOn(from: object, to: object): void {
    const setting = this.#settings.get(from);
    if (setting) this.#settings.set(to, setting);
  }

  lift(statement: unknown): unknown {
    if (statement instanceof SelectBuilder) return statement.change('lifted', [...(statement.node.lifted ?? []), this]);
    if (statement instanceof WriteBuilder) {
      const { node, entity } = statement;
      return new WriteBuilder(entity, { ...node, lifted: [...(node.lifted ?? []), this] });
    }
    throw new ConfigurationError(
      `${this.#label}: lift() takes a query, a select or a complete write, got ${kindOf(statement)}`,
    );
  }

  /** What it says of the rows of a table that are read or changed. */
  conditions(table: Table, session: object, engine: object): readonly Expression[] {
    if (!this.#isOn(table)) return [];
    const setting = this.#settingOf(session, engine);
    if (setting) return this.#own(table, setting).conditions;
    throw new ConfigurationError(
      `rows of '${table.name}' go through ${this.#label}, and this session lacks its ${Object.keys(this.#params).join(', ')}: set() them, or lift() the filter from the statement`,
      { table: table.name },
    );
  }

  /** What it demands of the rows of a table that are written: nothing where the session lacks its values. */
  demands(table: Table, session: object, engine: object): readonly Demand[] {
    const setting = this.#checksWrites && this.#isOn(table) && this.#settingOf(session, engine);
    return setting ? this.#own(table, setting).demands : [];
  }

  #isOn(table: Table): boolean {
    return this.#models.has(table) || this.#bases.some(({ columns }) => hasColumns(table, columns));
  }

  #settingOf(session: object, engine: object): Setting | undefined {
    return this.#settings.get(session) ?? this.#settings.get(engine) ?? this.#unset;
  }

  #own(table: Table, setting: Setting): Own {
    let known = setting.made.get(table);
    if (known) return known;
    const parts = [
      ...this.#bases
        .filter(({ columns }) => hasColumns(table, columns))
        .map(({ rule }): Own => this.#rows(this.#condition(rule, columnsByName(table), setting), undefined)),
      ...(this.#models.get(table) ?? []).map(({ model, rule }) => this.#onModelRows(model, rule, setting)),
    ];
    known = {
      conditions: parts.flatMap(({ conditions: own }) => own),
      demands: parts.flatMap(({ demands }) => demands),
    };
    setting.made.set(table, known);
    return known;
  }

  #rows(condition: Expression, only: Mapper | undefined): Own {
    const demands = equalities(condition).map(({ column, value }) => ({ filter: this.name, column, value, only }));
    return { conditions: [condition], demands };
  }

  #condition(rule: Rule, c: unknown, { values }: Setting): Expression {
    return expressionOf(rule(c as never, values as never), this.#label);
  }

  /** Of a subclass: rows of other classes of the table are not its concern. */
  #onModelRows(model: unknown, rule: Rule, setting: Setting): Own {
    const mapper = mapperOf(model, this.#label);
    const { where } = mapper.source;
    const own = this.#rows(this.#condition(rule, (model as { readonly c: unknown }).c, setting), mapper);
    if (where.length === 0) return { ...own, demands: own.demands.map((demand) => ({ ...demand, only: undefined })) };
    const isOne = coalesced(logical('and', where), new Bind(false, booleanType));
    return { ...own, conditions: [logical('or', [negated(isOne), ...own.conditions])] };
  }
}

// ── writes

function demandsOn(table: Table, session: object, engine: object, lifted: readonly object[] = []): Demand[] {
  return registered.flatMap((filter) => (lifted.includes(filter) ? [] : filter.demands(table, session, engine)));
}

function checkWrite(node: WriteNode, session: object, engine: object): void {
  const demands = demandsOn(node.table, session, engine, node.lifted);
  for (const demand of demands)
    checkStatement(node, demand, (column) =>
      demandsOn(column.table, session, engine).some(
        (other) => other.filter === demand.filter && other.column === column,
      ),
    );
}

/** The demands on the rows of entities, by model: found once for each. */
function demandsOf({ context }: Pick<Holdings, 'context'>): (mapper: Mapper) => readonly Demand[] {
  const { session } = context;
  const engine = coreOf(Session.parts(session as Session, 'commit()').engine);
  const known = new Map<Mapper, readonly Demand[]>();
  return (mapper) => {
    let own = known.get(mapper);
    if (!own) known.set(mapper, (own = mapper.tables.flatMap((table) => demandsOn(table, session, engine))));
    return own;
  };
}

/** What was found for the flush that is under way. */
const found = new WeakMap<object, ReturnType<typeof demandsOf>>();

/** New entities are completed before a flush; what it is about to write is looked at when it is taken. */
function watchFlushes(): void {
  if (guarding.filtered) return;
  beforeFlushes((holdings) => {
    const demands = demandsOf(holdings);
    found.set(holdings.context, demands);
    for (const state of holdings.added) for (const demand of demands(state.mapper)) complete(state, demand);
  });
  guarding.filtered = (state) => {
    for (const demand of found.get(state.context!)!(state.mapper)) checkEntity(state, demand);
  };
  guarding.current ??= guarding.filtered;
}

/** The conditions of all filters on a table, but those that are lifted. */
function conditions(table: Table, session: object, engine: object, lifted: readonly object[]): Expression[] {
  const all: Expression[] = [];
  for (const filter of registered) if (!lifted.includes(filter)) all.push(...filter.conditions(table, session, engine));
  return all;
}

/** The columns that a base shares; undefined for anything that is no base. */
function columnsOf(target: unknown): Readonly<Record<string, ColumnBuilder>> | undefined {
  return typeof target === 'function' && 'metadata' in target && 'columns' in target
    ? (target.columns as Readonly<Record<string, ColumnBuilder>>)
    : undefined;
}

function hasColumns(table: Table, columns: Readonly<Record<string, ColumnBuilder>>): boolean {
  return Object.entries(columns).every(([name, { spec }]) => table.find(name)?.spec === spec);
}

function columnsByName(table: Table): object {
  return Object.fromEntries(table.columns.map((column) => [column.attribute, columnNode(column)]));
}

function root(info: ModelInfo): ModelInfo {
  return info.base ? root(info.base) : info;
}

/**
 * A condition that every statement of a session has by itself, wherever rows of the model come from: queries, `get`,
 * eager and lazy loads, relations in conditions, subqueries, counts, `update` and `deleteFrom`. Its values are given to a
 * session or an engine; a statement of a session that lacks them is refused before any I/O. Filters are of sessions: an
 * engine by itself, raw SQL and views go without.
 *
 * Where it says that a column is equal to one of its values, rows are written with that value alone: a new entity without
 * one gets it, another is refused before any I/O. A session that lacks the values writes what it is given.
 *
 * @param options `checkWrites: false` leaves writes alone.
 * @example
 * const tenant = rowFilter('tenant', { id: integer() }).on(Note, (note, { id }) => note.tenantId.eq(id))
 * tenant.set(session, { id: 7 })
 * await session.query(Note).all()              // … from "notes" where "notes"."tenant_id" = ?1
 * await tenant.lift(session.query(Note)).all() // … from "notes"
 * @throws ConfigurationError where a session lacks the values; InvalidValueError for a value that its type cannot hold,
 * and for a row that is written with another.
 */
export function rowFilter<P extends object = {}>(
  name: string,
  params?: P,
  options: { readonly checkWrites?: boolean } = {},
): RowFilter<P> {
  const columns = Object.entries(params ?? {}).map(([key, column]) => {
    if (!isColumn(column))
      throw new ConfigurationError(`rowFilter('${name}'): '${key}' is a column, like integer(), got ${kindOf(column)}`);
    return [key, column] as const;
  });
  const filter: object = new Filter(name, Object.fromEntries(columns), options.checkWrites ?? true);
  return filter as RowFilter<P>;
}
