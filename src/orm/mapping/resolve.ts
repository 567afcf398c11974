import { isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { foreignKeysOf, type ForeignKey } from '../../schema/foreign-key.ts';
import { tableNames } from '../../schema/metadata.ts';
import type { TableColumn } from '../../schema/table.ts';
import { Order, expressionOf, orderOf as orderTerm } from '../../sql/expression.ts';
import type { RelationOptions } from '../../sql/relation.ts';
import { columnNode } from '../../sql/source.ts';
import { attributesFor, chooseKey, choices, namesOf } from './choose-key.ts';
import { linkTable } from './link-table.ts';
import type { Link, Mapper, RelationMapping } from './mapper.ts';
import { infoOf, type ModelInfo } from './model-info.ts';
import { isRelationSpec, type RelationSpec } from './relation.ts';

/** Links of foreign keys, made when a relation first follows them. */
export type Links = Map<ForeignKey, Link>;

/** The relations that a model declares. Nobody knows of them until `adopt()`: another model may have mistakes. */
export function resolveRelations(
  info: ModelInfo,
  links: Links,
  attempt: (work: () => void) => void,
): RelationMapping[] {
  const relations: RelationMapping[] = [];
  for (const [name, getter] of info.relations)
    attempt(() => relations.push(resolve(info, name, callGetter(info, name, getter), links)));
  return relations;
}

/** Gives a model its relations, those of its base among them, and tells the models beside it. */
export function adopt(mapper: Mapper, relations: readonly RelationMapping[]): void {
  if (mapper.base) mapper.heritage!.inherit(mapper);
  for (const relation of relations) {
    mapper.relations.set(relation.name, relation);
    if (!relation.view) announce(relation);
  }
}

function announce(relation: RelationMapping): void {
  const { link, way } = relation;
  if (!link) return joinInverse(relation);
  for (const mapper of link.holder.family()) mapper.links.add(link);
  for (const mapper of link.target.family()) mapper.incoming.add(link);
  if (way === 'backward') link.backward.push(relation);
}

function callGetter(info: ModelInfo, name: string, getter: () => unknown): RelationSpec {
  let spec: unknown;
  try {
    spec = getter();
  } catch (cause) {
    if (isCinnabarError(cause)) throw cause;
    throw new ConfigurationError(
      `${info.name}.${name}: its target is not defined yet. Import its module before the first use of a model, or name its table: many<typeof Target>('table')`,
      { cause },
    );
  }
  if (isRelationSpec(spec)) return spec;
  throw new ConfigurationError(`${info.name}.${name}: a getter among the attributes returns many(…) or one(…)`);
}

function resolve(info: ModelInfo, name: string, spec: RelationSpec, links: Links): RelationMapping {
  const owner = info.mapper!;
  const path = `${info.name}.${name}`;
  const target = targetOf(info, path, spec);
  const { options } = spec;
  checkOptions(path, options);
  const { kind } = spec;
  const { many } = kind;
  const { cascade = 'save', passiveDeletes } = options;
  const orderBy = orderOf(target, path, options.orderBy);
  const view = viewOf(path, options);
  const base = { name, owner, target, many, cascade, orderBy, view, passiveDeletes, kind } as const;
  if (options.through !== undefined) {
    if (!many) throw new ConfigurationError(`${path}: one() takes no 'through'; use many()`);
    const table = linkTable(info, owner, target, path, options);
    return { ...base, way: 'through', nullable: false, link: undefined, table };
  }
  const { link, way } = linkOf(owner, target, path, spec, links);
  if (view) return { ...base, way: 'backward', nullable: true, link: viewed(link, way), table: undefined };
  checkLink(path, target, spec, link, way);
  const nullable = spec.isNullable || way === 'backward';
  return { ...base, way, nullable, link, table: undefined };
}

function checkLink(path: string, target: Mapper, spec: RelationSpec, link: Link, way: 'forward' | 'backward'): void {
  if (spec.options.passiveDeletes && (way === 'forward' || link.onDelete === undefined))
    throw new ConfigurationError(
      `${path}: passiveDeletes relies on the foreign key of ${target.name}: give it onDelete`,
    );
  if (way === 'backward' || spec.isNullable === link.nullable) return;
  const key = link.columns.map((mapped) => mapped.attribute).join(', ');
  throw new ConfigurationError(
    link.nullable
      ? `${path}: its key '${key}' is nullable, so the relation is too: one(…).nullable()`
      : `${path} is nullable() and its key '${key}' is not; make both so, or neither`,
  );
}

/** Refuses options that contradict each other, or that would be without effect. */
function checkOptions(
  path: string,
  { cascade = 'save', through, viewOnly, where, passiveDeletes }: RelationOptions,
): void {
  const refuse = (what: string): never => {
    throw new ConfigurationError(`${path}: ${what}`);
  };
  if (where && !viewOnly)
    refuse('a condition makes it a view of some rows, which cannot be written: add viewOnly: true');
  if (viewOnly && (cascade !== 'save' || passiveDeletes))
    refuse('a viewOnly relation is never written: it takes no cascade');
  if (through !== undefined && cascade !== 'save')
    refuse(`what a many-to-many leads to may have several parents, and goes with none: no cascade '${cascade}'`);
}

function orderOf(target: Mapper, path: string, orderBy: RelationOptions['orderBy']): RelationMapping['orderBy'] {
  if (orderBy === undefined) return undefined;
  if (typeof orderBy === 'function') return () => orderBy().map(orderTerm);
  const orders = namesOf(orderBy)!.map((name) => {
    const mapped = target.column(name);
    if (mapped) return new Order(columnNode(mapped.column), false);
    throw new ConfigurationError(
      `${path}: orderBy '${name}' is no column of ${target.name}; it has ${target.attributeNames()}`,
    );
  });
  return () => orders;
}

function viewOf(path: string, { viewOnly, where }: RelationOptions): RelationMapping['view'] {
  if (!viewOnly) return undefined;
  return () => (where ? [expressionOf(where(), `${path}: where`)] : []);
}

/** The key as a view follows it: from its owner to what has the value there, whichever side refers; written by nobody. */
function viewed(link: Link, way: 'forward' | 'backward'): Link {
  if (way === 'backward') return { ...link, backward: [] };
  const { holder, columns, target, references } = link;
  return {
    ...link,
    holder: target,
    columns: references,
    target: holder,
    references: columns,
    byKey: false,
    backward: [],
  };
}

function targetOf(info: ModelInfo, path: string, spec: RelationSpec): Mapper {
  const { target } = spec;
  const found = typeof target === 'string' ? info.registry.ofTable(target) : infoOf(target, path);
  if (!found)
    throw new ConfigurationError(
      `${path}: no model has the table '${String(target)}'; known: ${tableNames(info.registry.metadata)}`,
    );
  if (found.registry !== info.registry)
    throw new ConfigurationError(`${path}: '${found.name}' belongs to another declarativeBase()`);
  if (!found.mapper) throw new ConfigurationError(`${path}: its target '${found.name}' has mistakes of its own`);
  return found.mapper;
}

/** The foreign key that a relation follows, and which side has it: the one named, or the only one there is. */
function linkOf(
  owner: Mapper,
  target: Mapper,
  path: string,
  { kind, options }: RelationSpec,
  links: Links,
): { link: Link; way: 'forward' | 'backward' } {
  const names = namesOf(options.inverse ?? options.by);
  const own = !kind.many && options.inverse === undefined ? keysBetween(owner, target) : undefined;
  const others = keysBetween(target, owner);
  // Without a key of its own, it is the far side of one.
  if (own && (names || own.length > 0 || others.length === 0))
    return { link: makeLink(keyOf(own, names, owner, target, path), owner, target, path, links), way: 'forward' };
  return { link: makeLink(keyOf(others, names, target, owner, path), target, owner, path, links), way: 'backward' };
}

function keyOf(
  keys: readonly ForeignKey[],
  names: readonly string[] | undefined,
  holder: Mapper,
  referred: Mapper,
  path: string,
): ForeignKey {
  const stranger = names?.find((name) => !holder.column(name));
  if (stranger !== undefined) {
    throw new ConfigurationError(
      `${path}: '${stranger}' is no column of ${holder.name}; it has ${holder.attributeNames()}`,
    );
  }
  const key = chooseKey(keys, names);
  if (key) return key;
  const isNone = keys.length === 0;
  const what = names ? `'${names.join(', ')}' is no foreign key` : isNone ? 'no foreign key' : 'several foreign keys';
  const fix = isNone ? `give a column .references('${referred.table.name}.…')` : `say which with by: ${choices(keys)}`;
  throw new ConfigurationError(`${path}: ${what} of ${holder.name} to ${referred.name}; ${fix}`);
}

/** Foreign keys of one model (not those that join the tables of a hierarchy) that refer to another. */
function keysBetween(holder: Mapper, target: Mapper): ForeignKey[] {
  return holder.tables.flatMap(foreignKeysOf).filter((key) => {
    const isMapped = key.columns.every((column) => holder.columns.some((mapped) => mapped.column === column));
    return isMapped && target.tables.includes(key.references[0]!.table);
  });
}

function makeLink(key: ForeignKey, holder: Mapper, referred: Mapper, path: string, links: Links): Link {
  const { onDelete } = key;
  const { onUpdate } = key.options;
  if (onDelete === 'set default' || onUpdate === 'set default') {
    throw new ConfigurationError(
      `${path}: the database sets its key to a default that no session can know; 'set default' is for keys without relations`,
    );
  }
  const known = links.get(key);
  if (known) return known;
  const from = declaring(holder, key.columns[0]!);
  const target = declaring(referred, key.references[0]!);
  const references = attributesFor(target, key.references, path);
  const columns = attributesFor(from, key.columns, path);
  const link: Link = {
    holder: from,
    columns,
    target,
    references,
    byKey: references.length === target.key.length && references.every((mapped, at) => mapped === target.key[at]),
    nullable: key.nullable,
    emptied: key.nullable ? columns.filter(({ column }) => column.nullable) : columns,
    onDelete,
    onUpdate: /^(?:cascade|set)/.test(onUpdate ?? '') ? onUpdate : undefined,
    backward: [],
  };
  links.set(key, link);
  return link;
}

/** The class of a hierarchy that brings the column. */
function declaring(mapper: Mapper, column: TableColumn): Mapper {
  return mapper.base && mapper.base.tables.includes(column.table) && mapper.base.attributeOf(column)
    ? declaring(mapper.base, column)
    : mapper;
}

/** The two sides of a many-to-many know each other. */
function joinInverse(relation: RelationMapping): void {
  const { table, target, owner } = relation;
  for (const other of target.relations.values()) {
    const mirrors =
      other !== relation &&
      other.table?.table === table!.table &&
      other.target.root === owner.root &&
      other.table.ownerColumns.every((column, at) => column === table!.targetColumns[at]);
    if (!mirrors) continue;
    table!.inverse = other;
    other.table.inverse = relation;
  }
}
