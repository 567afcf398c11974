import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../migrate/version.ts';
import { check, diffCommand, sqlCommand } from './commands/compare.ts';
import { init, DRIVERS } from './commands/init.ts';
import { erdCommand, pullCommand } from './commands/models.ts';
import { run } from './commands/run.ts';
import { current, heads, history } from './commands/show.ts';
import { stampCommand } from './commands/stamp.ts';
import { mergeCommand, revisionCommand, squashCommand } from './commands/write.ts';
import { completionScript, namesFor, SHELL_NAMES } from './completion.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { loadProject, revisionsOf } from './project.ts';
import type { Ui } from './ui.ts';

/** Several values of one option: repeated, or with commas. */
const many = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value.split(',').filter(Boolean),
];

const HELP = `
Targets are ids or the beginning of one, labels, head, heads, base, +1, -1, <label>@head, <id>+1.
Exit codes: 0 done, 1 failed, 2 wrong use, 3 the database differs (check, current --check).
Answers as data: --json. Completion: cinnabar completion bash|zsh|fish.`;

/** The command line. \`ui\` is made when the options are known. */
export function createProgram(uiOf: (options: { json: boolean }) => Ui): Command {
  const program = new Command('cinnabar')
    .description('Migrations for Cinnabar: write revisions of a schema, and run them.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .exitOverride()
    .showHelpAfterError('`cinnabar help` lists the commands.');
  const command = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option('-c, --config <file>', 'the configuration; cinnabar.config.ts here or above unless told')
      .option('--json', 'answer as JSON, and ask nothing')
      .exitOverride();
  const ui = (flags: { json?: boolean }): Ui => uiOf({ json: flags.json === true });
  writing(command, ui);
  running(command, ui);
  showing(command, ui);
  drawing(command, ui);
  completing(program);
  return program;
}

type Make = (usage: string, description: string) => Command;
type UiOf = (flags: { json?: boolean }) => Ui;

function writing(command: Make, ui: UiOf): void {
  command('init', 'write a configuration and an empty folder of revisions')
    .addOption(new Option('--driver <name>', 'what the database is').choices(DRIVERS))
    .option('--models <file>', 'the module of the models', 'models.ts')
    .option('--revisions <folder>', 'the folder of the revisions', 'migrations')
    .action((flags: Parameters<typeof init>[1]) => init(ui(flags as { json?: boolean }), flags));
  command('revision', 'write a new revision')
    .option('-m, --message <text>', 'what it does')
    .option('-a, --autogenerate', 'with what leads from the database to the models')
    .option('--id <id>', 'its id; made unless told')
    .option('--parent <revision>', 'what it comes after: head unless told, base for a new branch', many)
    .option('--depends-on <revision>', 'what of another branch has to be there before', many)
    .option('--label <name>', 'a name for the branch that begins here', many)
    .option('--rename <old:new>', 'what is only called otherwise: users:people, users.name:title', many)
    .option('--consent <object>', 'what may lose what it holds: users, users.email', many)
    .action((flags: Parameters<typeof revisionCommand>[1]) => revisionCommand(ui(flags as { json?: boolean }), flags));
  command('merge [revisions...]', 'write a revision that joins heads')
    .option('-m, --message <text>', 'what it does')
    .option('--id <id>', 'its id; made unless told')
    .action((names: string[], flags: Parameters<typeof mergeCommand>[2]) =>
      mergeCommand(ui(flags as { json?: boolean }), names, flags),
    );
  command('squash <range>', 'write one revision in the place of several: <first>:<last>')
    .option('-m, --message <text>', 'what it does')
    .option('--id <id>', 'its id; made unless told')
    .option('--elide-data', 'leave data steps out')
    .action((range: string, flags: Parameters<typeof squashCommand>[2]) =>
      squashCommand(ui(flags as { json?: boolean }), range, flags),
    );
}

function running(command: Make, ui: UiOf): void {
  const runs = (usage: string, description: string): Command =>
    command(usage, description)
      .option('-n, --dry-run', 'print the SQL, what it locks and the rows at risk, and do nothing')
      .option('--consent <object>', 'what may lose what it holds: users, users.email', many)
      .option('--resume <how>', "a step that was cut off and tells nothing: 'done' or 'again'")
      .option('--wait <seconds>', 'how long to wait for another runner and for locks', '60');
  runs('upgrade [target]', 'apply revisions up to a target: head unless told')
    .option('--out-of-order [revision]', 'apply what came late, too', many)
    .action((target: string | undefined, flags: Parameters<typeof run>[3]) =>
      run(ui(flags as { json?: boolean }), 'up', target ?? 'head', flags),
    );
  runs('downgrade <target>', 'take revisions back down to a target').action(
    (target: string, flags: Parameters<typeof run>[3]) => run(ui(flags as { json?: boolean }), 'down', target, flags),
  );
  command('stamp [target]', 'tell the ledger where the database is, and run nothing')
    .option('--accept <revision>', 'take an edited revision as it is now', many)
    .option('--forget <revision>', 'forget a revision that there is no code for', many)
    .action((target: string | undefined, flags: Parameters<typeof stampCommand>[2]) =>
      stampCommand(ui(flags as { json?: boolean }), target, flags),
    );
}

function showing(command: Make, ui: UiOf): void {
  command('current', 'show where the database is')
    .option('--check', 'fail unless all revisions are applied')
    .action((flags: Parameters<typeof current>[1]) => current(ui(flags as { json?: boolean }), flags));
  command('history', 'show all revisions as a graph')
    .option('--offline', 'ask no database')
    .action((flags: Parameters<typeof history>[1]) => history(ui(flags as { json?: boolean }), flags));
  command('heads', 'show the ends of the graph').action((flags: Parameters<typeof heads>[1]) =>
    heads(ui(flags as { json?: boolean }), flags),
  );
  command('check', 'fail when the database is not what the models and the revisions say').action(
    (flags: Parameters<typeof check>[1]) => check(ui(flags as { json?: boolean }), flags),
  );
  command('diff', 'show what leads from the database to the models')
    .option('--sql', 'as SQL')
    .action((flags: Parameters<typeof diffCommand>[1]) => diffCommand(ui(flags as { json?: boolean }), flags));
  command('sql [range]', 'print revisions as SQL: all, <to> or <from>:<to>')
    .option('--omit-data', 'leave data steps out')
    .option('--bare', 'without begin and commit, for a tool that runs each revision as a unit by itself')
    .option('--wrangler <folder>', 'write a file for each, which `wrangler d1 migrations apply` runs')
    .action((range: string | undefined, flags: Parameters<typeof sqlCommand>[2]) =>
      sqlCommand(ui(flags as { json?: boolean }), range, flags),
    );
}

function drawing(command: Make, ui: UiOf): void {
  command('pull', 'write models for what the database has')
    .option('-o, --out <file>', 'into a file, and not on the screen')
    .option('--force', 'also over one that is there')
    .action((flags: Parameters<typeof pullCommand>[1]) => pullCommand(ui(flags as { json?: boolean }), flags));
  command('erd', 'draw the tables of the models, and what they refer to')
    .addOption(
      new Option('--format <name>', 'mermaid unless told, or the file ends in .svg').choices(['mermaid', 'svg']),
    )
    .option('--database', 'those of the database')
    .option('-o, --out <file>', 'into a file, and not on the screen')
    .option('--force', 'also over one that is there')
    .action((flags: Parameters<typeof erdCommand>[1]) => erdCommand(ui(flags as { json?: boolean }), flags));
}

function completing(program: Command): void {
  program
    .command('completion [shell]')
    .description(`print the script by which a shell completes: ${SHELL_NAMES.join(', ')}`)
    .option('--names <command>', 'print what may follow a command')
    .exitOverride()
    .action(async (shell: string | undefined, { names }: { names?: string }) => {
      if (names !== undefined) return print(await namesAfter(names));
      const script = completionScript(shell ?? '', program);
      if (script === undefined) throw new CommandFailure(`name a shell: ${SHELL_NAMES.join(', ')}`, EXIT.usage);
      print(script.trimEnd());
    });

  function print(text: string): void {
    if (text) program.configureOutput().writeOut?.(`${text}\n`);
  }
}

/** What may follow a command; nothing where there is no project. */
async function namesAfter(command: string): Promise<string> {
  try {
    const files = await revisionsOf(await loadProject(undefined));
    return namesFor(
      command,
      files.map(({ revision }) => revision),
    ).join('\n');
  } catch {
    return '';
  }
}

/** The exit code of what commander throws: help and versions are no failures. */
export function exitOf(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 ? EXIT.done : EXIT.usage;
}
