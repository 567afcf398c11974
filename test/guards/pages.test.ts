import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './project.ts';

const page = readFileSync(join(root, 'docs/coming-from-sqlalchemy.md'), 'utf8');
const rows = page
  .slice(page.indexOf('## Construct by construct'))
  .split('\n')
  .filter((line) => /^\| [^S-]/.test(line) || line.startsWith('| SQL expressions'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

/** The names of the tests in a text, and of the groups that they are in. */
function titlesOf(text: string): string[] {
  return [...text.matchAll(/(?<=^|\s|\))(?:(?:test|describe)\b[\w.]*)?\(\s*(['"`])((?:\\.|(?!\1).)+)\1/gm)].map(
    ([, , title]) => title!.replaceAll("\\'", "'"),
  );
}

/** Where a title ends in what is filled in, what comes before is its name. */
function isNamed(name: string, titles: readonly string[]): boolean {
  return titles.some(
    (title) => title === name || (title.startsWith(name) && /^(?:: \$\{| \(SEED)/.test(title.slice(name.length))),
  );
}

test('titles are found however a test is declared', () => {
  const text =
    "test('a', () => {});\n  describe.for([1])('b %s', () => {\n test(`c: ${n}`, { timeout: 1 }, async () => {})";
  expect(titlesOf(text)).toEqual(['a', 'b %s', 'c: ${n}']);
  expect(isNamed('c', titlesOf(text))).toBe(true);
  expect(isNamed('b', titlesOf(text))).toBe(false);
});

test('every construct of SQLAlchemy has its place, or a reason why it has none', () => {
  expect(rows.length).toBeGreaterThan(60);
  for (const [, construct, here, shown] of rows) {
    expect(here, construct).not.toBe('');
    if (!here!.startsWith('no:')) expect(shown, construct).toContain('](../test/');
  }
});

test('the tests that the page names are there', () => {
  let named = 0;
  for (const [, name, path] of page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)) {
    expect(existsSync(join(root, path!)), path).toBe(true);
    expect(isNamed(name!, titlesOf(readFileSync(join(root, path!), 'utf8'))), `${path}: ${name}`).toBe(true);
    named++;
  }
  expect(named).toBeGreaterThan(150);
});
