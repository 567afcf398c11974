import process from 'node:process';
import { CommandFailure, EXIT, told } from './failure.ts';
import { createProgram, exitOf } from './program.ts';
import { colors, createUi } from './ui.ts';

let json = false;
// What a configuration prints, and the clients that it makes, is no part of an answer.
for (const name of ['log', 'info', 'debug', 'dir'] as const) globalThis.console[name] = globalThis.console.error;
// A client that waits for nothing, with nothing left to do, would end the process in the middle.
process.once('beforeExit', () => {
  fail(new CommandFailure('the command did not end: something that it waits for never comes'));
  process.exit(EXIT.failed);
});

/** Runs the command line, and says how it ended. */
async function main(): Promise<number> {
  const program = createProgram((options) => {
    ({ json } = options);
    return createUi(options);
  });
  try {
    await program.parseAsync(process.argv);
    return EXIT.done;
  } catch (error) {
    const exit = exitOf(error);
    if (exit !== undefined) return exit;
    fail(error);
    return error instanceof CommandFailure ? error.exit : EXIT.failed;
  }
}

function fail(error: unknown): void {
  const { code, message } = told(error);
  if (message && json) process.stdout.write(`${JSON.stringify({ error: { code, message } }, undefined, 2)}\n`);
  else if (message) process.stderr.write(`${colors.red('✗')} ${message}\n`);
  if (process.env['CINNABAR_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

const exit = await main();
// What a configuration leaves open must not keep the command from ending.
process.stdout.write('', () => process.exit(exit));
