import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DeclarativeBase, Engine } from 'cinnabar';
import { compare, pull, type PullOptions, reflect } from 'cinnabar/migrate';
import { expect } from 'vitest';

/** What a module of pulled models exports: the base, and a class for each table. */
export interface Models {
  readonly Model: DeclarativeBase<object>;
  readonly [name: string]: any;
}

const folder = fileURLToPath(new URL('../../.scratch/pulled/', import.meta.url));
let modules = 0;

/** The SQL of a sample database. */
export function sample(name: string): string {
  return readFileSync(new URL(`samples/${name}.sql`, import.meta.url), 'utf8');
}

/** Loads a module from its text, as a program would import it. */
export async function load(code: string): Promise<Models> {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}models-${process.pid}-${(modules += 1)}.ts`;
  writeFileSync(path, code);
  return (await import(/* @vite-ignore */ path)) as Models;
}

/** Pulls the models of a database, and looks that nothing is left to do. */
export async function pulled(engine: Engine, options?: PullOptions): Promise<{ code: string; models: Models }> {
  const code = pull(await reflect(engine), options);
  const models = await load(code);
  const { operations, questions } = await compare(engine, models.Model.metadata);
  expect(operations).toEqual([]);
  expect(questions).toEqual([]);
  return { code, models };
}
