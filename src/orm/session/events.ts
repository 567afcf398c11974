import { coreOf, EngineCore, type Engine } from '../../engine/engine.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError, EventError } from '../../errors/errors.ts';
import type { AnyModel, DeclarativeBase, Entity, InstanceOf } from '../../sql/model.ts';
import { kindOf } from '../../util/brand.ts';
import { loadListening } from '../loading/load-listening.ts';
import { infoOf, type ModelInfo } from '../mapping/model-info.ts';
import type { Mapper } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { changedColumns } from '../state/snapshot.ts';
import { findParticipants } from '../unit-of-work/collect.ts';
import type { WorkSet } from '../unit-of-work/work.ts';
import type { Holdings } from './journal.ts';
import { listening, runLast, type Listeners } from './listening.ts';
import { Session } from './session.ts';

/** What happens to an entity. */
export type EntityEvent =
  | 'beforeInsert'
  | 'afterInsert'
  | 'beforeUpdate'
  | 'afterUpdate'
  | 'beforeDelete'
  | 'afterDelete'
  | 'load';
/** What happens to a session. */
export type SessionEvent = 'beforeFlush' | 'afterFlush' | 'beforeCommit' | 'afterCommit' | 'afterRollback';

export type EntityHandler<E> = (entity: E, session: Session) => void | Promise<void>;
export type SessionHandler = (session: Session) => void | Promise<void>;

type Handler = (...given: never[]) => unknown;

const ENTITY: ReadonlySet<string> = /* @__PURE__ */ new Set<EntityEvent>([
  'beforeInsert',
  'afterInsert',
  'beforeUpdate',
  'afterUpdate',
  'beforeDelete',
  'afterDelete',
  'load',
]);
const SESSION: ReadonlySet<string> = /* @__PURE__ */ new Set<SessionEvent>([
  'beforeFlush',
  'afterFlush',
  'beforeCommit',
  'afterCommit',
  'afterRollback',
]);

/** Handlers by what they were registered on, in the order in which they were. */
const handlers = new WeakMap<object, { readonly event: string; readonly handler: Handler }[]>();
/** How often something was registered: what was looked up before is looked up again. */
let registrations = 0;

/**
 * Calls a handler when something happens to the entities of a model (and of those that extend it), of a base, of an
 * engine's sessions or of one session; returns the function that ends this.
 *
 * A commit goes through `beforeCommit`, `beforeFlush`, then `beforeInsert`, `beforeUpdate` and `beforeDelete` of each
 * entity, its round trip, `afterInsert`, `afterUpdate`, `afterDelete`, `afterFlush` and `afterCommit`. Handlers of one event run
 * one after the other, each awaited: those of the engine first, then of the base, of the model's bases, of the model, of the
 * session. What a handler changes before the flush is written with it, after handlers of its own.
 *
 * `load` is told of each entity that is made of a row. It returns at once, and changes no column.
 *
 * @example
 * const off = on(User, 'beforeInsert', async (user) => { user.hash = await hash(user.password) })
 * on(session, 'afterCommit', () => queue.send('changed'))
 * @throws ConfigurationError for a target or an event that is none.
 */
export function on<C extends AnyModel>(
  model: C,
  event: Exclude<EntityEvent, 'load'>,
  handler: EntityHandler<InstanceOf<C>>,
): () => void;
export function on<C extends AnyModel>(
  model: C,
  event: 'load',
  handler: (entity: InstanceOf<C>, session: Session) => undefined | void,
): () => void;
export function on(
  // oxlint-disable-next-line typescript/no-explicit-any -- a base with any shared columns
  target: DeclarativeBase<any> | Engine | Session,
  event: EntityEvent,
  handler: EntityHandler<Entity>,
): () => void;
export function on(target: Engine | Session, event: SessionEvent, handler: SessionHandler): () => void;
export function on(target: unknown, event: string, handler: Handler): () => void {
  const { key, events } = keyOf(target);
  if (!events.some((known) => known.has(event))) {
    const known = events.flatMap((names) => [...names]).join(', ');
    throw new ConfigurationError(`on(): no event '${event}' here; there are ${known}`);
  }
  if (typeof handler !== 'function')
    throw new ConfigurationError(`on('${event}'): expected a function, got ${kindOf(handler)}`);
  listening.current = listeners;
  if (event === 'load') loadListening.current = tellOfLoad;
  const entry = { event, handler };
  handlers.set(key, [...(handlers.get(key) ?? []), entry]);
  registrations++;
  return () => {
    handlers.set(
      key,
      handlers.get(key)!.filter((other) => other !== entry),
    );
    registrations++;
  };
}

function keyOf(target: unknown): { key: object; events: readonly ReadonlySet<string>[] } {
  if (target instanceof Session) return { key: target, events: [ENTITY, SESSION] };
  if (target instanceof EngineCore) return { key: target, events: [ENTITY, SESSION] };
  const { metadata } = (typeof target === 'function' ? target : {}) as { readonly metadata?: object };
  if (metadata) return { key: metadata, events: [ENTITY] };
  return { key: infoOf(target, 'on()'), events: [ENTITY] };
}

function handlersOf(key: object, event: string): Handler[] {
  return (handlers.get(key) ?? []).flatMap((entry) => (entry.event === event ? entry.handler : []));
}

const engines = new WeakMap<Session, EngineCore>();

function engineOf(session: Session): EngineCore {
  let engine = engines.get(session);
  if (!engine) engines.set(session, (engine = coreOf(Session.parts(session, 'on()').engine)));
  return engine;
}

/** The general before the particular. */
function entityHandlers(mapper: Mapper, session: Session, event: string): Handler[] {
  const models: ModelInfo[] = [];
  for (let info: ModelInfo | undefined = infoOf(mapper.class, 'on()'); info; info = info.base) models.unshift(info);
  const keys = [engineOf(session), mapper.table.metadata, ...models, session];
  return keys.flatMap((key) => handlersOf(key, event));
}

/** The same for many entities: found once for each model. */
function lookup(session: Session): (mapper: Mapper, event: string) => Handler[] {
  const found = new Map<string, Map<Mapper, Handler[]>>();
  return (mapper, event) => {
    let known = found.get(event);
    if (!known) found.set(event, (known = new Map()));
    let own = known.get(mapper);
    if (!own) known.set(mapper, (own = entityHandlers(mapper, session, event)));
    return own;
  };
}

const sessionOf = ({ context }: Pick<Holdings, 'context'>): Session => context.session as Session;

function sessionHandlers(holdings: Holdings, event: SessionEvent): Handler[] {
  const session = sessionOf(holdings);
  return [engineOf(session), session].flatMap((key) => handlersOf(key, event));
}

async function tellSession(holdings: Holdings, event: SessionEvent): Promise<void> {
  for (const handler of sessionHandlers(holdings, event)) await (handler as SessionHandler)(sessionOf(holdings));
}

// ── load

let found: { at: number; readonly of: WeakMap<Session, ReturnType<typeof lookup>> } | undefined;

function tellOfLoad(state: InstanceState): void {
  const session = sessionOf(state as Required<InstanceState> & Holdings);
  if (found?.at !== registrations) found = { at: registrations, of: new WeakMap() };
  let own = found.of.get(session);
  if (!own) found.of.set(session, (own = lookup(session)));
  const { mapper, entity } = state;
  const all = own(mapper, 'load');
  if (all.length === 0) return;
  for (const handler of all) {
    const answer = (handler as (entity: object, session: Session) => unknown)(entity, session);
    if (typeof (answer as PromiseLike<unknown> | undefined)?.then !== 'function') continue;
    throw new ConfigurationError(
      `a handler of 'load' of ${mapper.name} returned a promise: it has to be done at once`,
      {
        model: mapper.name,
      },
    );
  }
  const changed = changedColumns(state).map(({ attribute }) => attribute);
  if (changed.length === 0) return;
  throw new ConfigurationError(
    `a handler of 'load' changed ${mapper.name}.${changed.join(', ')} of ${state.label}: columns are what the row has; derive another property`,
    { model: mapper.name, attributes: changed },
  );
}

// ── flush

/** Handlers that add work to the work of handlers, without an end. */
const MOST_ROUNDS = 100;

const BEFORE = { inserts: 'beforeInsert', updates: 'beforeUpdate', deletes: 'beforeDelete' } as const;

/** What handlers threw when it was too late to stop the write. */
const failures = new WeakMap<Holdings, unknown[]>();

function fail(holdings: Holdings, error: unknown): void {
  const list = failures.get(holdings);
  if (list) list.push(error);
  else failures.set(holdings, [error]);
}

function takeFailures(holdings: Holdings): unknown[] {
  const list = failures.get(holdings) ?? [];
  failures.delete(holdings);
  return list;
}

async function tellEach(
  states: Iterable<InstanceState>,
  event: EntityEvent,
  holdings: Holdings,
  of: ReturnType<typeof lookup>,
  caught?: (error: unknown) => void,
): Promise<void> {
  const session = sessionOf(holdings);
  for (const { mapper, entity } of states) {
    for (const handler of of(mapper, event)) {
      try {
        await (handler as (entity: object, session: Session) => unknown)(entity, session);
      } catch (error) {
        if (!caught) throw error;
        caught(error);
      }
    }
  }
}

function hasPairs({ identities }: Holdings): boolean {
  for (const { collections } of identities)
    for (const collection of collections.values()) if (collection.relation.table && collection.isPending) return true;
  return false;
}

const KINDS = ['inserts', 'updates', 'deletes'] as const;

/** Where nobody listens there is nothing to wait for: a commit takes what is pending when it is called. */
function before(holdings: Holdings): Promise<void> | undefined {
  const parts = findParticipants(holdings);
  const of = lookup(sessionOf(holdings));
  const isPending = KINDS.some((kind) => parts[kind].length > 0) || hasPairs(holdings);
  const isHeard =
    (isPending && sessionHandlers(holdings, 'beforeFlush').length > 0) ||
    KINDS.some((kind) => parts[kind].some(({ mapper }) => of(mapper, BEFORE[kind]).length > 0));
  return isHeard ? tellBefore(holdings, of, isPending) : runLast(holdings);
}

async function tellBefore(holdings: Holdings, of: ReturnType<typeof lookup>, isPending: boolean): Promise<void> {
  if (isPending) await tellSession(holdings, 'beforeFlush');
  const told = { inserts: new Set(), updates: new Set(), deletes: new Set() };
  for (let round = 0; ; round++) {
    const parts = findParticipants(holdings);
    let isMore = false;
    for (const kind of KINDS) {
      const fresh = parts[kind].filter((state) => !told[kind].has(state));
      for (const state of fresh) told[kind].add(state);
      isMore ||= fresh.length > 0;
      if (round === MOST_ROUNDS && fresh[0]) {
        throw new ConfigurationError(
          `handlers of ${BEFORE[kind]} go on making work: after ${MOST_ROUNDS} rounds there is ${fresh[0].label} more`,
          { model: fresh[0].mapper.name },
        );
      }
      await tellEach(fresh, BEFORE[kind], holdings, of);
    }
    if (!isMore) return runLast(holdings);
  }
}

async function after(holdings: Holdings, work: WorkSet): Promise<void> {
  const { insertions, switched, changes, deletions, swept } = work;
  const of = lookup(sessionOf(holdings));
  const caught = (error: unknown): void => fail(holdings, error);
  const updated = changes.map(({ state }) => state).filter((state) => !switched.has(state));
  await tellEach([...insertions.map(({ state }) => state), ...switched.keys()], 'afterInsert', holdings, of, caught);
  await tellEach(updated, 'afterUpdate', holdings, of, caught);
  await tellEach([...deletions, ...swept], 'afterDelete', holdings, of, caught);
  const isWritten = insertions.length + changes.length + deletions.length + swept.size > 0;
  if (isWritten || work.paired.length + work.parted.length > 0) await tellSession(holdings, 'afterFlush').catch(caught);
}

/** What is committed stays, whatever handlers make of it. */
async function committed(holdings: Holdings): Promise<void> {
  await tellSession(holdings, 'afterCommit').catch((error: unknown) => fail(holdings, error));
  const errors = takeFailures(holdings);
  if (errors.length === 0) return;
  const cause = errors.length === 1 ? errors[0] : new AggregateError(errors);
  throw new EventError('everything is committed, and then a handler of an event threw', {
    outcome: 'committed',
    cause,
  });
}

async function rolledBack(holdings: Holdings): Promise<void> {
  failures.delete(holdings);
  await tellSession(holdings, 'afterRollback');
}

/** A write of which nobody knows yet whether it is stored. */
interface Doubt {
  readonly holdings: Holdings;
  readonly isTransaction: boolean;
}
const doubts = new WeakMap<object, Doubt>();

function doubt(error: unknown, what: Doubt): boolean {
  const isUnknown = isCinnabarError(error) && error.outcome === 'unknown';
  if (isUnknown) doubts.set(error, what);
  return isUnknown;
}

const listeners: Listeners = {
  before,
  after,
  rolledBack,
  async resolved(holdings, error, resolution) {
    const own = doubts.get(error);
    // A transaction that was run again was another session's.
    if (own?.holdings !== holdings) return;
    if (resolution === 'committed') await committed(holdings);
    else if (own.isTransaction) await rolledBack(holdings);
  },
  raise(holdings) {
    const [error] = takeFailures(holdings);
    // oxlint-disable-next-line typescript/only-throw-error -- what a handler threw goes on as it is
    if (error !== undefined) throw error;
  },
  async commit(holdings, run) {
    if (sessionHandlers(holdings, 'beforeCommit').length > 0) await tellSession(holdings, 'beforeCommit');
    const result = await run().catch((error: unknown) => {
      doubt(error, { holdings, isTransaction: false });
      throw error;
    });
    await committed(holdings);
    return result;
  },
  async transaction(holdings, work, again, run) {
    let isAnother = false;
    const whole = async (): ReturnType<typeof work> => {
      const result = await work();
      await tellSession(holdings, 'beforeCommit');
      return result;
    };
    const retry = async (): ReturnType<typeof again> => {
      isAnother = true;
      await rolledBack(holdings);
      return again();
    };
    let result: Awaited<ReturnType<typeof work>>;
    try {
      result = await run(whole, retry);
    } catch (error) {
      if (!isAnother && !doubt(error, { holdings, isTransaction: true }))
        await rolledBack(holdings).catch(() => undefined);
      throw error;
    }
    if (!isAnother) await committed(holdings);
    return result;
  },
};
