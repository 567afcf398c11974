import { MultipleResultsFound, NoResultFound } from '../../errors/errors.ts';
import type { Dialect } from '../../compiler/dialect.ts';
import type { CallOptions } from '../../driver/driver.ts';
import type { By, Condition } from '../../sql/expr.ts';
import { ATOM, Bind } from '../../sql/expression.ts';
import { EntitySelectBuilder } from '../../sql/entity-select.ts';
import { Opaque } from '../../sql/opaque.ts';
import type { Loaded, Only, With } from '../../sql/loading.ts';
import type { Lockable } from '../../sql/lock.ts';
import type { Entity } from '../../sql/model.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import type { Filter, Values } from '../../sql/plain.ts';
import type { Relation } from '../../sql/relation.ts';
import { selectNode } from '../../sql/select.ts';
import { columnNode, derivedNode } from '../../sql/source.ts';
import { integerType } from '../../types/scalar.ts';
import { branchesOf } from '../loading/branches.ts';
import { mapperOfSelect } from '../loading/entity-query.ts';
import type { Loading } from '../loading/load.ts';
import { named } from '../loading/related.ts';
import { limitOf, loadEntities, rootQuery } from '../loading/root-query.ts';
import { streamChunks } from './stream.ts';

/**
 * A query of entities. Each call returns a new query; a terminal (`all`, `first`, `one`, `oneOrNull`, `count`, `exists`,
 * `stream`) sends it.
 *
 * Outside a transaction a query does not see what is pending in its session: commit first.
 */
export interface Query<E extends Entity> extends Lockable {
  where(...conditions: Condition[]): Query<E>;
  filterBy(values: Filter<E>): Query<E>;
  /** Joins a relation's rows: for conditions and order, and for `containsEager()`. */
  join(relation: Relation<unknown>): Query<E>;
  orderBy(...by: By[]): Query<E>;
  limit(n: number): Query<E>;
  offset(n: number): Query<E>;
  /** Loads relations in the same round trip, at any depth. */
  with<const W extends With<E>>(relations: W): Query<Loaded<E, W>>;
  loadOnly<K extends string & keyof Values<E>>(...columns: K[]): Query<Only<E, K>>;
  all(options?: CallOptions): Promise<E[]>;
  first(options?: CallOptions): Promise<E | null>;
  /** @throws NoResultFound and MultipleResultsFound. */
  one(options?: CallOptions): Promise<E>;
  /** @throws MultipleResultsFound. */
  oneOrNull(options?: CallOptions): Promise<E | null>;
  count(options?: CallOptions): Promise<number>;
  exists(options?: CallOptions): Promise<boolean>;
  /** In chunks of 1,000 by the order of the query and then the key, a round trip for each. */
  stream(options?: CallOptions): AsyncIterable<E>;
}

/** A select of a model that is sent by a session. */
export class QueryBuilder extends EntitySelectBuilder {
  readonly #loading: Loading;

  constructor(loading: Loading, ...of: ConstructorParameters<typeof EntitySelectBuilder>) {
    super(...of);
    this.#loading = loading;
  }

  get dialect(): Dialect {
    return this.#loading.engine.driver.dialect;
  }
  protected override derive(...of: ConstructorParameters<typeof EntitySelectBuilder>): this {
    return new QueryBuilder(this.#loading, ...of) as this;
  }
  /** For functions over a query: the same, read in another way. */
  reading(change: (loading: Loading) => Loading): QueryBuilder {
    return new QueryBuilder(change(this.#loading), this.node);
  }
  get loading(): Loading {
    return this.#loading;
  }
  override with(relations: Readonly<Record<string, unknown>>): this {
    branchesOf(mapperOfSelect(this.node), relations, 'with()');
    return super.with(relations);
  }

  async all(options?: CallOptions): Promise<object[]> {
    const states = await loadEntities(this.#loading, this.node, options);
    return states.map((state) => state.entity);
  }
  async first(options?: CallOptions): Promise<object | null> {
    const [found = null] = await this.#atMost(1).all(options);
    return found;
  }
  async one(options?: CallOptions): Promise<object> {
    const found = await this.oneOrNull(options);
    if (found) return found;
    throw new NoResultFound(`one(): no ${this.#name} meets the conditions`, { model: this.#name });
  }
  async oneOrNull(options?: CallOptions): Promise<object | null> {
    const found = await this.#atMost(2).all(options);
    if (found.length < 2) return found[0] ?? null;
    throw new MultipleResultsFound(`more than one ${this.#name} meets the conditions; use first() or all()`, {
      model: this.#name,
    });
  }
  async count(options?: CallOptions): Promise<number> {
    const [rows] = await this.#loading.read([countNode(this.node)], options);
    return Number(rows![0]![0]);
  }
  async exists(options?: CallOptions): Promise<boolean> {
    const node: SelectNode = {
      ...rootQuery(this.node).core,
      outputs: [],
      orderBy: [],
      limit: new Bind(Math.min(limitOf(this.node), 1), integerType, true),
    };
    const [rows] = await this.#loading.read([node], options);
    return rows!.length > 0;
  }
  stream(options?: CallOptions): AsyncIterable<object> {
    return streamChunks(this.node, this.#loading, options);
  }

  #atMost(rows: number): QueryBuilder {
    return limitOf(this.node) <= rows ? this : this.limit(rows);
  }

  get #name(): string {
    return mapperOfSelect(this.node).name;
  }
}

/** How many rows a select of a model yields. */
export function countNode(node: SelectNode): SelectNode {
  const number = { name: 'count', expression: new Opaque(['count(*)'], integerType, ATOM) };
  const core = { ...rootQuery(node).core, orderBy: [] };
  const bounded = node.limit || node.offset || node.distinct || node.lock;
  return bounded
    ? selectNode([number], [], {
        from: derivedNode({ ...core, outputs: keyOutputs(node) }, 'counted', false),
        lifted: node.lifted,
      })
    : { ...core, outputs: [number] };
}

function keyOutputs(node: SelectNode): SelectNode['outputs'] {
  return named(
    'key',
    mapperOfSelect(node).key.map(({ column }) => columnNode(column)),
  );
}
