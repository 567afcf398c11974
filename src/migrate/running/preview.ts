import { coreOf, type Engine, type EngineCore } from '../../engine/engine.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { destructive } from '../operations/consent.ts';
import { lint, type LintWarning } from '../operations/lint.ts';
import { applyOperations } from '../operations/apply.ts';
import type { Operation, RowsAtRisk, Step, StepLock } from '../operations/operation.ts';
import { render } from '../operations/render.ts';
import { reflect } from '../reflect.ts';
import { planDowngrade, planUpgrade } from '../revisions/plan.ts';
import { stateOf } from '../revisions/state.ts';
import { isApart, stepsFor, type ApartStep, type DataStep } from '../revisions/steps.ts';
import type { SchemaSnapshot } from '../snapshot.ts';
import { plain } from './ledger.ts';
import { isOperations, runsOf } from './parts.ts';
import { graphOf, readLedger, type Revisions } from './migrate.ts';

/** What a step of a revision would do. */
export interface StepPreview {
  readonly statements: readonly string[];
  readonly locks: readonly StepLock[];
  /** With the number of rows as they are now; undefined where that cannot be counted yet. */
  readonly rowsAtRisk: readonly (Pick<RowsAtRisk, 'object' | 'why'> & { readonly rows: number | undefined })[];
  /** What has to be consented to by name. */
  readonly destructive: readonly string[];
  /** What no statement says. */
  readonly note: string | undefined;
}

export interface RevisionPreview {
  readonly revision: string;
  readonly direction: 'up' | 'down';
  readonly message: string;
  readonly steps: readonly StepPreview[];
  /** What locks for long, or breaks the version of the application that is running. */
  readonly warnings: readonly LintWarning[];
}

/**
 * What a run would do, without doing it: SQL, the locks it takes, the rows at risk as they are counted now. Data steps are
 * named and not run.
 *
 * @example
 * const [{ steps }] = await previewRun(engine, revisions, 'head')
 * @throws ConfigurationError if the target is none.
 */
export async function previewRun(
  engine: Engine,
  revisions: Revisions,
  target: string = 'head',
  { direction = 'up' }: { readonly direction?: 'up' | 'down' } = {},
): Promise<readonly RevisionPreview[]> {
  const core = coreOf(engine);
  const { dialect } = core.driver;
  const graph = graphOf(revisions);
  const { applied } = await stateOf(graph, await readLedger(core, {}, true));
  const plan = (direction === 'up' ? planUpgrade : planDowngrade)(graph, applied, target);
  let schema = plan.revisions.length > 0 ? await reflect(engine) : undefined;
  const previews: RevisionPreview[] = [];
  for (const { id, message, up, down } of plan.revisions) {
    const steps: StepPreview[] = [];
    const warnings: LintWarning[] = [];
    for (const run of runsOf(stepsFor((direction === 'up' ? up : down) ?? [], dialect.name))) {
      if (!isOperations(run)) {
        steps.push(opaque(run));
        continue;
      }
      const lost = new Set(destructive(run));
      warnings.push(...lint(run, schema!));
      for (const step of render(run, dialect, schema!)) steps.push(await counted(core, step, lost));
      schema = after(schema!, run);
    }
    previews.push({ revision: id, direction, message, steps, warnings });
  }
  return previews;
}

/** The schema after operations, as far as it can be told: SQL may do anything. */
export function after(schema: SchemaSnapshot, operations: readonly Operation[]): SchemaSnapshot {
  return applyOperations(
    schema,
    operations.filter(({ kind }) => kind !== 'sql'),
  );
}

function opaque(step: DataStep | ApartStep): StepPreview {
  return {
    statements: isApart(step) ? [step.sql] : [],
    locks: [],
    rowsAtRisk: [],
    destructive: [],
    note: isApart(step) ? 'outside of a transaction:' : `data step '${step.name}'`,
  };
}

async function counted(core: EngineCore, step: Step, lost: ReadonlySet<string>): Promise<StepPreview> {
  const { statements, locks, rowsAtRisk, transactional } = step;
  const risks: StepPreview['rowsAtRisk'][number][] = [];
  for (const { object, why, count } of rowsAtRisk.filter((risk) => lost.has(risk.object)))
    risks.push({ object, why, rows: await rowsOf(core, count) });
  const note = transactional ? undefined : 'outside of a transaction:';
  return { statements, locks, rowsAtRisk: risks, destructive: step.destructive.filter((name) => lost.has(name)), note };
}

/** What an earlier revision of the run would make cannot be counted yet. */
async function rowsOf(core: EngineCore, count: string): Promise<number | undefined> {
  try {
    const { results } = await core.execute({ mode: 'read', statements: [plain(count)] });
    return Number(results[0]!.rows[0]![0]);
  } catch (error) {
    if (isCinnabarError(error, 'DatabaseError')) return undefined;
    throw error;
  }
}
