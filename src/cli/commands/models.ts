import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { coreOf, type Engine } from '../../engine/engine.ts';
import { erdMermaid } from '../../migrate/erd/mermaid.ts';
import { erdSvg } from '../../migrate/erd/svg.ts';
import { snapshotOf } from '../../migrate/from-models.ts';
import { pull } from '../../migrate/pull/pull.ts';
import { reflect } from '../../migrate/reflect.ts';
import type { SchemaSnapshot } from '../../migrate/snapshot.ts';
import { CommandFailure } from '../failure.ts';
import { given } from '../paths.ts';
import { ignoredBy, loadProject, metadataOf, withEngine, type Project } from '../project.ts';
import { colors, type Ui } from '../ui.ts';

/** What the database has, without what is none of the models' business. */
async function schemaOf(project: Project, engine: Engine): Promise<SchemaSnapshot> {
  const schema = await reflect(engine);
  const ignored = ignoredBy(project);
  return {
    ...schema,
    tables: schema.tables.filter((table) => !ignored(table)),
    enums: schema.enums.filter((item) => !ignored(item)),
    views: schema.views.filter((view) => !ignored(view)),
  };
}

export interface PullFlags {
  readonly config?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Writes models for what the database has. */
export async function pullCommand(ui: Ui, flags: PullFlags): Promise<void> {
  const project = await loadProject(flags.config);
  const schema = await withEngine(project, (engine) => schemaOf(project, engine));
  await give(ui, pull(schema), flags, `${schema.tables.length} tables`);
}

export interface ErdFlags extends PullFlags {
  readonly format?: string;
  readonly database?: boolean;
}

/** Draws the tables of the models, or of the database, and what they refer to. */
export async function erdCommand(ui: Ui, flags: ErdFlags): Promise<void> {
  const format = flags.format ?? (flags.out?.endsWith('.svg') ? 'svg' : 'mermaid');
  const project = await loadProject(flags.config);
  const schema = await withEngine(project, async (engine) =>
    flags.database ? schemaOf(project, engine) : snapshotOf(metadataOf(project), coreOf(engine).driver.dialect),
  );
  await give(ui, format === 'svg' ? erdSvg(schema) : erdMermaid(schema), flags, `${schema.tables.length} tables`);
}

/** Writes a text into a file, or shows it. */
async function give(ui: Ui, text: string, { out, force }: Omit<PullFlags, 'config'>, what: string): Promise<void> {
  if (out === undefined) {
    ui.say(text.trimEnd());
    ui.answer({ text });
    return;
  }
  const path = given(out);
  if (existsSync(path) && !force) throw new CommandFailure(`${out} is there already: --force writes over it`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  ui.say(`${colors.green('+')} ${out}  ${what}`);
  ui.answer({ written: out });
}
