import { literal } from '../../util/literal.ts';
import type { Dialect } from '../../compiler/dialect.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { render } from '../operations/render.ts';
import type { RevisionGraph } from '../revisions/graph.ts';
import { planDowngrade, planUpgrade } from '../revisions/plan.ts';
import type { Revision } from '../revisions/revision.ts';
import {
  isApart,
  stepsFor,
  type ApartStep,
  type DataStep,
  type RevisionStep,
  type VariantStep,
} from '../revisions/steps.ts';
import { findEnds, findRevision } from '../revisions/target.ts';
import type { SchemaSnapshot } from '../snapshot.ts';
import { hooksOf, type RunningHooks } from './hooks.ts';
import { advanceRow, CREATE_LEDGER, deleteRow, entryOf, insertRow, LEDGER } from './ledger.ts';
import { graphOf, type Revisions } from './migrate.ts';
import { isOperations, partsOf, runsOf, stepsOf } from './parts.ts';
import { after } from './preview.ts';
import { emptySchema } from './rendering.ts';

/** The SQL of a revision, with what it writes into the ledger. */
export interface RevisionSql {
  readonly revision: string;
  readonly message: string;
  /** In order; what has to be one unit stands between the `begin` and `commit` of its database. */
  readonly statements: readonly string[];
}

export interface SqlOptions {
  /** Where the database is: `base` unless told. */
  readonly from?: string;
  /** Where it is to be: `head` unless told. One that comes before `from` takes back what is between. */
  readonly to?: string;
  /** Leaves out data steps, which no SQL can say, and says so in a comment. */
  readonly omitData?: boolean;
  /** Leaves out `begin` and `commit`, for a tool that runs each revision as a unit by itself. */
  readonly bare?: boolean;
}

/**
 * Revisions as SQL, for a person or another tool to run. No database is asked: rebuilds start from what the revisions
 * before have made.
 *
 * @example
 * (await revisionSql(revisions, sqliteDialect)).flatMap(({ statements }) => statements).join(';\n')
 * @throws ConfigurationError about a target that is none, or a data step that is not to be left out.
 */
export async function revisionSql(
  revisions: Revisions,
  dialect: Dialect,
  options: SqlOptions = {},
): Promise<readonly RevisionSql[]> {
  const { from, to, ...settings } = { ...DEFAULTS, ...options };
  const graph = graphOf(revisions);
  const there = from === 'base' ? new Set<string>() : graph.closure(findEnds(graph, from).map(({ id }) => id));
  const plan = isBack(graph, to, there) ? planDowngrade(graph, there, to) : planUpgrade(graph, there, to);
  let schema = schemaAt(graph, there, dialect);
  const files: RevisionSql[] = [];
  for (const revision of plan.revisions) {
    const steps = stepsFor((plan.direction === 'up' ? revision.up : revision.down) ?? [], dialect.name);
    const { texts, end } = bodyOf(revision, steps, dialect, schema, settings);
    schema = end;
    const statements = await aroundBody(graph, revision, plan.direction, dialect, texts, settings);
    files.push({ revision: revision.id, message: revision.message, statements });
  }
  return files;
}

const DEFAULTS = { from: 'base', to: 'head', omitData: false, bare: false };
type Settings = Pick<typeof DEFAULTS, 'omitData' | 'bare'>;

/** The statements of steps, and the schema after them. */
function bodyOf(
  revision: Revision,
  steps: readonly Exclude<RevisionStep, VariantStep>[],
  dialect: Dialect,
  start: SchemaSnapshot,
  settings: Settings,
): { texts: readonly string[]; end: SchemaSnapshot } {
  const hooks = hooksOf(dialect);
  const texts: string[] = [];
  let end = start;
  const parts = partsOf(steps, true);
  for (const [at, part] of parts.entries()) {
    const isNext = part.kind === 'unit' && parts[at - 1]?.kind === 'unit';
    if (isNext && hooks.around && !settings.bare) texts.push(hooks.around[1], hooks.around[0]);
    for (const run of runsOf(stepsOf(part))) {
      if (!isOperations(run)) {
        texts.push(...textOf(run, revision, hooks, settings));
        continue;
      }
      for (const { statements, transactional } of render(run, dialect, end)) {
        texts.push(...(transactional ? statements : statements.flatMap((text) => outside(text, hooks, settings))));
      }
      end = after(end, run);
    }
  }
  return { texts, end };
}

async function aroundBody(
  graph: RevisionGraph,
  revision: Revision,
  direction: 'up' | 'down',
  dialect: Dialect,
  body: readonly string[],
  { bare }: Settings,
): Promise<readonly string[]> {
  const hooks = hooksOf(dialect);
  const [first, last] = await ledgerTexts(graph, revision, direction, dialect);
  const texts = [CREATE_LEDGER, ...first, ...body, ...last];
  const lock = hooks.lock === undefined ? [] : [hooks.lock];
  return bare ? texts : [hooks.around[0], ...lock, ...texts, hooks.around[1]];
}

/** Whether a target is one that a database goes down to. */
function isBack(graph: RevisionGraph, to: string, there: ReadonlySet<string>): boolean {
  if (to === 'base' || to.startsWith('-')) return true;
  if (to === 'head' || to === 'heads' || to.startsWith('+')) return false;
  const { id } = findRevision(graph, to);
  return there.has(id);
}

/** A step that no operation says. */
function textOf(
  step: DataStep | ApartStep,
  { id }: Revision,
  hooks: RunningHooks,
  settings: Settings,
): readonly string[] {
  if (isApart(step)) return outside(step.sql, hooks, settings);
  if (settings.omitData) return [`-- data step '${step.name.replaceAll(/\s+/g, ' ')}' is not in this file\nselect 1`];
  throw new ConfigurationError(
    `revision '${id}' has the data step '${step.name}', which is code and no SQL: run it with \`cinnabar upgrade\`, or leave it out with \`--omit-data\``,
  );
}

/** The schema that revisions have made, as far as operations say. */
function schemaAt(graph: RevisionGraph, there: ReadonlySet<string>, dialect: Dialect): SchemaSnapshot {
  const applied = graph.ordered.filter(({ id }) => there.has(id));
  const runs = applied.flatMap(({ up }) => runsOf(stepsFor(up, dialect.name)));
  return runs.reduce((schema, run) => (isOperations(run) ? after(schema, run) : schema), emptySchema(dialect.name));
}

/** A statement that must not be in the unit around it. */
function outside(text: string, { around }: RunningHooks, { bare }: Settings): readonly string[] {
  return bare ? [text] : [around[1], text, around[0]];
}

/** What the ledger is asked and told first, which fails where the database is another than the file is for, and last. */
async function ledgerTexts(
  graph: RevisionGraph,
  revision: Revision,
  direction: 'up' | 'down',
  dialect: Dialect,
): Promise<[readonly string[], readonly string[]]> {
  const hooks = hooksOf(dialect);
  const { id, parents, dependsOn } = revision;
  const must = (name: string): string => {
    const names = [name, ...(graph.get(name)?.replaces ?? [])].map(literal).join(', ');
    const why = literal(
      `cinnabar: ${name} is not applied, and ${direction === 'up' ? `${id} comes after it` : 'cannot be taken back'}`,
    );
    return dialect.unit.fail(
      `case when not exists (select 1 from ${LEDGER} where id in (${names}) and finished_at is not null) then ${why} end`,
    );
  };
  if (direction === 'down') return [[must(id)], [deleteRow(id, literal)]];
  const entry = await entryOf(revision);
  return [
    [...[...parents, ...dependsOn].map(must), insertRow(entry, dialect.name, hooks, literal)],
    [advanceRow(id, 1, true, hooks, literal)],
  ];
}

/** The first line of a file of such SQL, by which the shell of the database stops at the first error. */
export function shellLine(dialect: Dialect): string {
  return hooksOf(dialect).shell;
}
