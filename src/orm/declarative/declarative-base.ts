import { ConfigurationError } from '../../errors/errors.ts';
import { isColumn } from '../../schema/column.ts';
import { MetaData, type MetaDataOptions } from '../../schema/metadata.ts';
import { Table, type TableColumn } from '../../schema/table.ts';
import type { ViewDefinition } from '../../schema/definition.ts';
import { selectOf } from '../../sql/expression.ts';
import type { DeclarativeBase, TableOptions } from '../../sql/model.ts';
import type { EmbeddedValues } from '../../sql/nodes.ts';
import { EMBEDDED } from '../../sql/source.ts';
import { isBranded, kindOf } from '../../util/brand.ts';
import { infoOf, mapperOf, ModelInfo } from '../mapping/model-info.ts';
import { Registry } from '../mapping/registry.ts';
import { EntityBase } from '../state/entity.ts';
import { InstanceState } from '../state/instance-state.ts';
import { construct } from './construct.ts';
import { PROBE, refuseFields } from './fields.ts';
import { equip } from './model-class.ts';

export interface BaseOptions<Shared> extends MetaDataOptions {
  /** Columns that every model of the base has. */
  readonly columns?: Shared;
}

/**
 * A family of models: owns their registry and returns the function that declares one.
 *
 * @example
 * const Model = declarativeBase()
 * class User extends Model('users', { id: integer().primaryKey(), name: text() }) {}
 */
export function declarativeBase<Shared = {}>(options: BaseOptions<Shared> = {}): DeclarativeBase<Shared> {
  return makeBase(new Registry(new MetaData(options)), options.columns ?? {}) as DeclarativeBase<Shared>;
}

function makeBase(registry: Registry, shared: object): object {
  const model = (name: string, attributes: object, options: TableOptions<unknown> = {}): unknown =>
    declareModel(registry, name, merge(shared, attributes), options);
  return Object.assign(model, {
    metadata: registry.metadata,
    columns: shared,
    with: (more: object) => makeBase(registry, merge(shared, more)),
    register: (...models: unknown[]) => {
      for (const item of models) infoOf(item, 'register()');
    },
  });
}

/** Both sets of attributes, getters uncalled. */
function merge(first: object, second: object): object {
  return Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(first), ...Object.getOwnPropertyDescriptors(second) },
  );
}

function declareModel(registry: Registry, name: string, attributes: object, options: TableOptions<unknown>): unknown {
  const { view } = options;
  const table = new Table(registry.metadata, name, view ? { ...options, readOnly: true } : options);
  const { columns, relations, embedded } = readAttributes(table, attributes, false);
  table.constrain(options);
  if (!table.settings.readOnly) registry.metadata.add(table);
  else if (typeof view === 'function') registry.metadata.put(registry.metadata.views, definitionOf(table, view));
  const info = new ModelInfo({
    registry,
    table,
    base: undefined,
    columns,
    relations,
    rows: options.rows ?? {},
    abstract: options.abstract,
    embedded,
  });
  registry.add(info);
  return makeClass(info);
}

/** The view that a model is of; its select is made when it is asked for, and may name models that are declared later. */
function definitionOf(table: Table, view: () => unknown): ViewDefinition {
  const { schema, name } = table;
  return {
    schema,
    name,
    get query() {
      return selectOf(view(), `the view '${name}'`);
    },
    get columns() {
      const { outputs } = selectOf(view(), `the view '${name}'`);
      return outputs.map((output) => table.column(output.name).name);
    },
  };
}

export interface Declared {
  readonly embedded: EmbeddedValues | undefined;
  readonly columns: ReadonlyMap<string, TableColumn>;
  readonly relations: ReadonlyMap<string, () => unknown>;
}

interface EmbeddedAttribute {
  declare(table: Table, name: string, ofSubclass: true | undefined, before: EmbeddedValues | undefined): EmbeddedValues;
}

/** Columns are added to the table; getters are relations, called when the models are configured. */
export function readAttributes(table: Table, attributes: object, ofSubclass: boolean, base?: EmbeddedValues): Declared {
  let embedded = base;
  const columns = new Map<string, TableColumn>();
  const relations = new Map<string, () => unknown>();
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(attributes))) {
    const { get, value } = descriptor as { readonly get?: () => unknown; readonly value?: unknown };
    if (get) relations.set(name, () => get.call(attributes));
    else if (isColumn(value)) columns.set(name, table.add(name, value.spec, ofSubclass || undefined));
    else if (isBranded(value, EMBEDDED)) {
      const from = table.columns.length;
      embedded = (value as EmbeddedAttribute).declare(table, name, ofSubclass || undefined, embedded);
      for (const column of table.columns.slice(from)) columns.set(column.attribute, column);
    } else {
      throw new ConfigurationError(
        `${table.name}.${name}: expected a column, like text(), or a relation in a getter: get ${name}() { return many(…) }; got ${kindOf(value)}`,
      );
    }
  }
  return { columns, relations, embedded };
}

/** The class that a model extends. */
function makeClass(info: ModelInfo): unknown {
  const Root = class extends EntityBase {
    constructor(init: unknown) {
      const mapper = mapperOf(new.target, 'new');
      const state = new InstanceState(mapper, 'transient');
      super(state);
      if (init === PROBE) return;
      refuseFields(new.target, mapper);
      construct(state, init);
    }
  };
  equip(Root, info);
  return Root;
}
