import { expect, test } from 'vitest';
import { type Files, lint } from './project.ts';

interface Guard {
  readonly name: string;
  /** What the linter must say of `bad`. */
  readonly says: readonly RegExp[];
  readonly bad: Files;
  /** The same without the fault: the linter must say nothing. */
  readonly good: Files;
}

const one = 'export const one: number = 1;\n';
const use = (path: string, kind = 'import'): string =>
  `${kind} { one } from '${path}';\nexport const two: typeof one = 2;\n`;
const lines = (count: number): string =>
  Array.from({ length: count }, (_, at) => `export const line${at}: number = ${at};\n`).join('');
const long = (count: number): string =>
  `export function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(count)}  return sum;\n}\n`;
const branches = (count: number): string =>
  `export function pick(n: number): number {\n${Array.from({ length: count }, (_, at) => `  if (n === ${at}) return ${at + 1};\n`).join('')}  return 0;\n}\n`;
const task = 'async function task(): Promise<void> {}\n';

const guards: readonly Guard[] = [
  {
    name: 'an upward import',
    says: [/^src\/schema\/a\.ts eslint\(no-restricted-imports\).*src\/schema may import nothing from src\/sql/],
    bad: { 'src/sql/one.ts': one, 'src/schema/a.ts': use('../sql/one.ts') },
    good: { 'src/schema/one.ts': one, 'src/sql/a.ts': use('../schema/one.ts') },
  },
  {
    name: 'an upward import of a type',
    says: [/no-restricted-imports\).*src\/schema may import nothing from src\/sql/],
    bad: { 'src/sql/one.ts': one, 'src/schema/a.ts': use('../sql/one.ts', 'import type') },
    good: { 'src/schema/one.ts': one, 'src/sql/a.ts': use('../schema/one.ts', 'import type') },
  },
  {
    name: 'an upward import by a roundabout path, a re-export, and import()',
    says: [
      /^src\/util\/a\.ts .*src\/util .*src\/errors/,
      /^src\/util\/b\.ts .*src\/util/,
      /^src\/util\/c\.ts .*src\/util/,
    ],
    bad: {
      'src/errors/one.ts': one,
      'src/util/a.ts': use('../../src/errors/one.ts'),
      'src/util/b.ts': `export { one } from '../errors/one.ts';\n`,
      'src/util/c.ts': `export const later: Promise<unknown> = import('../errors/one.ts');\n`,
    },
    good: { 'src/util/one.ts': one, 'src/errors/a.ts': use('../../src/util/one.ts') },
  },
  {
    name: 'an import against the inner order of the ORM',
    says: [/^src\/orm\/state\/a\.ts .*src\/orm\/state may import nothing from src\/orm\/session/],
    bad: { 'src/orm/session/one.ts': one, 'src/orm/state/a.ts': use('../session/one.ts') },
    good: { 'src/orm/state/one.ts': one, 'src/orm/session/a.ts': use('../state/one.ts') },
  },
  {
    name: 'a value that a driver takes from the compiler',
    says: [/^src\/driver\/a\.ts .*src\/driver may import only types from src\/compiler/],
    bad: {
      'src/compiler/one.ts': one,
      'src/driver/a.ts': `${use('../compiler/one.ts')}export const three: number = one;\n`,
    },
    good: { 'src/compiler/one.ts': one, 'src/driver/a.ts': use('../compiler/one.ts', 'import type') },
  },
  {
    name: 'a dialect that imports another',
    says: [/src\/dialect\/sqlite may import nothing from src\/dialect\/postgres/],
    bad: { 'src/dialect/postgres/one.ts': one, 'src/dialect/sqlite/a.ts': use('../postgres/one.ts') },
    good: { 'src/dialect/sqlite/one.ts': one, 'src/dialect/sqlite/a.ts': use('./one.ts') },
  },
  {
    name: 'an adapter that imports the ORM, another dialect, another adapter, or the public entry',
    says: [
      /^adapters\/d1\/a\.ts .*nothing from src\/orm\/session/,
      /^adapters\/d1\/b\.ts .*nothing from src\/dialect\/mysql/,
      /^adapters\/d1\/c\.ts .*nothing from adapters\/libsql/,
      /^adapters\/d1\/d\.ts .*nothing from src /,
    ],
    bad: {
      'src/orm/session/one.ts': one,
      'src/dialect/mysql/one.ts': one,
      'adapters/libsql/one.ts': one,
      'src/index.ts': one,
      'adapters/d1/a.ts': use('../../src/orm/session/one.ts'),
      'adapters/d1/b.ts': use('../../src/dialect/mysql/one.ts'),
      'adapters/d1/c.ts': use('../libsql/one.ts'),
      'adapters/d1/d.ts': use('../../src/index.ts'),
    },
    good: { 'src/dialect/sqlite/one.ts': one, 'adapters/d1/a.ts': use('../../src/dialect/sqlite/one.ts') },
  },
  {
    name: 'a client that an adapter imports as a value',
    says: [/^adapters\/libsql\/a\.ts .*adapters\/libsql may import only types from @libsql\/client/],
    bad: { 'adapters/libsql/a.ts': `export { createClient } from '@libsql/client';\n` },
    good: { 'adapters/libsql/a.ts': `export type { Client } from '@libsql/client';\n` },
  },
  {
    name: 'a package that the library does not have',
    says: [/^src\/engine\/a\.ts .*may not import this package/],
    bad: { 'src/engine/a.ts': `export { createClient } from '@libsql/client';\n` },
    good: { 'src/engine/a.ts': one },
  },
  {
    name: 'a node: import',
    says: [/^src\/util\/a\.ts .*no Node/, /^src\/testing\/a\.ts .*no Node/, /^adapters\/d1\/a\.ts .*no Node/],
    bad: {
      'src/util/a.ts': `export { join } from 'node:path';\n`,
      'src/testing/a.ts': `export { join } from 'node:path';\n`,
      'adapters/d1/a.ts': `export { join } from 'node:path';\n`,
    },
    good: { 'src/cli/a.ts': `export { join } from 'node:path';\n` },
  },
  {
    name: 'an import of the folder’s own index',
    says: [/^src\/sql\/a\.ts .*not index\.ts/],
    bad: { 'src/sql/index.ts': one, 'src/sql/a.ts': use('./index.ts') },
    good: { 'src/sql/one.ts': one, 'src/sql/index.ts': `export { one } from './one.ts';\n` },
  },
  {
    name: 'a cycle of values',
    says: [/^src\/sql\/a\.ts import\(no-cycle\)/, /^src\/sql\/b\.ts import\(no-cycle\)/],
    bad: {
      'src/sql/a.ts': `import { b } from './b.ts';\nexport const a: () => number = () => b();\n`,
      'src/sql/b.ts': `import { a } from './a.ts';\nexport const b: () => number = () => a();\n`,
    },
    good: {
      'src/sql/a.ts': `import type { B } from './b.ts';\nexport type A = B | 1;\n`,
      'src/sql/b.ts': `import type { A } from './a.ts';\nexport type B = A[] | 2;\n`,
    },
  },
  {
    name: 'a floating promise',
    says: [/^src\/util\/a\.ts typescript\(no-floating-promises\)/],
    bad: { 'src/util/a.ts': `${task}export function run(): void {\n  task();\n}\n` },
    good: { 'src/util/a.ts': `${task}export async function run(): Promise<void> {\n  await task();\n}\n` },
  },
  {
    name: 'a promise where a condition is meant',
    says: [/^src\/util\/a\.ts typescript\(no-misused-promises\)/],
    bad: { 'src/util/a.ts': `${task}export function run(): number {\n  return task() ? 1 : 2;\n}\n` },
    good: { 'src/util/a.ts': `${task}export async function run(): Promise<void> {\n  await task();\n}\n` },
  },
  {
    name: 'any',
    says: [/^src\/util\/a\.ts typescript\(no-explicit-any\)/],
    bad: { 'src/util/a.ts': 'export const a: any = 1;\n' },
    good: { 'src/util/a.ts': 'export const a: unknown = 1;\n' },
  },
  {
    name: 'a file over 400 code lines',
    says: [/^src\/util\/a\.ts eslint\(max-lines\)/],
    bad: { 'src/util/a.ts': lines(401) },
    good: { 'src/util/a.ts': `${'// a comment\n\n'.repeat(50)}${lines(400)}` },
  },
  {
    name: 'a function over 60 code lines',
    says: [/^src\/util\/a\.ts eslint\(max-lines-per-function\)/],
    bad: { 'src/util/a.ts': long(60) },
    good: { 'src/util/a.ts': long(56) },
  },
  {
    name: 'a function with too many branches',
    says: [/^src\/util\/a\.ts eslint\(complexity\)/],
    bad: { 'src/util/a.ts': branches(12) },
    good: { 'src/util/a.ts': branches(11) },
  },
  {
    name: 'code made from text',
    says: [/a\.ts eslint\(no-eval\)/, /b\.ts eslint\(no-new-func\)/, /c\.ts typescript\(no-implied-eval\)/],
    bad: {
      'src/util/a.ts': `export const a: unknown = eval('1');\n`,
      'src/util/b.ts': `export const b: unknown = new Function('return 1');\n`,
      'src/util/c.ts': `setTimeout('1', 1);\nexport const c: unknown = 1;\n`,
    },
    good: { 'src/util/a.ts': one },
  },
  {
    name: 'a global of Node, and the console',
    says: [
      /a\.ts eslint\(no-restricted-globals\)/,
      /b\.ts eslint\(no-restricted-globals\)/,
      /c\.ts eslint\(no-console\)/,
    ],
    bad: {
      'src/util/a.ts': 'export const a: unknown = process.env;\n',
      'src/util/b.ts': `export const b: unknown = new AsyncLocalStorage();\n`,
      'src/util/c.ts': `console.log('c');\nexport const c: unknown = 1;\n`,
    },
    good: { 'src/util/a.ts': 'export const a: unknown = crypto.randomUUID();\n' },
  },
];

test.for(guards)('the linter refuses $name', async ({ says, bad, good }) => {
  const faults = await lint(bad);
  for (const fault of says) expect(faults).toContainEqual(expect.stringMatching(fault));
  expect(await lint(good)).toEqual([]);
});
