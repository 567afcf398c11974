import { ConfigurationError } from '../../errors/errors.ts';
import { EntitySelectBuilder, type EntitySelect } from '../../sql/entity-select.ts';
import type { Only } from '../../sql/loading.ts';
import type { AnyModel, Entity, InstanceOf } from '../../sql/model.ts';
import type { Values } from '../../sql/plain.ts';
import { unknownColumn } from '../../sql/source.ts';
import { kindOf } from '../../util/brand.ts';
import { entityShape } from '../loading/entity-query.ts';
import { mapperOf } from '../mapping/model-info.ts';
import { stateOf } from '../state/entity.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { byKeys, keyOf } from './lifecycle.ts';
import { QueryBuilder, type Query } from './query.ts';
import { Session } from './session.ts';
import { undoRelations } from './undo.ts';
import { builderOf } from './watch.ts';

/** Entities that one call reads more of, from the one that asks. */
const PEERS = 500;

/**
 * The query without some columns: long texts, documents. What is left out is absent from the type; `undefer()` reads it.
 *
 * @example
 * const posts = await defer(session.query(Post), 'body').all()
 * // select "posts"."id", "posts"."title" from "posts"
 * const whole = await undefer(session, Post, posts)
 */
export function defer<E extends Entity, K extends string & keyof Values<E>>(
  query: Query<E>,
  ...columns: K[]
): Query<Only<E, Exclude<keyof Values<E>, K>>>;
export function defer<E extends Entity, K extends string & keyof Values<E>>(
  query: EntitySelect<E>,
  ...columns: K[]
): EntitySelect<Only<E, Exclude<keyof Values<E>, K>>>;
export function defer(query: unknown, ...columns: string[]): unknown {
  if (!(query instanceof EntitySelectBuilder))
    throw new ConfigurationError(`defer(): expected a query or a select of a model, got ${kindOf(query)}`);
  const { entity, node } = query;
  const stranger = columns.find((name) => !entity.columns.has(name));
  if (stranger !== undefined) throw unknownColumn(entity, stranger, 'defer()');
  const read = node.only ?? [...entity.columns.keys()];
  return query.loadOnly(...read.filter((name) => !columns.includes(name)));
}

/**
 * Reads the columns that `defer()` or `loadOnly()` left out, in one round trip: of several entities, or of one and its
 * peers, those of the same result. What is read already, and what the program changed, stays. None is sent where nothing
 * is left out.
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
export async function undefer(session: Session, model: AnyModel, given: unknown): Promise<unknown> {
  const where = 'undefer()';
  const { holdings, loading } = Session.parts(session, where);
  const mapper = mapperOf(model, where);
  const states = (Array.isArray(given) ? given : [given]).map((entity: unknown) => {
    const state = stateOf(entity, where);
    if (state.context === holdings.context && state.mapper.isA(mapper)) return state;
    throw new ConfigurationError(`${where}: ${state.label} is no ${mapper.name} of this session`);
  });
  const [first] = states;
  const peers = Array.isArray(given) || !first ? [] : peersOf(first).filter((state) => state.mapper.isA(mapper));
  const lacking = [...new Set([...states, ...peers])].filter(isPartial);
  if (states.some(isPartial)) {
    const shape = entityShape(mapper);
    const [rows = []] = await loading.read([byKeys(mapper, shape, lacking.map(keyOf))]);
    loading.hydrator.all(rows, shape);
  }
  return Array.isArray(given) ? given : first!.entity;
}

function peersOf(state: InstanceState): readonly InstanceState[] {
  const peers = state.peers ?? [];
  const at = peers.indexOf(state);
  return [...peers.slice(at), ...peers.slice(0, at)].slice(0, PEERS).filter((peer) => peer.context === state.context);
}

function isPartial({ mapper, row, positions }: InstanceState): boolean {
  return row !== undefined && mapper.columns.some(({ index }) => (positions![index] ?? -1) < 0);
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
