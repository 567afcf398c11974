import { isApart, isData, type RevisionStep } from '../migrate/revisions/steps.ts';
import type { RevisionOptions } from '../migrate/revisions/revision.ts';
import type { RunSql } from '../migrate/operations/operation.ts';

/**
 * The text of a file with a revision.
 *
 * @param isReversed whether `down` is what undoes `up`, so that it need not be written out.
 */
export function revisionSource(options: RevisionOptions, isReversed = false): string {
  const { id, parents = [], message, up } = options;
  // What undoes `up` need not be written out.
  const down = isReversed ? undefined : options.down;
  const lists = LISTS.flatMap((key) => (options[key]?.length ? [`${key}: ${listOf(options[key])},`] : []));
  const lines = [
    `id: ${quoted(id)},`,
    `parents: ${listOf(parents)},`,
    ...lists,
    ...(message ? [`message: ${quoted(message)},`] : []),
    ...(isReversed ? ['up,', 'down: reverse(up),'] : [`up: ${stepsOf(up)},`]),
    ...(down ? [`down: ${stepsOf(down)},`] : []),
  ];
  const names = [...new Set([...namesUsed([...up, ...(down ?? [])]), 'revision'])].toSorted();
  const body = lines.map((line) => `  ${line}\n`).join('');
  const end = `export default revision({\n${body}});\n`;
  return isReversed
    ? `import { reverse, ${names.join(', ')}, type Operation } from 'cinnabar/migrate';\n\nconst up: Operation[] = ${stepsOf(up, '')};\n\n${end}`
    : `import { ${names.join(', ')} } from 'cinnabar/migrate';\n\n${end}`;
}

const LISTS = ['dependsOn', 'labels', 'replaces', 'consent'] as const;

/** The functions that steps are written with. */
function namesUsed(steps: readonly RevisionStep[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'variant') return ['variant', ...Object.values(step.of).flatMap(namesUsed)];
    if (isApart(step)) return ['apart'];
    return step.kind === 'sql' && isPlain(step) ? ['execute'] : [];
  });
}

/** Whether a step of SQL can be written as `execute(…)`. */
function isPlain({ down, transactional }: RunSql): boolean {
  return down === undefined && transactional === undefined;
}

function stepsOf(steps: readonly RevisionStep[], indent = '  '): string {
  if (steps.length === 0) return '[]';
  return `[\n${steps.map((step) => `${indent}  ${stepOf(step, `${indent}  `)},\n`).join('')}${indent}]`;
}

function stepOf(step: RevisionStep, indent: string): string {
  if (isData(step)) throw new TypeError(`a data step cannot be written into another file: ${step.name}`);
  if (isApart(step)) {
    const options = {
      ...(step.done !== undefined && { done: step.done }),
      ...(step.clean !== undefined && { clean: step.clean }),
    };
    return `apart(${quoted(step.sql)}${Object.keys(options).length > 0 ? `, ${literal(options, indent)}` : ''})`;
  }
  if (step.kind === 'variant') {
    const parts = Object.entries(step.of).map(
      ([dialect, steps]) => `${indent}  ${keyOf(dialect)}: ${stepsOf(steps, `${indent}  `)},\n`,
    );
    return `variant({\n${parts.join('')}${indent}})`;
  }
  if (step.kind !== 'sql' || !isPlain(step)) return literal(step, indent);
  const texts = Array.isArray(step.up)
    ? quoted((step.up as readonly string[]).join(';\n'))
    : literal(Object.fromEntries(Object.entries(step.up).map(([dialect, all]) => [dialect, all.join(';\n')])), indent);
  return `execute(${texts})`;
}

const WIDTH = 100;

/** A value as TypeScript: on one line where that is short. */
function literal(value: unknown, indent: string): string {
  const inline = inlineOf(value);
  if (inline.length + indent.length <= WIDTH || typeof value !== 'object' || value === null) return inline;
  const deeper = `${indent}  `;
  const items = Array.isArray(value)
    ? value.map((item) => literal(item, deeper))
    : entriesOf(value).map(([key, item]) => `${keyOf(key)}: ${literal(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${items.map((item) => `${deeper}${item},\n`).join('')}${indent}${close}`;
}

function inlineOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(inlineOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = entriesOf(value);
  return entries.length === 0
    ? '{}'
    : `{ ${entries.map(([key, item]) => `${keyOf(key)}: ${inlineOf(item)}`).join(', ')} }`;
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined) as [string, unknown][];
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

function listOf(names: readonly string[]): string {
  return `[${names.map(quoted).join(', ')}]`;
}

function quoted(text: string): string {
  if (text.includes('\n')) return `\`${text.replaceAll(/[\\`]|\$\{/g, (part) => `\\${part}`)}\``;
  const json = JSON.stringify(text);
  return text.includes("'") ? json : `'${json.slice(1, -1).replaceAll(String.raw`\"`, '"')}'`;
}
