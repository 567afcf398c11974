import { ConfigurationError } from '../../errors/errors.ts';
import { EntitySelectBuilder, type EntitySelect } from '../../sql/entity-select.ts';
import type { Only } from '../../sql/loading.ts';
import type { AnyModel, Entity, InstanceOf } from '../../sql/model.ts';
import type { Values } from '../../sql/plain.ts';
import { unknownColumn } from '../../sql/source.ts';
import { kindOf } from '../../util/brand.ts';
import { entityShape } from '../loading/entity-query.ts';
import type { MappedColumn, Mapper } from '../mapping/mapper.ts';
import { infoOf, mapperOf } from '../mapping/model-info.ts';
import { stateOf } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { byKeys, keyOf } from './lifecycle.ts';
import { QueryBuilder, type Query } from './query.ts';
import { Session } from './session.ts';
import { undoRelations } from './undo.ts';
import { builderOf } from './watch.ts';

/** Entities that one call reads more of, from the one that asks. */
const PEERS = 500;

/** Columns of a model that are left out and read together. */
export class ColumnGroup<C extends AnyModel, K extends string> {
  declare readonly model: C;
  declare readonly columns: readonly K[];

  /** @internal */
  constructor(model: C, columns: readonly K[]) {
    this.model = model;
    this.columns = columns;
  }
}

/**
 * A group of columns, to be left out of queries by `defer()`, and read by `undefer()`: all of the group in one round trip,
 * and nothing else that was left out.
 *
 * @example
 * const article = columnGroup(Post, 'body', 'source')
 * const posts = await defer(session.query(Post), article).all()
 * const whole = await undefer(session, article, posts[0])  // for all of posts
 * // select "posts"."id", "posts"."body", "posts"."source" from "posts" where "posts"."id" in (…)
 * @throws ConfigurationError for what is no column of the model.
 */
export function columnGroup<C extends AnyModel, K extends string & keyof Values<InstanceOf<C>>>(
  model: C,
  ...columns: K[]
): ColumnGroup<C, K> {
  infoOf(model, 'columnGroup()');
  return new ColumnGroup(model, columns);
}

/**
 * The query without some columns, or groups of them: long texts, documents. What is left out is absent from the type;
 * `undefer()` reads it.
 *
 * @example
 * const posts = await defer(session.query(Post), 'body').all()
 * // select "posts"."id", "posts"."title" from "posts"
 * const whole = await undefer(session, Post, posts)
 */
export function defer<E extends Entity, K extends string & keyof Values<E>>(
  query: Query<E>,
  ...columns: (K | ColumnGroup<AnyModel, K>)[]
): Query<Only<E, Exclude<keyof Values<E>, K>>>;
export function defer<E extends Entity, K extends string & keyof Values<E>>(
  query: EntitySelect<E>,
  ...columns: (K | ColumnGroup<AnyModel, K>)[]
): EntitySelect<Only<E, Exclude<keyof Values<E>, K>>>;
export function defer(query: unknown, ...given: (string | ColumnGroup<AnyModel, string>)[]): unknown {
  if (!(query instanceof EntitySelectBuilder))
    throw new ConfigurationError(`defer(): expected a query or a select of a model, got ${kindOf(query)}`);
  const { entity, node } = query;
  const columns = given.flatMap((item) => (item instanceof ColumnGroup ? item.columns : item));
  const stranger = columns.find((name) => !entity.columns.has(name));
  if (stranger !== undefined) throw unknownColumn(entity, stranger, 'defer()');
  const read = node.only ?? [...entity.columns.keys()];
  return query.loadOnly(...read.filter((name) => !columns.includes(name)));
}

/**
 * Reads the columns that `defer()` or `loadOnly()` left out, or those of a group alone, in one round trip: of several
 * entities, or of one and its peers, those of the same result. What is read already, and what the program changed, stays.
 * None is sent where nothing is left out.
 *
 * @example
 * const post = await undefer(session, Post, posts[0]) // for all of posts
 * post.body
 * @throws ConfigurationError for an entity of another model, or none of the session.
 */
export function undefer<C extends AnyModel>(
  session: Session,
  model: C,
  entities: readonly Entity[],
): Promise<InstanceOf<C>[]>;
export function undefer<C extends AnyModel>(session: Session, model: C, entity: Entity): Promise<InstanceOf<C>>;
export function undefer<C extends AnyModel, K extends string & keyof InstanceOf<C>, E extends Entity>(
  session: Session,
  group: ColumnGroup<C, K>,
  entities: readonly E[],
): Promise<(E & Pick<InstanceOf<C>, K>)[]>;
export function undefer<C extends AnyModel, K extends string & keyof InstanceOf<C>, E extends Entity>(
  session: Session,
  group: ColumnGroup<C, K>,
  entity: E,
): Promise<E & Pick<InstanceOf<C>, K>>;
export async function undefer(session: Session, from: unknown, given: unknown): Promise<unknown> {
  const where = 'undefer()';
  const { holdings, loading } = Session.parts(session, where);
  const group = from instanceof ColumnGroup ? (from as ColumnGroup<AnyModel, string>) : undefined;
  const mapper = mapperOf(group?.model ?? from, where);
  const columns = group ? group.columns.flatMap((name) => columnsNamed(mapper, name)) : undefined;
  const isLacking = (state: InstanceState): boolean => isPartial(state, columns ?? state.mapper.columns);
  const states = (Array.isArray(given) ? given : [given]).map((entity: unknown) => {
    const state = stateOf(entity, where);
    if (state.context === holdings.context && state.mapper.isA(mapper)) return state;
    throw new ConfigurationError(`${where}: ${state.label} is no ${mapper.name} of this session`);
  });
  const [first] = states;
  const peers = Array.isArray(given) || !first ? [] : peersOf(first).filter((state) => state.mapper.isA(mapper));
  const lacking = [...new Set([...states, ...peers])].filter(isLacking);
  if (states.some(isLacking)) {
    const shape = entityShape(mapper, group?.columns);
    const [rows = []] = await loading.read([byKeys(mapper, shape, lacking.map(keyOf))]);
    loading.hydrator.all(rows, shape);
  }
  return Array.isArray(given) ? given : first!.entity;
}

/** The column of that name, or those of an embedded value. */
function columnsNamed(mapper: Mapper, name: string): MappedColumn[] {
  const found = mapper.columns.filter(({ attribute }) => attribute === name || attribute.startsWith(`${name}.`));
  if (found.length > 0) return found;
  throw new ConfigurationError(`columnGroup(): ${mapper.name} has no column '${name}'`, {
    model: mapper.name,
    attributes: [name],
  });
}

function peersOf(state: InstanceState): readonly InstanceState[] {
  const peers = state.peers ?? [];
  const at = peers.indexOf(state);
  return [...peers.slice(at), ...peers.slice(0, at)].slice(0, PEERS).filter((peer) => peer.context === state.context);
}

function isPartial({ row, positions }: InstanceState, columns: readonly MappedColumn[]): boolean {
  return row !== undefined && columns.some(({ index }) => (positions![index] ?? -1) < 0);
}

/**
 * The query, where what it reads wins over what the program changed and has not committed: columns, and what is pending
 * in relations, of every entity that it yields or loads.
 *
 * @example
 * const users = await populateExisting(session.query(User)).all()
 */
export function populateExisting<Q extends Query<Entity>>(query: Q): Q {
  const fresh: QueryBuilder = builderOf(query, 'populateExisting()').reading((loading) => ({
    ...loading,
    hydrator: {
      forget: (states) => loading.hydrator.forget(states),
      all: (rows, shape) => {
        // Where an entity was moved to is known only before its row wins.
        for (const state of new Set(loading.hydrator.all(rows, shape))) undoRelations(state);
        return loading.hydrator.all(rows, shape, true);
      },
    },
  }));
  const made: object = fresh;
  return made as Q;
}
