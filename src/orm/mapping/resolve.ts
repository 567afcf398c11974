import { isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { ForeignKey, TableColumn } from '../../schema/table.ts';
import { linkTable } from './link-table.ts';
import type { Link, MappedColumn, Mapper, RelationMapping } from './mapper.ts';
import { infoOf, type ModelInfo } from './model-info.ts';
import { isRelationSpec, type RelationSpec } from './relation.ts';

/** Resolves the relations that a model declares, and hands them on to its subclasses. */
export function resolveRelations(info: ModelInfo, attempt: (work: () => void) => void): void {
  const mapper = info.mapper!;
  for (const [name, relation] of mapper.base?.relations ?? []) mapper.relations.set(name, relation);
  for (const link of mapper.base?.links ?? []) mapper.links.add(link);
  for (const link of mapper.base?.incoming ?? []) mapper.incoming.add(link);
  for (const [name, getter] of info.relations) {
    attempt(() => mapper.relations.set(name, resolve(info, mapper, name, callGetter(info, name, getter))));
  }
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

function resolve(info: ModelInfo, owner: Mapper, name: string, spec: RelationSpec): RelationMapping {
  const path = `${info.name}.${name}`;
  const target = targetOf(info, path, spec);
  const { options } = spec;
  const orderBy = options.orderBy === undefined ? undefined : target.column(options.orderBy);
  if (options.orderBy !== undefined && !orderBy) {
    throw new ConfigurationError(
      `${path}: orderBy '${options.orderBy}' is no column of ${target.name}; it has ${target.attributeNames()}`,
    );
  }
  const many = spec.kind === 'many';
  const base = { name, owner, target, many, cascade: options.cascade ?? 'save', orderBy } as const;
  if (options.through !== undefined) {
    if (!many) throw new ConfigurationError(`${path}: one() takes no 'through'; use many()`);
    const table = linkTable(info, owner, target, path, options);
    const relation: RelationMapping = { ...base, way: 'through', nullable: false, link: undefined, table };
    joinInverse(relation);
    return relation;
  }
  const { link, way } = linkOf(owner, target, path, spec);
  if (way === 'forward' && spec.isNullable !== link.nullable) {
    const key = link.columns.map((mapped) => mapped.attribute).join(', ');
    throw new ConfigurationError(
      link.nullable
        ? `${path}: its key '${key}' is nullable, so the relation is too: one(…).nullable()`
        : `${path} is nullable() and its key '${key}' is not; make both so, or neither`,
    );
  }
  const relation: RelationMapping = {
    ...base,
    way,
    nullable: spec.isNullable || way === 'backward',
    link,
    table: undefined,
  };
  if (way === 'backward') link.backward.push(relation);
  return relation;
}

function targetOf(info: ModelInfo, path: string, spec: RelationSpec): Mapper {
  const { target } = spec;
  const found = typeof target === 'string' ? info.registry.ofTable(target) : infoOf(target, path);
  if (!found)
    throw new ConfigurationError(
      `${path}: no model has the table '${String(target)}'; known: ${info.registry.metadata.names()}`,
    );
  if (found.registry !== info.registry)
    throw new ConfigurationError(`${path}: '${found.name}' belongs to another declarativeBase()`);
  if (!found.mapper) throw new ConfigurationError(`${path}: its target '${found.name}' has mistakes of its own`);
  return found.mapper;
}

interface Candidate {
  readonly way: 'forward' | 'backward';
  readonly key: ForeignKey;
}

/** The foreign key that a relation follows: the one named, or the only one there is. */
function linkOf(
  owner: Mapper,
  target: Mapper,
  path: string,
  spec: RelationSpec,
): { link: Link; way: Candidate['way'] } {
  const { by, inverse } = spec.options;
  const forward = (): Candidate[] => keysBetween(owner, target).map((key) => ({ way: 'forward', key }));
  const backward = (): Candidate[] => keysBetween(target, owner).map((key) => ({ way: 'backward', key }));
  if (inverse !== undefined) return named(backward(), target, inverse, path, owner, target);
  if (by !== undefined) {
    const candidates = spec.kind === 'one' ? forward() : backward();
    return named(candidates, spec.kind === 'one' ? owner : target, by, path, owner, target);
  }
  const own = spec.kind === 'one' ? forward() : [];
  const candidates = own.length > 0 ? own : backward();
  if (candidates.length === 1) return makeLink(candidates[0]!, owner, target, path);
  if (candidates.length === 0) {
    throw new ConfigurationError(
      `${path}: no foreign key joins ${owner.name} and ${target.name}; give a column .references('${spec.kind === 'one' ? target.table.name : owner.table.name}.…')`,
    );
  }
  throw new ConfigurationError(
    `${path}: several foreign keys join ${owner.name} and ${target.name}; say which with by: ${choices(candidates)}`,
  );
}

function choices(candidates: readonly Candidate[]): string {
  return candidates.map(({ key }) => `'${key.columns.map((column) => column.attribute).join(', ')}'`).join(' or ');
}

function named(
  candidates: readonly Candidate[],
  holder: Mapper,
  by: string | readonly string[],
  path: string,
  owner: Mapper,
  target: Mapper,
): { link: Link; way: Candidate['way'] } {
  const attributes = typeof by === 'string' ? [by] : by;
  for (const attribute of attributes) {
    if (!holder.column(attribute)) {
      throw new ConfigurationError(
        `${path}: '${attribute}' is no column of ${holder.name}; it has ${holder.attributeNames()}`,
      );
    }
  }
  const wanted = attributes.map((attribute) => holder.column(attribute)!.column);
  const found = candidates.find(({ key }) => sameColumns(key.columns, wanted));
  if (found) return makeLink(found, owner, target, path);
  const other = found ?? candidates;
  throw new ConfigurationError(
    other.length === 0
      ? `${path}: '${attributes.join(', ')}' is no foreign key between ${owner.name} and ${target.name}; add .references()`
      : `${path}: '${attributes.join(', ')}' is no foreign key between the two; there is ${choices(other)}`,
  );
}

function sameColumns(left: readonly TableColumn[], right: readonly TableColumn[]): boolean {
  return left.length === right.length && left.every((column, at) => column === right[at]);
}

/** Foreign keys of one model (not those that join the tables of a hierarchy) that refer to another. */
function keysBetween(holder: Mapper, target: Mapper): ForeignKey[] {
  return holder.tables
    .flatMap((table) => table.foreignKeys)
    .filter((key) => {
      const isMapped = key.columns.every((column) => holder.columns.some((mapped) => mapped.column === column));
      return isMapped && target.tables.includes(key.references[0]!.table);
    });
}

const links = new WeakMap<ForeignKey, Link>();

/** Takes models that were not resolved after all out of those that were. */
export function discard(failed: ReadonlySet<Mapper>, kept: readonly Mapper[]): void {
  const forget = (mapper: Mapper, isStale: (link: Link) => boolean): void => {
    for (const key of mapper.tables.flatMap((table) => table.foreignKeys)) {
      const link = links.get(key);
      if (!link || !isStale(link)) continue;
      links.delete(key);
      mapper.links.delete(link);
    }
  };
  for (const mapper of failed) forget(mapper, ({ holder, target }) => failed.has(holder) || failed.has(target));
  for (const mapper of kept) {
    forget(mapper, ({ target }) => failed.has(target));
    remove(mapper.subclasses, (other) => failed.has(other));
    for (const link of mapper.incoming) if (failed.has(link.holder)) mapper.incoming.delete(link);
    for (const link of mapper.links) remove(link.backward, ({ owner }) => failed.has(owner));
    for (const { table } of mapper.relations.values())
      if (table?.inverse && failed.has(table.inverse.owner)) table.inverse = undefined;
  }
}

function remove<T>(list: T[], isGone: (item: T) => boolean): void {
  for (let at = list.length - 1; at >= 0; at--) if (isGone(list[at]!)) list.splice(at, 1);
}

function makeLink(
  candidate: Candidate,
  owner: Mapper,
  target: Mapper,
  path: string,
): { link: Link; way: Candidate['way'] } {
  const { key, way } = candidate;
  let link = links.get(key);
  if (!link) {
    const holder = declaring(way === 'forward' ? owner : target, key.columns[0]!);
    const referred = declaring(way === 'forward' ? target : owner, key.references[0]!);
    const references = key.references.map((column) => attributeFor(referred, column, path));
    link = {
      holder,
      columns: key.columns.map((column) => attributeFor(holder, column, path)),
      target: referred,
      references,
      byKey: references.length === referred.key.length && references.every((mapped, at) => mapped === referred.key[at]),
      nullable: key.nullable,
      onDelete: key.onDelete,
      backward: [],
    };
    links.set(key, link);
  }
  for (const mapper of link.holder.family()) mapper.links.add(link);
  for (const mapper of link.target.family()) mapper.incoming.add(link);
  return { link, way };
}

/** The class of a hierarchy that brings the column. */
function declaring(mapper: Mapper, column: TableColumn): Mapper {
  return mapper.base && mapper.base.tables.includes(column.table) && mapper.base.attributeOf(column)
    ? declaring(mapper.base, column)
    : mapper;
}

function attributeFor(mapper: Mapper, column: TableColumn, path: string): MappedColumn {
  // The key of a subclass's own table is its base's.
  const mapped =
    mapper.attributeOf(column) ?? (column.spec.key ? mapper.key[column.table.primaryKey.indexOf(column)] : undefined);
  if (mapped) return mapped;
  throw new ConfigurationError(`${path}: '${column.path}' is no attribute of ${mapper.name}`);
}

/** The two sides of a many-to-many know each other. */
function joinInverse(relation: RelationMapping): void {
  const { table, target, owner } = relation;
  for (const other of target.relations.values()) {
    const mirrors =
      other !== relation &&
      other.table?.table === table!.table &&
      other.target.root === owner.root &&
      sameColumns(other.table.ownerColumns, table!.targetColumns);
    if (!mirrors) continue;
    table!.inverse = other;
    other.table.inverse = relation;
  }
}
