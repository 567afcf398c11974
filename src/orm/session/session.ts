import type { CallOptions, Statement, StatementResult, Unit, UnitResult } from '../../driver/driver.ts';
import type { OpenTransaction, TransactionHost } from '../../driver/run-transaction.ts';
import type { TransactionOptions } from '../../driver/transaction-options.ts';
import { coreOf, type Engine, type EngineCore } from '../../engine/engine.ts';
import { nameFailure } from '../../engine/name-failure.ts';
import type { WriteOptions } from '../../engine/receipt.ts';
import { assertLockLasts, statementOf } from '../../engine/statements.ts';
import { transactionsOf } from '../../engine/transaction.ts';
import { finderOf, isCinnabarError, setFinder, type CinnabarError } from '../../errors/base.ts';
import { ConfigurationError, MultipleResultsFound, NoResultFound, SessionBusyError } from '../../errors/errors.ts';
import { entitySelectNode } from '../../sql/entity-select.ts';
import type { Loaded, With } from '../../sql/loading.ts';
import type { AnyModel, Entity, InstanceOf } from '../../sql/model.ts';
import type { StatementNode } from '../../sql/nodes.ts';
import type { KeyOf } from '../../sql/plain.ts';
import type { Select } from '../../sql/statement.ts';
import { writeOf, type AnyWrite } from '../../sql/write.ts';
import { kindOf } from '../../util/brand.ts';
import { branchesOf } from '../loading/branches.ts';
import { filtering } from '../loading/filtering.ts';
import { KeyLoader } from '../loading/get.ts';
import { Hydrator } from '../loading/hydrate.ts';
import { LazyLoader } from '../loading/lazy.ts';
import { loadMissing, type Loading } from '../loading/load.ts';
import { mapperOf } from '../mapping/model-info.ts';
import type { RelationMapping } from '../mapping/mapper.ts';
import { stateOf } from '../state/entity.ts';
import { IdentityMap } from '../state/identity-map.ts';
import type { InstanceState, LoadContext } from '../state/instance-state.ts';
import { storedValue } from '../state/snapshot.ts';
import { flush, type Send } from './flush.ts';
import { Journal, restoreAll, type Holdings } from './journal.ts';
import { listening } from './listening.ts';
import type { SessionParts } from './parts.ts';
import { isDirty, letGo } from './pending.ts';
import { QueryBuilder, type Query } from './query.ts';
import { reach, revive } from './reach.ts';
import { readStatements } from './results.ts';
import { synchronized } from './synchronize.ts';
import { undoRelations } from './undo.ts';

/**
 * A unit of work: entities that are one object for each row, and everything pending, written by `commit()` as one atomic
 * unit in one round trip. Holds no connection between calls. Make one for each request, and never share it.
 *
 * @example
 * await using session = new Session(engine)
 * session.add(new User({ name: 'Ann', posts: [new Post({ title: 'One' })] }))
 * await session.commit()
 */
export class Session<Interactive extends boolean = boolean> implements AsyncDisposable {
  readonly #engine: EngineCore<Interactive>;
  readonly #holdings: Holdings;
  readonly #loading: Loading;
  #lazy: LazyLoader | undefined;
  readonly #keys: KeyLoader;
  #writing: string | undefined;
  #transaction: OpenTransaction<Journal> | undefined;
  #failed = false;
  /** Undoes in memory the transaction of which nobody knows whether it took effect. */
  #undo: (() => void) | undefined;
  /** The error of a commit of which nobody knows whether it took effect. */
  #unknown: CinnabarError | undefined;
  #closed = false;
  #roundTrips = 0;

  constructor(engine: Engine<Interactive>) {
    this.#engine = coreOf(engine);
    const identities = new IdentityMap();
    const { dialect } = this.#engine.driver;
    const context: LoadContext = {
      dialect,
      identities,
      session: this,
      load: (state, relation) => this.#load(state, relation),
      noteRead: undefined,
      reach: (state) => reach(state, this.#holdings),
    };
    this.#holdings = { dialect, identities, added: new Set(), deleted: new Set(), context };
    const hydrator = new Hydrator(identities, context, dialect);
    this.#loading = {
      engine: this.#engine,
      hydrator,
      prepare: (node) => this.#prepare(node),
      read: (nodes, options) => this.#read(nodes, options),
    };
    this.#keys = new KeyLoader(this.#loading, identities);
  }

  get interactive(): Interactive {
    return this.#engine.interactive;
  }
  /** Round trips that this session took so far, as the driver counted them. */
  get roundTrips(): number {
    return this.#roundTrips;
  }
  /** How far the database was at the last answer, where the driver knows: a session of the next request goes on from there. */
  get bookmark(): string | undefined {
    return this.#engine.bookmark;
  }
  /**
   * What a session lends to the functions that take it as their first argument.
   *
   * @internal
   */
  static parts(session: Session, where: string): SessionParts {
    if (typeof session !== 'object' || !session || !(#engine in session))
      throw new ConfigurationError(`${where}: expected a session first, got ${kindOf(session)}`);
    session.#assertOpen();
    return {
      engine: session.#engine,
      holdings: session.#holdings,
      loading: session.#loading,
      keys: session.#keys,
      exclusive: (what, work) => session.#exclusive(what, work),
      autoflush: () => session.#autoflush(),
      execute: (unit, options) => session.#execute(unit, options),
    };
  }
  /** Lets a function that takes any session use transactions where there are some. */
  isInteractive(): this is Session<true> {
    return this.#engine.interactive;
  }

  // ── what is to be written

  /** Marks an entity, and all new ones that its relations reach, to be inserted. No I/O. */
  add(entity: Entity): void {
    this.#assertOpen();
    const state = stateOf(entity, 'add()');
    revive(state, this.#holdings);
    reach(state, this.#holdings);
  }

  addAll(entities: Iterable<Entity>): void {
    this.#assertOpen();
    if (typeof entities?.[Symbol.iterator] !== 'function')
      throw new ConfigurationError('addAll(): expected entities in an array; for one: add()');
    const states = Array.from(entities, (entity) => stateOf(entity, 'addAll()'));
    for (const state of states) {
      revive(state, this.#holdings);
      reach(state, this.#holdings);
    }
  }

  /** Marks an entity to be deleted, with what its cascades reach, at the next commit; a new one is forgotten. No I/O. */
  delete(entity: Entity): void {
    this.#assertOpen();
    const state = stateOf(entity, 'delete()');
    if (state.context !== this.#holdings.context) {
      throw new ConfigurationError(`delete(): ${state.label} is not in this session; load it first`);
    }
    if (!state.isNew) state.status = 'deleted';
    this.#holdings.deleted.add(state);
  }

  /**
   * Writes everything pending as one atomic unit: one network round trip on a driver that can send it so, none when
   * nothing is pending. Inside `transaction()` it flushes. On an error nothing is written and everything stays pending.
   *
   * @throws UniqueViolation, ForeignKeyViolation, NotNullViolation, CheckViolation, StaleDataError and, before any I/O,
   * InvalidValueError, ConfigurationError, CapabilityError.
   */
  async commit(options?: WriteOptions): Promise<void> {
    const listeners = this.#transaction ? undefined : listening.current;
    const commit = (): Promise<void> => this.#flush(options);
    await this.#exclusive('commit', () => (listeners ? listeners.commit(this.#holdings, commit) : commit()));
  }

  /** Forgets everything pending: new objects are the program's alone, deleted ones are back, changed ones as they were. */
  async rollback(): Promise<void> {
    await this.#exclusive('rollback', () => {
      this.#unknown = undefined;
      this.#undo?.();
      this.#undo = undefined;
      restoreAll(this.#holdings);
      return listening.current?.rolledBack(this.#holdings) ?? Promise.resolve();
    });
  }

  /** Inside `transaction` only: sends pending work early. */
  async flush(this: Session<true>, options?: CallOptions): Promise<void> {
    if (!this.#transaction) throw new ConfigurationError('flush(): only inside transaction(); elsewhere commit()');
    await this.#exclusive('flush', () => this.#flush(options));
  }

  /**
   * Runs `work` in an interactive transaction: its reads see what it wrote. Committed when `work` resolves, rolled back
   * when it rejects. Only on a driver with interactive transactions; a compile error (and a CapabilityError) elsewhere.
   */
  async transaction<R>(
    this: Session<true>,
    work: (session: Session<true>) => Promise<R>,
    options: TransactionOptions = {},
  ): Promise<R> {
    const runTransaction = transactionsOf(this.#engine.driver);
    if (this.#transaction) {
      throw new SessionBusyError('transaction() while one is open on this session: use nested() for a savepoint');
    }
    const again = (): Promise<R> => {
      const next = new Session(this.#engine);
      filtering.handOn?.(this, next);
      return next.transaction(work, { ...options, retries: 0 });
    };
    const run = (inner: () => Promise<R>, retry: () => Promise<R>): Promise<R> =>
      runTransaction(this.#host(options), inner, retry, options);
    const listeners = listening.current;
    const all = (): Promise<R> => work(this);
    return this.#exclusive('transaction', () =>
      listeners ? listeners.transaction(this.#holdings, all, again, run) : run(all, again),
    );
  }

  /** Inside `transaction` only: a savepoint around `work`. */
  async nested<R>(this: Session<true>, work: () => Promise<R>): Promise<R> {
    if (!this.#transaction) throw new ConfigurationError('nested(): only inside transaction()');
    return this.#transaction.nested(work);
  }

  /** What a transaction does with the session. */
  #host(options: TransactionOptions): TransactionHost<Journal> {
    const holdings = this.#holdings;
    return {
      driver: this.#engine.driver,
      watch: (unit, send) => this.#engine.watch(unit, send),
      memory: () => new Journal(),
      isDirty: () => isDirty(holdings),
      enter: (transaction) => {
        this.#transaction = transaction;
        holdings.context.noteRead = undefined;
        // The work itself commits, flushes and nests.
        this.#writing = undefined;
      },
      finish: ({ memory, wrote }, commit) => {
        if (this.#writing)
          throw new SessionBusyError(`transaction() ended while ${this.#writing}() is running: await it`);
        this.#writing = 'transaction';
        const receipt = (wrote || isDirty(holdings)) && !options.readOnly ? this.#engine.receipt(options) : undefined;
        const send: Send = async (statements) => {
          const { results, trips } = await commit(statements);
          this.#roundTrips += trips;
          return results;
        };
        return flush(holdings, this.#engine, memory, send, receipt);
      },
      flush: () => this.#exclusive('flush', () => this.#flush()),
      restore: (journal) => {
        journal.restore(holdings);
        restoreAll(holdings);
      },
      keep: (undo) => {
        this.#undo = undo;
      },
    };
  }

  // ── what is read

  /**
   * The entity with that key, or null: from memory, else in one round trip shared by all `get`s of the tick.
   *
   * @param options end the wait of this call alone where others share the round trip.
   * @throws InvalidValueError for a key that the model cannot have.
   */
  async get<C extends AnyModel>(
    model: C,
    key: KeyOf<InstanceOf<C>>,
    options?: CallOptions,
  ): Promise<InstanceOf<C> | null> {
    this.#assertOpen();
    const state = await this.#keys.get(mapperOf(model, 'get()'), key, options);
    return (state?.entity ?? null) as InstanceOf<C> | null;
  }

  query<C extends AnyModel>(model: C): Query<InstanceOf<C>> {
    this.#assertOpen();
    const query: object = new QueryBuilder(this.#loading, entitySelectNode(mapperOf(model, 'query()').source));
    return query as Query<InstanceOf<C>>;
  }

  /** Loads relations of an entity in memory (one round trip) and says so in its type: await cannot narrow it. */
  async load<E extends Entity, const W extends With<E>>(
    entity: E,
    relations: W,
    options?: CallOptions,
  ): Promise<Loaded<E, W>> {
    const [loaded] = await this.loadAll([entity], relations, options);
    return loaded!;
  }

  async loadAll<E extends Entity, const W extends With<E>>(
    entities: readonly E[],
    relations: W,
    options?: CallOptions,
  ): Promise<Loaded<E, W>[]> {
    this.#assertOpen();
    const states = entities.map((entity) => stateOf(entity, 'load()'));
    for (const state of states) {
      if (state.context === this.#holdings.context) continue;
      throw new ConfigurationError(`load(): ${state.label} is not in this session`);
    }
    const first = states[0];
    if (first) await loadMissing(this.#loading, states, branchesOf(first.mapper, relations, 'load()'), options);
    return entities as readonly Entity[] as Loaded<E, W>[];
  }

  async all<R>(statement: Select<R>, options?: CallOptions): Promise<R[]> {
    const [rows] = await readStatements(this.#loading, [statementOf(statement)], options);
    return rows as R[];
  }
  async first<R>(statement: Select<R>, options?: CallOptions): Promise<R | null> {
    const [row = null] = await this.all(statement, options);
    return row;
  }
  /** @throws NoResultFound and MultipleResultsFound. */
  async one<R>(statement: Select<R>, options?: CallOptions): Promise<R> {
    const rows = await this.all(statement, options);
    if (rows.length > 1) throw new MultipleResultsFound('one(): the statement yields more than one row');
    if (rows.length === 1) return rows[0]!;
    throw new NoResultFound('one(): the statement yields no row');
  }
  /**
   * The number of rows written. Entities in memory are brought up to date by what RETURNING tells, but for what the program
   * changed; those of deleted rows are let go. Cascades do not run: those of the database do.
   */
  async run(statement: AnyWrite, options?: WriteOptions): Promise<number> {
    const node = writeOf(statement, 'run()');
    const held = synchronized(node, this.#holdings, this.#loading.hydrator);
    const prepared = this.#prepare(held?.node ?? node);
    await this.#autoflush();
    this.#noteReads();
    const receipt = this.#transaction ? undefined : this.#engine.receipt(options);
    const send = async (statements: readonly Statement[]): Promise<UnitResult> => ({
      results: await this.#execute({ statements, mode: 'write' }, options),
      trips: 0,
    });
    const sent = receipt ? receipt.seal([prepared], send) : send([prepared]);
    const { results } = await sent.catch((error: unknown) => {
      throw nameFailure(error, [node]);
    });
    const [result] = results;
    held?.take(result!.rows, (states) => this.#transaction?.memory.record(states, this.#holdings));
    return held ? result!.rows.length : result!.changes || result!.rows.length;
  }

  /** Several statements, one round trip. */
  async batch<const S extends readonly Select<unknown>[]>(
    statements: S,
    options?: CallOptions,
  ): Promise<{ [I in keyof S]: S[I] extends Select<infer R> ? R[] : never }> {
    const rows = await readStatements(
      this.#loading,
      statements.map((statement) => statementOf(statement)),
      options,
    );
    return rows as { [I in keyof S]: S[I] extends Select<infer R> ? R[] : never };
  }

  /** Reads the entity's row again; it wins over the program's changes, and relations are to be loaded again. */
  async refresh(entity: Entity, options?: CallOptions): Promise<void> {
    this.#assertOpen();
    const state = stateOf(entity, 'refresh()');
    if (state.context !== this.#holdings.context || !state.row) {
      throw new ConfigurationError(`refresh(): ${state.label} has no row in this session`);
    }
    const { mapper } = state;
    const key = mapper.key.map((mapped) => storedValue(state, mapped));
    undoRelations(state);
    for (const collection of state.collections.values()) collection.unload();
    const isThere = await this.#keys.refresh(mapper, key, options);
    if (!isThere) throw new NoResultFound(`refresh(): the row of a ${mapper.name} is gone`, { model: mapper.name });
  }

  /** Lets go of every entity. What is pending is lost, and that is not an error here. */
  async close(): Promise<void> {
    if (!this.#closed) letGo(this.#holdings);
    this.#closed = true;
    return Promise.resolve();
  }

  /** Closes the session. Pending work that nobody committed or rolled back is a mistake, unless an error came before. */
  async [Symbol.asyncDispose](): Promise<void> {
    const lost = !this.#closed && !this.#failed && isDirty(this.#holdings);
    await this.close();
    if (lost)
      throw new ConfigurationError('the session was disposed with pending work: commit() it, or rollback() to drop it');
  }

  // ── within

  #assertOpen(): void {
    if (this.#closed) throw new ConfigurationError('the session is closed: make a new one');
    this.#engine.assertOpen();
  }

  /** One write at a time: a second is refused at once, so that the two cannot interleave. */
  async #exclusive<R>(what: string, work: () => Promise<R>): Promise<R> {
    this.#assertOpen();
    if (this.#writing) {
      throw new SessionBusyError(`${what}() while ${this.#writing}() is running on this session: await it first`);
    }
    // Writing the same again could write it twice.
    if (this.#unknown && what !== 'rollback') throw this.#unknown;
    this.#writing = what;
    try {
      return await work();
    } catch (error) {
      this.#failed = true;
      if (isCinnabarError(error) && error.outcome === 'unknown') this.#doubt(error);
      throw error;
    } finally {
      this.#writing = undefined;
    }
  }

  /** Writes nothing more until it is known what became of a commit, or the program gives up. */
  #doubt(error: CinnabarError): void {
    this.#unknown = error;
    const find = finderOf(error);
    if (!find) return;
    setFinder(error, async (options) => {
      const found = await find(options);
      const { resolution } = found;
      if (this.#unknown === error) {
        if (found.settle) await found.settle();
        // What the database has made of the entities is not known.
        else if (resolution === 'committed') letGo(this.#holdings);
        this.#unknown = this.#undo = undefined;
        await listening.current?.resolved(this.#holdings, error, resolution);
      }
      return { resolution };
    });
  }

  async #flush(options?: WriteOptions): Promise<void> {
    const receipt = this.#transaction ? undefined : this.#engine.receipt(options);
    const send: Send = (statements) => this.#sendWrites(statements, options);
    await flush(this.#holdings, this.#engine, this.#transaction?.memory, send, receipt);
    this.#failed = false;
    if (this.#transaction) listening.current?.raise(this.#holdings);
  }

  #sendWrites: (statements: Parameters<Send>[0], options?: CallOptions) => Promise<readonly StatementResult[]> = async (
    statements,
    options,
  ) => (statements.length === 0 ? [] : this.#execute({ statements, mode: 'write' }, options));

  /** Sends a unit, through the open transaction where there is one, and counts its trips. */
  async #execute(unit: Unit, options?: CallOptions): Promise<readonly StatementResult[]> {
    this.#assertOpen();
    try {
      const { results, trips } = await (this.#transaction
        ? this.#transaction.execute(unit, options)
        : this.#engine.execute(unit, options));
      this.#roundTrips += trips;
      return results;
    } catch (error) {
      if (!isCinnabarError(error) || error.outcome !== 'not sent') this.#roundTrips++;
      this.#failed = true;
      throw error;
    }
  }

  #prepare(node: StatementNode): Statement {
    return this.#engine.prepare(node, filtering.current?.(this, this.#engine, node));
  }

  async #read(
    nodes: readonly (StatementNode | Statement)[],
    options?: CallOptions,
  ): Promise<readonly (readonly (readonly unknown[])[])[]> {
    if (this.#transaction) await this.#autoflush();
    const statements = nodes.map((node) => ('sql' in node ? node : this.#prepare(node)));
    const mode = nodes.every((node) => 'sql' in node || node.kind === 'select') ? 'read' : 'write';
    if (mode === 'write') this.#noteReads();
    else if (!this.#transaction) assertLockLasts(nodes, this.#engine.driver.dialect);
    const results = await this.#execute({ statements, mode, snapshot: nodes.length > 1 }, options);
    return results.map((result) => result.rows);
  }

  /** What a transaction reads after a statement that writes goes away with the transaction. */
  #noteReads(): void {
    if (this.#transaction)
      this.#holdings.context.noteRead = (state, isNew) => this.#transaction?.memory.noteRead(state, isNew);
  }

  /** Inside a transaction what is pending goes before a statement, so that it is seen. */
  async #autoflush(): Promise<void> {
    if (this.#transaction && !this.#writing && isDirty(this.#holdings))
      await this.#exclusive('flush', () => this.#flush());
  }

  async #load(state: InstanceState, relation: RelationMapping): Promise<void> {
    this.#assertOpen();
    await (this.#lazy ??= new LazyLoader(this.#loading)).load(state, relation);
  }
}
