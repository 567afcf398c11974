import type { Files } from './project.ts';

/**
 * Who writes the program that is measured: `models` tables of 9 columns, each with one parent and many children, and two
 * queries on each, one of them a load two levels deep. Their results are assigned to declared types.
 */
export interface Contender {
  readonly name: string;
  /** The package that has to be there, and the folder that has it. */
  readonly needs?: { readonly name: string; readonly from: string };
  program(models: number): Files;
}

/** The tables are a ring: the parent of each. */
export const parentOf = (at: number, models: number): number => (at + 1) % models;
export const childOf = (at: number, models: number): number => (at + models - 1) % models;

export const numbers = (models: number): number[] => Array.from({ length: models }, (_, at) => at);
export const each = (models: number, text: (at: number) => string): string => numbers(models).map(text).join('');
export const names = (models: number, prefix: string): string =>
  numbers(models)
    .map((at) => prefix + at)
    .join(', ');
