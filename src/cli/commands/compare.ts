import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coreOf } from '../../engine/engine.ts';
import { render } from '../../migrate/operations/render.ts';
import type { Operation } from '../../migrate/operations/operation.ts';
import { RevisionGraph } from '../../migrate/revisions/graph.ts';
import { migrationStatus } from '../../migrate/running/migrate.ts';
import { revisionSql, shellLine, type RevisionSql } from '../../migrate/running/offline.ts';
import { describeOperation, effectOf, objectOf } from '../describe.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { given, shown } from '../paths.ts';
import { difference, loadProject, metadataOf, revisionsOf, withEngine } from '../project.ts';
import { colors, type Ui } from '../ui.ts';

interface Flags {
  readonly config?: string;
}

/** Fails when the database is not what the models and the revisions say. Nothing is written. */
export async function check(ui: Ui, flags: Flags): Promise<void> {
  const project = await loadProject(flags.config);
  const graph = new RevisionGraph((await revisionsOf(project)).map(({ revision }) => revision));
  metadataOf(project);
  const { pending, findings, operations } = await withEngine(project, async (engine) => ({
    ...(await migrationStatus(engine, graph.ordered)),
    ...(await difference(project, engine)),
  }));
  for (const { message } of findings) ui.say(colors.red(`! ${message}`));
  for (const id of pending) ui.say(colors.yellow(`○ ${id} is not applied`));
  for (const operation of operations) ui.say(describeOperation(operation));
  const heads = graph.heads.map(({ id }) => id);
  if (heads.length > 1) ui.say(colors.yellow(`several heads: ${heads.join(', ')}`));
  const isClean = findings.length + pending.length + operations.length === 0 && heads.length <= 1;
  ui.answer({ clean: isClean, findings, pending, heads, differences: operations.map(differenceOf) });
  if (isClean) ui.say(colors.green('✓ the database is what the models and the revisions say'));
  else throw new CommandFailure(ui.json ? '' : 'the database differs: the lines above say in what', EXIT.differs);
}

function differenceOf(operation: Operation): unknown {
  return { object: objectOf(operation), effect: effectOf(operation), operation };
}

/** What leads from the database to the models, by object or as SQL. */
export async function diffCommand(ui: Ui, flags: Flags & { readonly sql?: boolean }): Promise<void> {
  const project = await loadProject(flags.config);
  await withEngine(project, async (engine) => {
    const { operations, questions, current } = await difference(project, engine);
    const statements = render(operations, coreOf(engine).driver.dialect, current).flatMap((step) => step.statements);
    if (flags.sql) for (const statement of statements) ui.say(`${statement};`);
    else for (const operation of operations) ui.say(describeOperation(operation));
    for (const { from, to } of questions) ui.note(`? '${from}' may have been renamed to ${to.join(' or ')}`);
    if (operations.length === 0) ui.say(`${flags.sql ? '-- ' : ''}no difference`);
    ui.answer({ differences: operations.map(differenceOf), questions, statements });
  });
}

export interface SqlFlags extends Flags {
  readonly omitData?: boolean;
  readonly bare?: boolean;
  readonly wrangler?: string;
}

/** Revisions as SQL: on the screen, or as files that \`wrangler d1 migrations apply\` runs. */
export async function sqlCommand(ui: Ui, range: string | undefined, flags: SqlFlags): Promise<void> {
  const [from, to] = range === undefined ? [] : range.includes(':') ? range.split(':') : [undefined, range];
  const project = await loadProject(flags.config);
  const revisions = (await revisionsOf(project)).map(({ revision }) => revision);
  const bare = flags.bare === true || flags.wrangler !== undefined;
  const { files, first } = await withEngine(project, async (engine) => {
    const { dialect } = coreOf(engine).driver;
    const options = { ...(from && { from }), ...(to && { to }), omitData: flags.omitData === true, bare };
    return { files: await revisionSql(revisions, dialect, options), first: shellLine(dialect) };
  });
  if (flags.wrangler !== undefined) return writeFiles(ui, given(flags.wrangler), files);
  if (!bare && files.length > 0) ui.say(first);
  for (const file of files) ui.say(textOf(file));
  if (files.length === 0) ui.say('-- nothing to do');
  ui.answer(files);
}

async function writeFiles(ui: Ui, folder: string, files: readonly RevisionSql[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  for (const [at, file] of files.entries()) {
    const slug = file.message
      .toLowerCase()
      .replaceAll(/[^a-z\d]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 40);
    const path = join(folder, `${String(at + 1).padStart(4, '0')}_${file.revision}${slug ? `_${slug}` : ''}.sql`);
    await writeFile(path, textOf(file));
    ui.say(`${colors.green('+')} ${shown(path)}`);
    written.push(shown(path));
  }
  ui.answer({ written });
}

function textOf({ revision, message, statements }: RevisionSql): string {
  return `-- ${revision}${message ? `: ${message.replaceAll('\n', ' ')}` : ''}\n${statements.map((text) => `${text};\n`).join('')}`;
}
