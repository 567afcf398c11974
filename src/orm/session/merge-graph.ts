import { ConfigurationError } from '../../errors/errors.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import type { MappedColumn, Mapper, RelationMapping } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { labelOf, type InstanceState, type LoadContext } from '../state/instance-state.ts';
import { isPart } from '../state/collection.ts';
import { targetOf } from '../state/links.ts';
import { checkValue, storedValue } from '../state/snapshot.ts';

/** What is to be merged as one entity: what is said of it, and nothing of what is not. */
export interface MergeNode {
  readonly mapper: Mapper;
  /** The entity that says it; undefined where plain data does. */
  readonly source: InstanceState | undefined;
  readonly values: Map<MappedColumn, unknown>;
  /** By which its row is found; undefined where it says none, so that it is new. */
  key: readonly unknown[] | undefined;
  readonly ones: Map<RelationMapping, MergeNode | null>;
  readonly manys: Map<RelationMapping, readonly MergeNode[]>;
  /** The entity of the session that it is merged into. */
  target: InstanceState | undefined;
}

/** Takes apart entities and plain data, with all that they reach; each object once. */
export class MergeGraph {
  readonly nodes: MergeNode[] = [];
  readonly #context: LoadContext;
  readonly #known = new Map<object, MergeNode>();

  constructor(context: LoadContext) {
    this.#context = context;
  }

  /** An entity, or data of a model. */
  add(given: unknown, mapper: Mapper | undefined, where: string): MergeNode {
    const known = this.#known.get(given as object);
    if (known) return known;
    const state = EntityBase.state(given);
    const node: MergeNode = {
      mapper: mapperOf(given, state, mapper, where),
      source: state,
      values: new Map(),
      key: undefined,
      ones: new Map(),
      manys: new Map(),
      target: state?.context === this.#context ? state : undefined,
    };
    this.#known.set(given as object, node);
    this.nodes.push(node);
    // What is in the session already is what it is merged into.
    if (node.target) return node;
    if (state) this.#readEntity(node, state);
    else this.#readData(node, given as Readonly<Record<string, unknown>>, where);
    node.key = keyOf(node);
    return node;
  }

  #readEntity(node: MergeNode, state: InstanceState): void {
    const { mapper, entity } = state;
    for (const mapped of mapper.columns)
      if (entity[mapped.attribute] !== undefined) node.values.set(mapped, entity[mapped.attribute]);
    for (const [name, relation] of mapper.relations) {
      if (relation.way === 'forward') {
        const target = targetOf(state, relation.link!);
        if (target) node.ones.set(relation, this.add(target.entity, undefined, name));
        continue;
      }
      const items = state.collections.get(relation)?.peek();
      // An empty collection of a new entity says nothing: nobody has loaded it.
      if (items && !(state.isNew && items.length === 0)) this.#relate(node, relation, items, name);
    }
  }

  #readData(node: MergeNode, data: Readonly<Record<string, unknown>>, where: string): void {
    const { mapper } = node;
    const { embedded } = mapper.source;
    for (const [name, value] of Object.entries(embedded ? embedded.spread(data, mapper.name) : data)) {
      if (value === undefined) continue;
      const mapped = mapper.column(name);
      const relation = mapper.relations.get(name);
      if (mapped) {
        // A key that no program gives still says which entity is meant.
        node.values.set(mapped, mapped.column.spec.always ? value : checkValue(node, mapped, value));
      } else if (relation) this.#relate(node, relation, value, `${where}.${name}`);
      else {
        throw new ConfigurationError(
          `${where}: ${mapper.name} has no attribute '${name}'; it has ${mapper.attributeNames()}`,
        );
      }
    }
  }

  #relate(node: MergeNode, relation: RelationMapping, value: unknown, where: string): void {
    if (relation.many) {
      if (!Array.isArray(value))
        throw new ConfigurationError(`${where}: expected an array of ${relation.target.name}, got ${kindOf(value)}`);
      if (isPart(value)) throw partGiven(node.mapper, relation, where);
      const members = value.map((item: unknown) => this.add(item, relation.target, where));
      node.manys.set(relation, [...new Set(members)]);
      return;
    }
    const one: unknown = Array.isArray(value) ? (value[0] ?? null) : value;
    node.ones.set(relation, one === null ? null : this.add(one, relation.target, where));
  }
}

function partGiven(mapper: Mapper, { name }: RelationMapping, where: string): Error {
  return new ConfigurationError(
    `${where}: these are a part of a collection, and a ${labelOf(mapper)} would lose what the part leaves out. Give the whole, or a copy of the part if it is meant as the whole`,
    { model: mapper.name, attributes: [name] },
  );
}

/** The model of what is given: an entity's own. */
function mapperOf(given: unknown, state: InstanceState | undefined, mapper: Mapper | undefined, where: string): Mapper {
  if (!state) {
    if (mapper && isRecord(given)) return mapper;
    throw new ConfigurationError(`${where}: expected an entity, or a model and its data; got ${kindOf(given)}`);
  }
  if (!mapper || state.mapper.isA(mapper)) return state.mapper;
  throw new ConfigurationError(`${where}: expected a ${mapper.name}, got a ${state.mapper.name}`);
}

/** The key that the row has: of an entity whose key was changed, the one before. */
function keyOf({ mapper, source, values }: MergeNode): readonly unknown[] | undefined {
  const key = mapper.key.map((mapped) => (source?.row ? storedValue(source, mapped) : values.get(mapped)));
  return key.some((value) => value === undefined || value === null) ? undefined : key;
}
