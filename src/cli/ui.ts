import process from 'node:process';
import { cancel, isCancel, multiselect, select, text } from '@clack/prompts';
import colors from 'picocolors';
import { CommandFailure, EXIT } from './failure.ts';

/** How a command speaks: to a person, who can be asked, or to a program, in JSON. */
export interface Ui {
  /** Whether someone sits there. */
  readonly interactive: boolean;
  readonly json: boolean;
  /** A line for a person; nothing of it with `--json`. */
  say(line?: string): void;
  /** Progress and hints, which are no part of the answer. */
  note(line: string): void;
  /** The answer as data; printed with `--json` alone. */
  answer(data: unknown): void;
}

export function createUi({ json }: { readonly json: boolean }): Ui {
  const interactive = !json && process.stdin.isTTY && process.stdout.isTTY && !process.env['CI'];
  return {
    interactive,
    json,
    say: (line = '') => void (json || process.stdout.write(`${line}\n`)),
    note: (line) => void (json || process.stderr.write(`${colors.dim(line)}\n`)),
    answer: (data) => void (json && process.stdout.write(`${JSON.stringify(data, undefined, 2)}\n`)),
  };
}

export { colors };

/** The answer to a question, or the end of the command where there is none. */
function given<T>(value: T): Exclude<T, symbol> {
  if (!isCancel(value)) return value as Exclude<T, symbol>;
  cancel('Nothing was done.');
  throw new CommandFailure('', EXIT.failed);
}

export async function askText(message: string, options: { placeholder?: string } = {}): Promise<string> {
  const validate = (value: string | undefined): string | undefined =>
    value?.trim() ? undefined : 'Something has to be there.';
  return given(await text({ message, ...options, validate }));
}

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
}

export async function askOne<V extends string>(message: string, choices: readonly Choice<V>[]): Promise<V> {
  return given(await select<string>({ message, options: [...choices] })) as V;
}

export async function askSome<V extends string>(message: string, choices: readonly Choice<V>[]): Promise<V[]> {
  return given(await multiselect<string>({ message, options: [...choices], required: false })) as V[];
}
