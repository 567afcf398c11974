import { coreOf, EngineCore, type Engine } from '../../engine/engine.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { isColumn, type ColumnBuilder } from '../../schema/column.ts';
import type { Table } from '../../schema/table.ts';
import type { Condition } from '../../sql/expr.ts';
import { Bind, coalesced, expressionOf, logical, negated, type Expression } from '../../sql/expression.ts';
import type { Attributes, DeclarativeBase } from '../../sql/model.ts';
import type { ValuesIn } from '../../sql/plain.ts';
import { SelectBuilder } from '../../sql/select.ts';
import { columnNode } from '../../sql/source.ts';
import type { Select } from '../../sql/statement.ts';
import { WriteBuilder, type AnyWrite } from '../../sql/write.ts';
import { booleanType } from '../../types/scalar.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import { filtering } from '../loading/filtering.ts';
import { infoOf, mapperOf, type ModelInfo } from '../mapping/model-info.ts';
import { FilteredStatement } from './filtered-statement.ts';
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

/** The values of a filter in one session, and the conditions made of them so far. */
interface Setting {
  readonly values: Readonly<Record<string, Bind>>;
  readonly conditions: Map<Table, readonly Expression[]>;
}

const registered: Filter[] = [];

class Filter {
  readonly name: string;
  readonly #params: Readonly<Record<string, ColumnBuilder>>;
  readonly #models = new Map<Table, { readonly model: unknown; readonly rule: Rule }[]>();
  readonly #bases: { readonly columns: Readonly<Record<string, ColumnBuilder>>; readonly rule: Rule }[] = [];
  readonly #settings = new WeakMap<object, Setting>();
  #unset: Setting | undefined;

  constructor(name: string, params: Readonly<Record<string, ColumnBuilder>>) {
    this.name = name;
    this.#params = params;
    if (Object.keys(params).length === 0) this.#unset = { values: {}, conditions: new Map() };
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
    filtering.current = (session, engine, { lifted = [] }) =>
      new FilteredStatement((table, own) => conditions(table, session, engine, [...lifted, ...own]));
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
      if (expected === undefined) return [name, new Bind(given, spec.type)] as const;
      throw new InvalidValueError(`${this.#label}: '${name}': expected ${expected}, got ${kindOf(given)}`);
    });
    this.#settings.set(owner, { values: Object.fromEntries(binds), conditions: new Map() });
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

  /** What it says of the rows of a table. */
  conditions(table: Table, session: object, engine: object): readonly Expression[] {
    const rules = this.#models.get(table) ?? [];
    const bases = this.#bases.filter(({ columns }) => hasColumns(table, columns));
    if (rules.length + bases.length === 0) return [];
    const setting = this.#settings.get(session) ?? this.#settings.get(engine) ?? this.#unset;
    if (!setting)
      throw new ConfigurationError(
        `rows of '${table.name}' go through ${this.#label}, and this session lacks its ${Object.keys(this.#params).join(', ')}: set() them, or lift() the filter from the statement`,
        { table: table.name },
      );
    let known = setting.conditions.get(table);
    if (!known) {
      known = [
        ...bases.map(({ rule }) => this.#condition(rule, columnsByName(table), setting)),
        ...rules.map(({ model, rule }) => this.#onModelRows(model, rule, setting)),
      ];
      setting.conditions.set(table, known);
    }
    return known;
  }

  #condition(rule: Rule, c: unknown, { values }: Setting): Expression {
    return expressionOf(rule(c as never, values as never), this.#label);
  }

  /** Of a subclass: rows of other classes of the table are not its concern. */
  #onModelRows(model: unknown, rule: Rule, setting: Setting): Expression {
    const { source } = mapperOf(model, this.#label);
    const condition = this.#condition(rule, (model as { readonly c: unknown }).c, setting);
    if (source.where.length === 0) return condition;
    const isOne = coalesced(logical('and', source.where), new Bind(false, booleanType));
    return logical('or', [negated(isOne), condition]);
  }
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
 * @example
 * const tenant = rowFilter('tenant', { id: integer() }).on(Note, (note, { id }) => note.tenantId.eq(id))
 * tenant.set(session, { id: 7 })
 * await session.query(Note).all()              // … from "notes" where "notes"."tenant_id" = ?1
 * await tenant.lift(session.query(Note)).all() // … from "notes"
 * @throws ConfigurationError where a session lacks the values; InvalidValueError for a value that its type cannot hold.
 */
export function rowFilter<P extends object = {}>(name: string, params?: P): RowFilter<P> {
  const columns = Object.entries(params ?? {}).map(([key, column]) => {
    if (!isColumn(column))
      throw new ConfigurationError(`rowFilter('${name}'): '${key}' is a column, like integer(), got ${kindOf(column)}`);
    return [key, column] as const;
  });
  const filter: object = new Filter(name, Object.fromEntries(columns));
  return filter as RowFilter<P>;
}
