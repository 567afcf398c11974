import { coreOf, type Engine, type EngineCore } from '../../engine/engine.ts';
import { type CinnabarError, isCinnabarError } from '../../errors/base.ts';
import { ConfigurationError, LockTimeout, TimeoutError } from '../../errors/errors.ts';
import { RevisionGraph } from '../revisions/graph.ts';
import { planDowngrade, planUpgrade, type MigrationPlan } from '../revisions/plan.ts';
import type { Revision } from '../revisions/revision.ts';
import { assertNoFindings, stateOf, type DatabaseState, type Finding } from '../revisions/state.ts';
import { adopt } from './adopt.ts';
import { assertNamed } from './consent.ts';
import { hooksOf } from './hooks.ts';
import { acquire, callOptions, keepRenewing, patiently, release } from './lease.ts';
import { bound, plain, READ_LEDGER, toLedgerRow, type LedgerRow } from './ledger.ts';
import type { Progress, RunOptions } from './progress.ts';
import { LedgerMoved, RevisionRun, type Run } from './run-revision.ts';

/** What a run did. */
export interface MigrationReport {
  readonly direction: 'up' | 'down';
  /** The revisions that this run applied, or took back, in that order. */
  readonly ran: readonly string[];
  /** Where the database is now. */
  readonly heads: readonly string[];
}

/** A list of revisions, or of the modules that export them. */
export type Revisions = readonly (Revision | { readonly default: Revision })[];

/** How long a run waits for others unless it is told, in milliseconds. */
const PATIENCE = 60_000;
/** How often a plan is made again because another runner was faster. */
const ATTEMPTS = 100;

/**
 * Applies all revisions up to a target that are not applied yet, each as a unit with its row in the ledger: `head`,
 * `heads`, an id or the beginning of one, a label, `+1`. One runner at a time: others wait, and find nothing left to do.
 * Where there is nothing to do it is one round trip; else two, and one for each revision.
 *
 * @example
 * await migrate(createEngine(d1(env.DB)), revisions)
 * // { direction: 'up', ran: ['20261120_a1b2'], heads: ['20261120_a1b2'] }
 * @throws ConfigurationError that names revisions which are edited, missing, late, or drop what was not consented to;
 * LockTimeout when another runner does not end in time; TimeoutError when the signal stopped it between two revisions. Of the revision in which an error came up nothing is kept.
 */
export function migrate(
  engine: Engine,
  revisions: Revisions,
  target: string = 'head',
  options: RunOptions = {},
): Promise<MigrationReport> {
  return run(engine, revisions, options, {
    direction: 'up',
    plan: (graph, applied) => planUpgrade(graph, applied, target),
  });
}

/**
 * Takes back all applied revisions that come after a target, the last first: an id, `-1`, or `base` for all.
 *
 * @example
 * await downgrade(engine, revisions, '-1', { consent: ['users'] })
 * @throws as `migrate`; ConfigurationError too about a revision without `down`.
 */
export function downgrade(
  engine: Engine,
  revisions: Revisions,
  target: string,
  options: RunOptions = {},
): Promise<MigrationReport> {
  return run(engine, revisions, options, {
    direction: 'down',
    plan: (graph, applied) => planDowngrade(graph, applied, target),
  });
}

/** Where a database is, without changing anything. */
export interface MigrationStatus {
  /** Ids of applied revisions that no other applied one comes after. */
  readonly current: readonly string[];
  readonly applied: readonly string[];
  /** Ids of those that `heads` would apply, in that order. */
  readonly pending: readonly string[];
  /** The revision that a run left half done. */
  readonly half: string | undefined;
  /** What makes a run refuse. */
  readonly findings: readonly Finding[];
  readonly ledger: readonly LedgerRow[];
}

/**
 * What is applied, what is not, and where the ledger and the revisions disagree. One round trip, and nothing is written.
 *
 * @example
 * (await migrationStatus(engine, revisions)).pending // ['20261121_c3d4']
 */
export async function migrationStatus(engine: Engine, revisions: Revisions): Promise<MigrationStatus> {
  const graph = graphOf(revisions);
  const ledger = await readLedger(coreOf(engine), {}, true);
  const { applied, half, findings, heads } = await stateOf(graph, ledger);
  return {
    current: heads,
    applied: graph.ordered.filter(({ id }) => applied.has(id)).map(({ id }) => id),
    pending: planUpgrade(graph, applied, 'heads').revisions.map(({ id }) => id),
    half: half?.id,
    findings,
    ledger,
  };
}

/** The graph of revisions, or of modules that export them. */
export function graphOf(revisions: Revisions): RevisionGraph {
  if (!Array.isArray(revisions))
    throw new ConfigurationError('the revisions are a list: import them, and hand them in');
  const items = revisions as Revisions;
  return new RevisionGraph(items.map((item) => ('default' in item ? item.default : item)));
}

/**
 * The rows of the ledger; none where there is no ledger yet. Waits while the database is busy.
 *
 * @param isFirst whether nothing was heard of the database yet: one that is not there is not waited for.
 */
export async function readLedger(
  core: EngineCore,
  { wait = PATIENCE, signal }: Pick<RunOptions, 'wait' | 'signal'> = {},
  isFirst = false,
): Promise<LedgerRow[]> {
  const { missing } = hooksOf(core.driver.dialect);
  const isFinal = (error: CinnabarError): boolean => isFirst && error.code === 'ConnectionLost';
  try {
    const result = await patiently({ wait, signal, isFinal }, () =>
      core.execute({ mode: 'read', statements: [plain(READ_LEDGER)] }, callOptions({ signal })),
    );
    return result!.results[0]!.rows.map(toLedgerRow);
  } catch (error) {
    if (isCinnabarError(error, 'DatabaseError') && missing.test(error.message)) return [];
    throw error;
  }
}

/** Which way a run goes, and how its plan is made. */
export interface Course {
  readonly direction: 'up' | 'down';
  readonly plan: (graph: RevisionGraph, applied: ReadonlySet<string>) => MigrationPlan;
}

async function run(
  engine: Engine,
  revisions: Revisions,
  options: RunOptions,
  course: Course,
): Promise<MigrationReport> {
  const core = coreOf(engine);
  const graph = graphOf(revisions);
  const before = await admitted(graph, await readLedger(core, options, true), options);
  const plan = course.plan(graph, before.applied);
  const isNothing = !before.half && before.adopted.length === 0 && plan.revisions.length === 0;
  if (!before.half) assertNamed(plan, core.driver, new Set(options.consent));
  if (isNothing) return { direction: course.direction, ran: [], heads: before.heads };
  return underLease(core, options, (settings, ledger) => runPlan(graph, settings, ledger, options, course));
}

/** Runs work while this runner alone may change the ledger. */
export async function underLease<T>(
  core: EngineCore,
  options: RunOptions,
  work: (run: Run, ledger: LedgerRow[]) => Promise<T>,
): Promise<T> {
  const { wait = PATIENCE, signal, owner = '', resume } = options;
  const report = (progress: Progress): void => options.onProgress?.(progress);
  const settings: Run = {
    core,
    owner: `${owner}#${crypto.randomUUID()}`,
    wait,
    signal,
    consent: new Set(options.consent),
    resume,
    report,
  };
  const ledger = await acquire(core, settings.owner, {
    wait,
    signal,
    waiting: (by) => report({ kind: 'waiting', owner: by }),
  });
  report({ kind: 'locked' });
  const stop = keepRenewing(core, settings.owner);
  try {
    return await work(settings, ledger);
  } catch (error) {
    await letGo(settings);
    throw error;
  } finally {
    stop();
  }
}

/** Gives the lease back; what cannot be told runs out by itself. */
export async function letGo({ core, owner, signal }: Run): Promise<void> {
  const statements = [bound(core.driver.dialect, (value) => release(owner, value))];
  await core
    .execute({ mode: 'write', statements }, callOptions({ signal: signal?.aborted ? undefined : signal }))
    .catch(() => undefined);
}

async function runPlan(
  graph: RevisionGraph,
  settings: Run,
  first: LedgerRow[],
  options: RunOptions,
  course: Course,
): Promise<MigrationReport> {
  const ran: string[] = [];
  let ledger = first;
  /** What the target meant at first: a relative one is not counted again. */
  let wanted: ReadonlySet<string> | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      let state = await admitted(graph, ledger, options);
      if (state.adopted.length > 0) {
        await adopt(settings, state.adopted);
        state = await admitted(graph, (ledger = await readLedger(settings.core, options)), options);
      }
      if (state.half) {
        await finish(graph, settings, state.half, ran);
        ledger = await readLedger(settings.core, options);
        continue;
      }
      const plan = course.plan(graph, state.applied);
      wanted ??= new Set(plan.revisions.map(({ id }) => id));
      const left = plan.revisions.filter(({ id }) => wanted!.has(id));
      await runAll(settings, left, course.direction, ran);
      if (left.length === 0) await letGo(settings);
      return { direction: course.direction, ran, heads: await headsAfter(graph, state, left, course.direction) };
    } catch (error) {
      if (!(error instanceof LedgerMoved)) throw error;
      ledger = await readLedger(settings.core, options);
    }
  }
  throw new LockTimeout('the ledger of revisions changes all the time: is something else writing to it?', {
    retryable: true,
  });
}

async function runAll(
  settings: Run,
  revisions: readonly Revision[],
  direction: 'up' | 'down',
  ran: string[],
): Promise<void> {
  for (const [at, revision] of revisions.entries()) {
    if (settings.signal?.aborted) throw stopped(settings.signal, ran);
    const started = Date.now();
    settings.report({ kind: 'begin', revision: revision.id, direction, at: at + 1, of: revisions.length });
    await new RevisionRun(settings, revision, direction, at === revisions.length - 1).go(undefined);
    ran.push(revision.id);
    settings.report({ kind: 'done', revision: revision.id, direction, milliseconds: Date.now() - started });
  }
}

function stopped({ reason }: AbortSignal, ran: readonly string[]): CinnabarError {
  const done = ran.length > 0 ? ran.map((id) => `'${id}'`).join(', ') : 'nothing';
  return new TimeoutError(
    `the signal stopped the run: ${done} ${ran.length > 1 ? 'were' : 'was'} done, and nothing of the others`,
    { cause: reason },
  );
}

/** Goes on where an earlier run was cut off, the way it went. */
async function finish(graph: RevisionGraph, settings: Run, row: LedgerRow, ran: string[]): Promise<void> {
  const { id, direction } = row;
  const started = Date.now();
  settings.report({ kind: 'begin', revision: id, direction, at: 1, of: 1 });
  await new RevisionRun(settings, graph.get(id)!, direction, false).go(row);
  ran.push(id);
  settings.report({ kind: 'done', revision: id, direction, milliseconds: Date.now() - started });
}

async function headsAfter(
  graph: RevisionGraph,
  { applied }: DatabaseState,
  ran: readonly Revision[],
  direction: 'up' | 'down',
): Promise<readonly string[]> {
  const now = new Set(applied);
  for (const { id } of ran) {
    if (direction === 'up') now.add(id);
    else now.delete(id);
  }
  return graph.ordered
    .filter(({ id }) => now.has(id) && !graph.childrenOf(id).some((child) => now.has(child.id)))
    .map(({ id }) => id);
}

/** @throws ConfigurationError about what makes a run refuse. */
async function admitted(
  graph: RevisionGraph,
  ledger: readonly LedgerRow[],
  options: RunOptions,
): Promise<DatabaseState> {
  const { outOfOrder = false } = options;
  const state = await stateOf(graph, ledger);
  const isMeant = (id: string): boolean => outOfOrder === true || (outOfOrder !== false && outOfOrder.includes(id));
  assertNoFindings(state.findings.filter(({ kind, revision }) => kind !== 'late' || !isMeant(revision)));
  return state;
}
