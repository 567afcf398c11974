import { hostname } from 'node:os';
import process from 'node:process';
import type { Engine } from '../../engine/engine.ts';
import { downgrade, migrate, type MigrationReport } from '../../migrate/running/migrate.ts';
import { previewRun, type RevisionPreview, type StepPreview } from '../../migrate/running/preview.ts';
import type { RunOptions } from '../../migrate/running/progress.ts';
import type { Revision } from '../../migrate/revisions/revision.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { loadProject, revisionsOf, withEngine } from '../project.ts';
import { showProgress } from '../show-progress.ts';
import { askSome, colors, type Ui } from '../ui.ts';

/** What the command line says of a run. */
export interface RunFlags {
  readonly config?: string;
  readonly dryRun?: boolean;
  readonly consent?: readonly string[];
  readonly outOfOrder?: boolean | readonly string[];
  readonly resume?: string;
  readonly wait?: string;
}

/** Runs revisions up or down to a target. */
export async function run(ui: Ui, direction: 'up' | 'down', target: string, flags: RunFlags): Promise<void> {
  const options = optionsOf(ui, flags);
  const project = await loadProject(flags.config);
  const revisions = (await revisionsOf(project)).map(({ revision }) => revision);
  await withEngine(project, async (engine) => {
    if (flags.dryRun) return showPreview(ui, await previewRun(engine, revisions, target, { direction, ...options }));
    const report = await interruptibly(ui, (signal) =>
      withConsent(ui, engine, revisions, direction, target, { ...options, signal }),
    );
    ui.say(summary(report));
    ui.answer(report);
  });
}

function optionsOf(ui: Ui, { consent = [], outOfOrder = false, resume, wait }: RunFlags): RunOptions {
  if (resume !== undefined && resume !== 'done' && resume !== 'again') {
    throw new CommandFailure(`--resume is 'done' or 'again'`, EXIT.usage);
  }
  const seconds = Number(wait ?? 60);
  if (!(seconds >= 0)) throw new CommandFailure('--wait is a number of seconds', EXIT.usage);
  return {
    consent,
    outOfOrder,
    ...(resume !== undefined && { resume }),
    wait: seconds * 1000,
    owner: `${hostname()}:${process.pid}`,
    onProgress: showProgress(ui),
  };
}

/** Runs until a signal of the process tells it to stop: once after the revision that is running, twice at once. */
async function interruptibly<T>(ui: Ui, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    ui.note('stopping after the revision that is running; once more to stop at once');
    stop.abort();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const name of signals) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted || !isCinnabarError(error) || error.code === 'ConsentRequired') throw error;
    throw new CommandFailure(`${error.message}; the same command goes on from there`, EXIT.interrupted, error);
  } finally {
    for (const name of signals) process.off(name, onSignal);
  }
}

/** Runs, and asks a person about what is lost: nobody else is asked, and what was not named is refused. */
async function withConsent(
  ui: Ui,
  engine: Engine,
  revisions: readonly Revision[],
  direction: 'up' | 'down',
  target: string,
  options: RunOptions,
): Promise<MigrationReport> {
  const go = direction === 'up' ? migrate : downgrade;
  try {
    return await go(engine, revisions, target, options);
  } catch (error) {
    if (!ui.interactive || !isCinnabarError(error, 'ConsentRequired')) throw error;
    const objects = error.objects ?? [];
    ui.say(colors.yellow(error.message));
    const given = await askSome(
      'Which of these may lose what they hold? (space chooses, enter goes on)',
      objects.map((value) => ({ value, label: value })),
    );
    if (given.length < objects.length) throw new CommandFailure('Nothing of that revision was done.');
    return withConsent(ui, engine, revisions, direction, target, {
      ...options,
      consent: [...(options.consent ?? []), ...given],
    });
  }
}

function summary({ direction, ran, heads }: MigrationReport): string {
  const place = heads.length > 0 ? heads.join(', ') : 'base';
  if (ran.length === 0) return `Nothing to do: the database is at ${place}.`;
  const what = `${ran.length} ${ran.length === 1 ? 'revision' : 'revisions'} ${direction === 'up' ? 'applied' : 'taken back'}`;
  return `${what}; the database is at ${place}.`;
}

/** What a run would do: SQL, and what is locked or at risk, as comments of it. */
function showPreview(ui: Ui, previews: readonly RevisionPreview[]): void {
  ui.answer(previews);
  if (previews.length === 0) ui.say('-- nothing to do');
  for (const { revision, direction, message, steps, warnings } of previews) {
    ui.say(colors.bold(`-- ${direction === 'up' ? '↑' : '↓'} ${revision}${message ? `: ${message}` : ''}`));
    for (const { object, message: why, remedy } of warnings) ui.say(colors.yellow(`-- ! ${object}: ${why}; ${remedy}`));
    for (const step of steps) showStep(ui, step);
    ui.say();
  }
}

function showStep(ui: Ui, { statements, locks, rowsAtRisk, destructive, note }: StepPreview): void {
  if (note !== undefined) ui.say(colors.dim(`-- ${note}`));
  for (const { table, mode, blocks, scans } of locks) {
    ui.say(
      colors.yellow(`-- locks ${table.name} (${mode}), so no ${blocks}${scans ? ', while all rows are read' : ''}`),
    );
  }
  for (const { object, why, rows } of rowsAtRisk) {
    ui.say(colors.red(`-- ${object}: ${why}; ${rows === undefined ? 'rows not counted' : `${rows} rows`}`));
  }
  if (destructive.length > 0) ui.say(colors.red(`-- wants consent: --consent ${destructive.join(',')}`));
  for (const statement of statements) ui.say(`${statement};`);
}
