import { migrationStatus } from '../../migrate/running/migrate.ts';
import { RevisionGraph } from '../../migrate/revisions/graph.ts';
import type { Revision } from '../../migrate/revisions/revision.ts';
import { drawHistory } from '../history.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { loadProject, revisionsOf, withEngine } from '../project.ts';
import { colors, type Ui } from '../ui.ts';

interface Flags {
  readonly config?: string;
}

/** Where the database is, and what is left to apply. */
export async function current(ui: Ui, flags: Flags & { readonly check?: boolean }): Promise<void> {
  const project = await loadProject(flags.config);
  const revisions = (await revisionsOf(project)).map(({ revision }) => revision);
  await withEngine(project, async (engine) => {
    const status = await migrationStatus(engine, revisions);
    const { current: at, pending, half, findings } = status;
    ui.say(at.length > 0 ? at.map((id) => label(revisions, id)).join('\n') : 'base: nothing is applied');
    if (pending.length > 0) ui.say(colors.dim(`${pending.length} to apply: ${pending.join(', ')}`));
    if (half !== undefined) ui.say(colors.red(`half done: ${half}; \`cinnabar upgrade\` goes on with it`));
    for (const { message } of findings) ui.say(colors.red(`! ${message}`));
    ui.answer({ current: at, pending, half, findings });
    if (flags.check && pending.length + findings.length > 0) {
      throw new CommandFailure(ui.json ? '' : 'the database is not at the head', EXIT.differs);
    }
  });
}

/** The ends of the graph; no database is asked. */
export async function heads(ui: Ui, flags: Flags): Promise<void> {
  const graph = new RevisionGraph((await revisionsOf(await loadProject(flags.config))).map(({ revision }) => revision));
  for (const { id } of graph.heads) ui.say(label(graph.ordered, id));
  if (graph.heads.length === 0) ui.say('no revisions yet');
  if (graph.heads.length > 1) ui.note('several heads: `cinnabar merge` joins them');
  ui.answer(graph.heads.map(({ id, message, labels }) => ({ id, message, labels })));
}

/** All revisions as a graph, the newest first. */
export async function history(ui: Ui, flags: Flags & { offline?: boolean }): Promise<void> {
  const project = await loadProject(flags.config);
  const graph = new RevisionGraph((await revisionsOf(project)).map(({ revision }) => revision));
  const status = flags.offline
    ? undefined
    : await withEngine(project, (engine) => migrationStatus(engine, graph.ordered));
  const applied = new Set(status?.applied);
  const at = new Set(status?.current);
  const headIds = new Set(graph.heads.map(({ id }) => id));
  const mark = ({ id }: Revision): string => {
    if (at.has(id)) return colors.green('◆');
    if (applied.has(id)) return colors.green('●');
    return status?.half === id ? colors.red('◐') : '○';
  };
  const lines = drawHistory(graph.ordered, mark);
  for (const { drawn, revision } of lines) {
    if (!revision) {
      ui.say(colors.dim(drawn));
      continue;
    }
    const { id, labels, message } = revision;
    const names = [...(headIds.has(id) ? ['head'] : []), ...(at.has(id) ? ['current'] : []), ...labels];
    ui.say(
      `${drawn}  ${colors.yellow(id)}${names.length > 0 ? colors.cyan(` (${names.join(', ')})`) : ''} ${message}`.trimEnd(),
    );
  }
  if (lines.length === 0) ui.say('no revisions yet: `cinnabar revision -m "…"` writes the first');
  else if (status) ui.note('◆ where the database is   ● applied   ○ to apply');
  ui.answer(
    graph.ordered.toReversed().map(({ id, parents, dependsOn, labels, message, replaces }) => ({
      id,
      parents,
      dependsOn,
      labels,
      message,
      replaces,
      ...(status && { applied: applied.has(id) }),
    })),
  );
}

function label(revisions: readonly Revision[], id: string): string {
  const found = revisions.find((revision) => revision.id === id);
  const labels = found && found.labels.length > 0 ? colors.cyan(` (${found.labels.join(', ')})`) : '';
  return `${colors.yellow(id)}${labels} ${found?.message ?? ''}`.trimEnd();
}
