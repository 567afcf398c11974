import { hostname } from 'node:os';
import process from 'node:process';
import { stamp } from '../../migrate/running/stamp.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { loadProject, revisionsOf, withEngine } from '../project.ts';
import { colors, type Ui } from '../ui.ts';

export interface StampFlags {
  readonly config?: string;
  readonly accept?: readonly string[];
  readonly forget?: readonly string[];
}

/** Tells the ledger where the database is, and runs nothing. */
export async function stampCommand(ui: Ui, target: string | undefined, flags: StampFlags): Promise<void> {
  const { accept = [], forget = [] } = flags;
  if (target === undefined && accept.length === 0 && forget.length === 0) {
    throw new CommandFailure(
      'say where the database is: `cinnabar stamp head`; or use --accept or --forget',
      EXIT.usage,
    );
  }
  const project = await loadProject(flags.config);
  const revisions = (await revisionsOf(project)).map(({ revision }) => revision);
  await withEngine(project, async (engine) => {
    const owner = `${hostname()}:${process.pid}`;
    const report = await stamp(engine, revisions, target, { accept, forget, owner });
    for (const id of report.added) ui.say(`${colors.green('+')} ${id} counts as applied`);
    for (const id of report.removed) ui.say(`${colors.red('-')} ${id} is forgotten`);
    for (const id of report.accepted) ui.say(`${colors.green('✓')} ${id} is taken as it is now`);
    if (report.added.length + report.removed.length + report.accepted.length === 0) ui.say('Nothing to change.');
    ui.answer(report);
  });
}
