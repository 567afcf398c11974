import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { RenameQuestion, Renames } from '../../migrate/diff/diff.ts';
import { destructive } from '../../migrate/operations/consent.ts';
import { lint } from '../../migrate/operations/lint.ts';
import type { Operation } from '../../migrate/operations/operation.ts';
import { reverse } from '../../migrate/operations/reverse.ts';
import { RevisionGraph } from '../../migrate/revisions/graph.ts';
import type { Revision } from '../../migrate/revisions/revision.ts';
import { squashRevisions } from '../../migrate/revisions/squash.ts';
import { findEnds, findRevision } from '../../migrate/revisions/target.ts';
import { migrationStatus } from '../../migrate/running/migrate.ts';
import { isCinnabarError } from '../../errors/base.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { shown } from '../paths.ts';
import { difference, loadProject, metadataOf, revisionsOf, withEngine, type Project } from '../project.ts';
import { addFile, fileName, writeIndex, type RevisionFile } from '../revision-files.ts';
import { describeOperation } from '../describe.ts';
import { askOne, askSome, askText, colors, type Ui } from '../ui.ts';
import { revisionSource } from '../write-revision.ts';

export interface RevisionFlags {
  readonly config?: string;
  readonly message?: string;
  readonly autogenerate?: boolean;
  readonly id?: string;
  readonly parent?: readonly string[];
  readonly dependsOn?: readonly string[];
  readonly label?: readonly string[];
  readonly rename?: readonly string[];
  readonly consent?: readonly string[];
}

/** Writes a new revision: empty, or with what leads from the database to the models. */
export async function revisionCommand(ui: Ui, flags: RevisionFlags): Promise<void> {
  const project = await loadProject(flags.config);
  const files = await revisionsOf(project);
  const graph = graphOf(files);
  const parents = parentsOf(graph, flags.parent);
  const dependsOn = (flags.dependsOn ?? []).map((name) => findRevision(graph, name).id);
  const generated = flags.autogenerate ? await generate(ui, project, graph, flags) : undefined;
  if (generated && generated.up.length === 0) {
    ui.say('The database has what the models say: nothing was written.');
    ui.answer({ written: null });
    return;
  }
  const message =
    flags.message ?? (ui.interactive ? await askText('What does it do?', { placeholder: 'add users' }) : '');
  const options = {
    id: newId(graph, flags.id),
    parents,
    dependsOn,
    labels: flags.label ?? [],
    message,
    ...(generated ?? { up: [], down: [] }),
  };
  await write(ui, project, revisionSource(options, generated?.down !== undefined), options);
}

function graphOf(files: readonly RevisionFile[]): RevisionGraph {
  return new RevisionGraph(files.map(({ revision }) => revision));
}

function parentsOf(graph: RevisionGraph, given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return findEnds(graph, 'head').map(({ id }) => id);
  return given.flatMap((name) => (name === 'base' ? [] : findEnds(graph, name).map(({ id }) => id)));
}

function newId(graph: RevisionGraph, given?: string): string {
  const id = given ?? crypto.randomUUID().slice(0, 8);
  if (graph.get(id)) throw new CommandFailure(`there is a revision '${id}' already`);
  return id;
}

async function write(
  ui: Ui,
  project: Project,
  text: string,
  { id, message }: { readonly id: string; readonly message: string },
): Promise<string> {
  const path = shown(await addFile(project.folder, fileName(message, new Date()), text));
  ui.say(`${colors.green('+')} ${path}  ${colors.yellow(id)}`);
  ui.answer({ written: path, id });
  return path;
}

type Generated = {
  readonly up: readonly Operation[];
  readonly down?: readonly Operation[];
  readonly consent: readonly string[];
};

/** The operations that lead from the database to the models, asked about where a guess would lose data. */
async function generate(ui: Ui, project: Project, graph: RevisionGraph, flags: RevisionFlags): Promise<Generated> {
  metadataOf(project);
  return withEngine(project, async (engine) => {
    const { pending, findings } = await migrationStatus(engine, graph.ordered);
    if (findings.length > 0) throw new CommandFailure(findings.map(({ message }) => message).join('\n'));
    if (pending.length > 0) {
      throw new CommandFailure(
        `the database lacks ${pending.join(', ')}: \`cinnabar upgrade\` first, and then compare`,
      );
    }
    let renames = renamesIn(flags.rename ?? []);
    let { operations, questions, current } = await difference(project, engine, renames);
    while (questions.length > 0) {
      renames = await answerQuestion(ui, questions[0]!, renames);
      ({ operations, questions, current } = await difference(project, engine, renames));
    }
    for (const operation of operations) ui.say(describeOperation(operation));
    for (const { object, message, remedy } of lint(operations, current)) {
      ui.note(`! ${object}: ${message}; ${remedy}`);
    }
    const consent = await consented(ui, destructive(operations), flags.consent ?? []);
    return { up: operations, ...undone(ui, operations), consent };
  });
}

function undone(ui: Ui, operations: readonly Operation[]): { down?: readonly Operation[] } {
  try {
    return { down: reverse(operations) };
  } catch (error) {
    if (!isCinnabarError(error, 'ConfigurationError')) throw error;
    ui.note(`no 'down' was written: ${error.message}`);
    return {};
  }
}

/** Names of what may be lost, as they go into the revision. What is not consented to here is asked when it runs. */
async function consented(ui: Ui, objects: readonly string[], given: readonly string[]): Promise<readonly string[]> {
  const left = objects.filter((name) => !given.includes(name));
  if (left.length === 0) return objects;
  if (!ui.interactive) {
    ui.note(`consent is needed, by name: write it into the revision, or upgrade with --consent ${left.join(',')}`);
    return objects.filter((name) => given.includes(name));
  }
  const named = await askSome(
    'These lose what they hold, or may be refused for it. Which are meant?',
    left.map((value) => ({ value, label: value })),
  );
  return objects.filter((name) => given.includes(name) || named.includes(name));
}

/** `users.name:title` is a column, `users:people` a table or an enum; without a new name, it is no rename. */
function renamesIn(given: readonly string[]): Renames {
  const tables: Record<string, string | null> = {};
  const columns: Record<string, string | null> = {};
  for (const text of given) {
    const [from = '', to] = text.split(':');
    if (from === '')
      throw new CommandFailure(`--rename is like users.name:title or users:people, not '${text}'`, EXIT.usage);
    (from.includes('.') ? columns : tables)[from] = to === undefined || to === '' ? null : to.replace(/^.*\./, '');
  }
  return { tables, columns };
}

async function answerQuestion(ui: Ui, { kind, from, to }: RenameQuestion, renames: Renames): Promise<Renames> {
  if (!ui.interactive) {
    const [likely] = to;
    throw new CommandFailure(
      `'${from}' is gone, and ${to.map((name) => `'${name}'`).join(', ')} ${to.length === 1 ? 'is' : 'are'} new: say \`--rename ${from}:${likely}\` where it was renamed, or \`--rename ${from}:\` where it is dropped`,
    );
  }
  const answer = await askOne(`'${from}' is gone. What became of it?`, [
    ...to.map((name) => ({ value: `=${name}`, label: `renamed to ${name}`, hint: 'its data is kept' })),
    { value: '-', label: 'dropped', hint: 'its data goes' },
  ]);
  return { ...renames, [kind]: { ...renames[kind], [from]: answer === '-' ? null : answer.slice(1) } };
}

/** Writes a revision without steps that joins several heads. */
export async function mergeCommand(
  ui: Ui,
  names: readonly string[],
  flags: { readonly config?: string; readonly message?: string; readonly id?: string },
): Promise<void> {
  const project = await loadProject(flags.config);
  const graph = graphOf(await revisionsOf(project));
  const ends = names.length === 0 ? graph.heads : names.flatMap((name) => findEnds(graph, name));
  const parents = [...new Set(ends.map(({ id }) => id))];
  if (parents.length < 2) throw new CommandFailure('there is one head: nothing to merge');
  const message = flags.message ?? `merge ${parents.join(' and ')}`;
  const options = { id: newId(graph, flags.id), parents, message, up: [], down: [] };
  await write(ui, project, revisionSource(options), options);
}

interface SquashFlags {
  readonly config?: string;
  readonly message?: string;
  readonly id?: string;
  readonly elideData?: boolean;
}

/** Writes one revision in the place of several, and takes their files away. */
export async function squashCommand(ui: Ui, range: string, flags: SquashFlags): Promise<void> {
  const [from, to] = range.split(':');
  if (!from || !to) throw new CommandFailure('say from where to where: `cinnabar squash <first>:<last>`', EXIT.usage);
  const project = await loadProject(flags.config);
  const files = await revisionsOf(project);
  const graph = graphOf(files);
  const [last] = findEnds(graph, to);
  const first = from === 'base' ? graph.ordered[0] : findRevision(graph, from);
  if (!first || !last) throw new CommandFailure('there are no revisions to squash');
  const squashed = squashRevisions(graph, first.id, last.id, {
    id: newId(graph, flags.id),
    ...(flags.message !== undefined && { message: flags.message }),
    elideData: flags.elideData === true,
  });
  const path = await replaceFiles(project, files, squashed, last.id);
  ui.say(`${colors.green('+')} ${path}  ${colors.yellow(squashed.id)}`);
  for (const { path: old, revision } of files) {
    if (squashed.replaces.includes(revision.id)) ui.say(`${colors.red('-')} ${basename(old)}`);
  }
  ui.note('a database that has all of these counts as having the new one; one that has only some is refused');
  ui.answer({ written: path, id: squashed.id, replaces: squashed.replaces });
}

async function replaceFiles(
  { folder }: Project,
  files: readonly RevisionFile[],
  { down, ...squashed }: Revision,
  last: string,
): Promise<string> {
  const text = revisionSource({ ...squashed, ...(down && { down }) });
  const path = await addFile(folder, fileName(squashed.message, new Date()), text);
  for (const { path: old, revision } of files) {
    if (squashed.replaces.includes(revision.id)) await rm(old);
    else if ([...revision.parents, ...revision.dependsOn].includes(last)) await repoint(old, last, squashed.id);
  }
  await writeIndex(folder);
  return shown(path);
}

/** Lets a revision come after another than before. */
async function repoint(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const changed = text.replaceAll(/\b(?:parents|dependsOn):\s*\[[^\]]*\]/g, (list) =>
    list.replaceAll(`'${from}'`, `'${to}'`).replaceAll(`"${from}"`, `"${to}"`),
  );
  if (changed === text)
    throw new CommandFailure(
      `${shown(path)} names '${from}' as its parent in a way that could not be changed: write '${to}' there`,
    );
  await writeFile(path, changed);
}
