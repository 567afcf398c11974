import { expect, test } from 'vitest';
import { type Files, typecheck, unformatted } from './project.ts';

interface Guard {
  readonly name: string;
  readonly says: RegExp;
  readonly bad: Files;
  readonly good: Files;
}

const file = (text: string): Files => ({ 'src/a.ts': `${text}\n` });
const two = (path: string): Files => ({
  'src/b.ts': 'export const b: number = 1;\n',
  ...file(`export { b } from '${path}';`),
});

const guards: readonly Guard[] = [
  {
    name: 'an export without its type (isolatedDeclarations)',
    says: /^src\/a\.ts.*error TS9010/,
    bad: file('export const a = Math.random();'),
    good: file('export const a: number = Math.random();'),
  },
  {
    name: 'an enum (erasableSyntaxOnly)',
    says: /^src\/a\.ts.*error TS1294/,
    bad: file('export enum Kind {\n  One,\n}'),
    good: file(`export type Kind = 'one';`),
  },
  {
    name: 'a parameter property (erasableSyntaxOnly)',
    says: /^src\/a\.ts.*error TS1294/,
    bad: file('export class A {\n  constructor(readonly name: string) {}\n}'),
    good: file('export class A {\n  readonly name: string = "a";\n}'),
  },
  {
    name: 'a type imported as a value (verbatimModuleSyntax)',
    says: /^src\/a\.ts.*error TS1484/,
    bad: { 'src/b.ts': 'export type B = 1;\n', ...file(`import { B } from './b.ts';\nexport const a: B = 1;`) },
    good: { 'src/b.ts': 'export type B = 1;\n', ...file(`import type { B } from './b.ts';\nexport const a: B = 1;`) },
  },
  {
    name: 'an import without its extension',
    says: /^src\/a\.ts.*error TS2835/,
    bad: two('./b'),
    good: two('./b.ts'),
  },
  {
    name: 'an index that may be missing (noUncheckedIndexedAccess)',
    says: /^src\/a\.ts.*error TS2322/,
    bad: file('export const first = (list: number[]): number => list[0];'),
    good: file('export const first = (list: number[]): number | undefined => list[0];'),
  },
  {
    name: 'undefined where a property is left out (exactOptionalPropertyTypes)',
    says: /^src\/a\.ts.*error TS2375/,
    bad: file('export const a: { b?: number } = { b: undefined };'),
    good: file('export const a: { b?: number } = {};'),
  },
  {
    name: 'a global of Node',
    says: /^src\/a\.ts.*error TS2591/,
    bad: file('export const a: unknown = process.env;'),
    good: file('export const a: Promise<Response> = fetch("x", { signal: AbortSignal.timeout(1) });'),
  },
];

test.for(guards)('the compiler refuses $name', async ({ says, bad, good }) => {
  expect(await typecheck(bad)).toContainEqual(expect.stringMatching(says));
  expect(await typecheck(good)).toEqual([]);
});

test('the formatter finds an unformatted file', async () => {
  expect(await unformatted(file('export const a:string = "a"'))).toEqual(['src/a.ts']);
  expect(await unformatted(file(`export const a: string = 'a';`))).toEqual([]);
});
