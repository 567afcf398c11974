import type { LogEvent } from '../../engine/engine.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { Entity } from '../../sql/model.ts';
import { kindOf } from '../../util/brand.ts';
import { readRoot, type Loading } from '../loading/load.ts';
import { rootQuery } from '../loading/root-query.ts';
import type { Branch, LoadEvent } from '../loading/strategy.ts';
import { QueryBuilder, type Query } from './query.ts';
import { Session } from './session.ts';

/** What `Loading.tell` is, for a listener: what goes later is planned again, and told once. */
function teller(listener: (event: LoadEvent) => void): NonNullable<Loading['tell']> {
  const told = new WeakSet<Branch>();
  return (branch, ran, because) => {
    if (told.has(branch)) return;
    told.add(branch);
    const { relation } = branch;
    const asked = branch.strategy?.name ?? 'batch';
    const strategy = branch.strategy?.note ? asked : ran;
    listener({
      model: relation.owner.name,
      relation: relation.name,
      strategy,
      ...(because !== undefined && asked !== strategy ? { instead: { of: asked, because } } : {}),
    });
  };
}

/**
 * How the relations of a query would be loaded, in the order of `with()`. No I/O. What lies beyond a relation that goes by
 * keys is known when it is loaded: `watchLoads()` tells it.
 *
 * @example
 * explainLoading(session.query(User).with({ posts: jsonLoad(true) }))
 * // [{ model: 'User', relation: 'posts', strategy: 'json' }]
 */
export function explainLoading(query: Query<Entity>): LoadEvent[] {
  const events: LoadEvent[] = [];
  const { loading, node } = builderOf(query, 'explainLoading()');
  readRoot({ ...loading, tell: teller((event) => events.push(event)) }, rootQuery(node));
  return events;
}

/**
 * Tells of each relation that a session loads which way it went, until the function that it returns is called.
 *
 * @example
 * const stop = watchLoads(session, ({ model, relation, strategy }) => console.log(model, relation, strategy))
 */
export function watchLoads(session: Session, listener: (event: LoadEvent) => void): () => void {
  const { loading } = Session.parts(session, 'watchLoads()');
  const before = loading.tell;
  const tell = teller(listener);
  loading.tell = (...told) => {
    before?.(...told);
    tell(...told);
  };
  return () => (loading.tell = before);
}

/** A relation that a program loaded by awaiting it. */
export interface LazyLoad {
  readonly model: string;
  readonly relation: string;
  /** How often it was asked for: each time beyond the first is a round trip that an eager load saves. */
  readonly times: number;
  /** What to write instead. */
  readonly fix: string;
}

/**
 * For development: which relations a session loads by awaiting them, and how to load them with their query.
 *
 * @example
 * const loads = lazyLoads(session)
 * await handle(request, session)
 * console.table(loads()) // { model: 'User', relation: 'posts', times: 20, fix: 'query(User).with({ posts: true })' }
 */
export function lazyLoads(session: Session): () => LazyLoad[] {
  const { context } = Session.parts(session, 'lazyLoads()').holdings;
  const load = context.load.bind(context);
  const found = new Map<string, { model: string; relation: string; times: number }>();
  context.load = (state, relation) => {
    const { name: model } = state.mapper;
    const path = `${model}.${relation.name}`;
    const known = found.get(path) ?? { model, relation: relation.name, times: 0 };
    known.times++;
    found.set(path, known);
    return load(state, relation);
  };
  return () =>
    [...found.values()]
      .map((item) => ({ ...item, fix: `query(${item.model}).with({ ${item.relation}: true })` }))
      .toSorted((one, other) => other.times - one.times);
}

/** A statement that was sent again and again. */
export interface Repeat {
  readonly sql: string;
  readonly trips: number;
}

/**
 * For development: which statements an engine sends in many round trips, where one would do: with a list, `getMany()`,
 * `batch()` or an eager load.
 *
 * @example
 * const repeats = findRepeats()
 * const engine = createEngine(driver, { log: repeats.log })
 * repeats.found() // [{ sql: 'select … from "users" where "users"."id" = ?1', trips: 20 }]
 */
export function findRepeats(): { readonly log: (event: LogEvent) => void; found(least?: number): Repeat[] } {
  const trips = new Map<string, number>();
  return {
    log: ({ statements }) => {
      for (const sql of new Set(statements.map((statement) => statement.sql)))
        trips.set(sql, (trips.get(sql) ?? 0) + 1);
    },
    found: (least = 3) =>
      [...trips]
        .flatMap(([sql, count]) => (count < least ? [] : [{ sql, trips: count }]))
        .toSorted((one, other) => other.trips - one.trips),
  };
}

/** The builder behind a query of a session. */
export function builderOf(query: unknown, where: string): QueryBuilder {
  if (query instanceof QueryBuilder) return query;
  throw new ConfigurationError(
    `${where}: expected a query of a session, like session.query(User); got ${kindOf(query)}`,
  );
}
