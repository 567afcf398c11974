import { ConfigurationError } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import type { EmbeddedValues } from '../../sql/nodes.ts';
import { kindOf } from '../../util/brand.ts';
import type { Heritage } from './heritage.ts';
import type { EntityClass, Mapper } from './mapper.ts';
import type { Registry } from './registry.ts';

const INFO: unique symbol = Symbol.for('cinnabar.model');

/** What one call of `Model()` or `extend()` declares. The mapper is made from it, once all models are there. */
export class ModelInfo {
  declare readonly registry: Registry;
  declare readonly table: Table;
  declare readonly base: ModelInfo | undefined;
  /** Set where it has a base. */
  declare readonly heritage: Heritage | undefined;
  /** Its own columns; a base's are the base's. */
  declare readonly columns: ReadonlyMap<string, TableColumn>;
  /** Its own relations: getters that are called at configuration. */
  declare readonly relations: ReadonlyMap<string, () => unknown>;
  /** Single-table inheritance: what its rows are told by. */
  declare readonly rows: Readonly<Record<string, unknown>>;
  /** Its attributes of several columns, and its bases'. */
  declare readonly embedded: EmbeddedValues | undefined;
  /** Every row is of a subclass. */
  declare readonly abstract: boolean;
  class: EntityClass | undefined;
  mapper: Mapper | undefined;

  constructor(
    parts: Pick<ModelInfo, 'registry' | 'table' | 'base' | 'columns' | 'relations' | 'rows'> & {
      readonly heritage?: Heritage;
      readonly abstract?: boolean | undefined;
      readonly embedded?: EmbeddedValues | undefined;
    },
  ) {
    this.registry = parts.registry;
    this.table = parts.table;
    this.base = parts.base;
    this.heritage = parts.heritage;
    this.columns = parts.columns;
    this.relations = parts.relations;
    this.rows = parts.rows;
    this.abstract = parts.abstract ?? false;
    this.embedded = parts.embedded ?? parts.base?.embedded;
  }

  /** For messages: the class where it is known, else the table. */
  get name(): string {
    return this.class?.name || this.table.name;
  }
}

/** Puts the declaration on a class; its subclasses inherit it. */
export function declare(target: object, info: ModelInfo): void {
  Object.defineProperty(target, INFO, { value: info });
}

/** Whether the class is one that `Model()` or `extend()` made, not one that the program made from it. */
export function isDeclared(target: object): boolean {
  return Object.hasOwn(target, INFO);
}

/** The declaration behind a class, and from then on its class is known. */
export function infoOf(model: unknown, where: string): ModelInfo {
  const info = typeof model === 'function' ? (model as { readonly [INFO]?: ModelInfo })[INFO] : undefined;
  if (!info) throw new ConfigurationError(`${where}: expected a model class, got ${kindOf(model)}`);
  if (!info.class) {
    info.class = ownClass(model as EntityClass);
    if (info.mapper) info.mapper.class = info.class;
    if (info.base?.table !== info.table) info.table.model = info.name;
  }
  return info;
}

/** The class that the program made of the one that `Model()` returned; classes made of that one are no models. */
function ownClass(model: EntityClass): EntityClass | undefined {
  for (let item: object = model; !isDeclared(item); item = Object.getPrototypeOf(item) as object) {
    if (isDeclared(Object.getPrototypeOf(item) as object)) return item as EntityClass;
  }
  return undefined;
}

/** The mapper of a model class, configured with all that it refers to. */
export function mapperOf(model: unknown, where: string): Mapper {
  const info = infoOf(model, where);
  if (!info.mapper || info.registry.stale) info.registry.configure();
  return info.mapper!;
}
