// How the demos show themselves: plain text, with colours on a terminal only.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { styleText } from 'node:util';
import type { SentUnit, StepRecord } from './recorder.ts';

const width = Math.min(process.stdout.columns || 100, 100);
const colours = process.stdout.isTTY && !process.env['NO_COLOR'];

type Style = 'bold' | 'dim' | 'red' | 'green' | 'cyan';

function style(name: Style, text: string): string {
  return colours ? styleText(name, text, { validateStream: false }) : text;
}

export function print(...lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

/** The code of each step by its title, out of tour.ts, up to where its checks begin: what is shown is what ran. */
export async function readCode(): Promise<ReadonlyMap<string, readonly string[]>> {
  const source = await readFile(new URL('tour.ts', import.meta.url), 'utf8');
  const models = await readFile(new URL('models.ts', import.meta.url), 'utf8');
  const model = /^export (class User [^]*?\n\}\) \{[^]*?^\}\n)/m.exec(models)?.[1] ?? '';
  const steps = source.split(/^ {2}step\('/m).slice(1);
  return new Map(
    steps.map((text) => {
      const [, ...lines] = text.slice(0, text.indexOf('\n  expect(')).split('\n');
      const title = text.slice(0, text.indexOf("'"));
      const before = title === 'Declare models' ? model.split('\n') : [];
      return [title, [...before, ...lines.map((line) => line.slice(2))]];
    }),
  );
}

/** Ever smaller parts of a statement: its clauses, the items of a list, the terms of a condition, words. */
const parts: readonly ((text: string) => string[])[] = [
  clauses,
  (text) => text.split(/(?<=,) /),
  (text) => text.split(/ (?=(?:and|or|then) )/),
  (text) => text.split(' '),
];

function clauses(sql: string): string[] {
  const found = [''];
  let depth = 0;
  for (const word of sql.split(' ')) {
    if (depth === 0 && /^(?:select|from|where|order|returning|values|on|foreign)$/.test(word)) found.push(word);
    else found[found.length - 1] += found.at(-1) === '' ? word : ` ${word}`;
    depth += word.split('(').length - word.split(')').length;
  }
  return found.filter((clause) => clause !== '');
}

/** Breaks a statement into lines, between parts as large as the room allows. */
function wrap(sql: string, room: number): string[] {
  const lines: string[] = [];
  const put = (text: string, level: number): void => {
    const last = lines.at(-1);
    const split = parts[level];
    if (last !== undefined && last.length + 1 + text.length <= room) lines[lines.length - 1] = `${last} ${text}`;
    else if (text.length + 2 <= room || !split) lines.push(last === undefined ? text : `  ${text}`);
    else for (const part of split(text)) put(part, level + 1);
  };
  put(sql, 0);
  return lines;
}

const isGuard = (sql: string): boolean => sql.startsWith("select json_extract('{}', ");

function unitLines(unit: SentUnit, at: number): string[] {
  const head = `round trip ${at + 1}: ${unit.mode}, ${plural(unit.statements.length, 'statement')}, ${unit.milliseconds.toFixed(1)} ms`;
  const ended = unit.error === undefined ? '' : style('red', `, refused: ${unit.error}`);
  const statements = unit.statements.flatMap((sql) =>
    wrap(sql, width - 13).map((line, index) => {
      const label = index > 0 ? '' : isGuard(sql) ? 'guard' : 'sql';
      return `      ${style('dim', label.padEnd(5))}  ${isGuard(sql) ? style('dim', line) : line}`;
    }),
  );
  return [`    ${style('bold', head)}${ended}`, ...statements];
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function heading(text: string): void {
  print('', style('bold', text), style('dim', '─'.repeat(width)));
}

/** Prints steps as they come. */
export class StepPrinter {
  readonly #code: ReadonlyMap<string, readonly string[]>;
  readonly steps: StepRecord[] = [];
  #explained = false;

  constructor(code: ReadonlyMap<string, readonly string[]>) {
    this.#code = code;
  }

  step = (step: StepRecord): void => {
    this.steps.push(step);
    heading(`${String(this.steps.length).padStart(2)}  ${step.title}`);
    print(`    ${step.intent}`, '');
    const code = this.#code.get(step.title);
    if (!code?.length) throw new Error(`tour.ts has no code for the step ${step.title}`);
    print(...code.map((line) => (line === '' ? '' : style('cyan', `      ${line}`))), '');
    print(...step.units.flatMap((unit, at) => [...unitLines(unit, at), '']));
    if (!this.#explained && step.units.some((unit) => unit.statements.some(isGuard))) this.#explain();
    print(...step.results.map(({ what, is }) => `    ${style('green', '✓')} ${what}: ${is}`));
  };

  #explain(): void {
    this.#explained = true;
    print(
      '    A guard rides in the same unit, and makes it fail as a whole when something is not as meant: a',
      '    row was changed by another (stale), a key is not the expected one (keys). SQLite has no RAISE',
      "    outside triggers; but json_extract fails on a path that is none, as 'cinnabar:…' is, and gives",
      '    NULL for NULL. So nothing has to be asked first, and there is no second round trip.',
      '',
    );
  }
}

/** The table at the end. */
export function summary(title: string, steps: readonly StepRecord[]): void {
  const line = (at: string, what: string, trips: string | number, statements: string | number): string =>
    `${at.padStart(2)}  ${what.padEnd(28)}${String(trips).padStart(12)}${String(statements).padStart(14)}`;
  const rule = style('dim', '─'.repeat(58));
  print('', style('bold', line('', title, 'round trips', 'statements')), rule);
  for (const [at, { title, units }] of steps.entries()) {
    const { trips, statements } = totals(units);
    print(line(String(at + 1), title, trips, statements));
  }
  const { trips, statements } = totals(steps.flatMap(({ units }) => units));
  print(rule, style('bold', line('', 'in all', trips, statements)), '');
  const results = steps.reduce((sum, step) => sum + step.results.length, 0);
  print(style('green', `✓ ${plural(results, 'result')} checked, each as it was meant.`));
}

function totals(units: readonly SentUnit[]): { trips: number; statements: number } {
  return {
    trips: units.reduce((sum, unit) => sum + unit.trips, 0),
    statements: units.reduce((sum, unit) => sum + unit.statements.length, 0),
  };
}
