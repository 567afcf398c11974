import { revision, type Revision } from 'cinnabar/migrate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RevisionGraph } from '../../src/migrate/revisions/graph.ts';
import { drawHistory } from '../../src/cli/history.ts';

const graphOf = (parents: Readonly<Record<string, readonly string[]>>): RevisionGraph =>
  new RevisionGraph(Object.entries(parents).map(([id, own]): Revision => revision({ id, parents: own, up: [] })));
const draw = (graph: RevisionGraph): string[] =>
  drawHistory(graph.ordered, () => '●').map(({ drawn, revision: one }) => (one ? `${drawn} ${one.id}` : drawn));

describe('history is drawn', () => {
  test('as a line, where there is one', () => {
    expect(draw(graphOf({ a: [], b: ['a'], c: ['b'] }))).toEqual(['● c', '● b', '● a']);
  });

  test('with branches side by side, from where they part to where they meet', () => {
    expect(draw(graphOf({ a: [], b: ['a'], c: ['b'], d: ['a'], e: ['c', 'd'] }))).toEqual([
      '● e',
      '├─╮',
      '│ ● d',
      '● │ c',
      '● │ b',
      '├─╯',
      '● a',
    ]);
  });

  test('with several beginnings and several ends', () => {
    expect(draw(graphOf({ a: [], b: [], c: ['a'] }))).toEqual(['● c', '│ ● b', '● a']);
  });

  test('with a merge of three', () => {
    expect(draw(graphOf({ a: [], b: ['a'], c: ['a'], d: ['a'], m: ['b', 'c', 'd'] }))).toEqual([
      '● m',
      '├─┬─╮',
      '│ │ ● d',
      '│ ● │ c',
      '● │ │ b',
      '├─┴─╯',
      '● a',
    ]);
  });

  test('with each revision once, children above their parents, and no lane left open, whatever the graph', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 20 }), (all) => {
        const parents = Object.fromEntries(
          all.map((own, at) => [`r${at}`, at === 0 ? [] : [...new Set(own.map((one) => `r${one % at}`))]]),
        );
        const lines = drawHistory(graphOf(parents).ordered, () => '●');
        const ids = lines.flatMap(({ revision: one }) => (one ? [one.id] : []));
        expect(ids.toSorted()).toEqual(Object.keys(parents).toSorted());
        for (const [id, own] of Object.entries(parents)) {
          for (const parent of own) expect(ids.indexOf(parent)).toBeGreaterThan(ids.indexOf(id));
        }
        for (const { drawn, revision: one } of lines) expect(drawn.split('●')).toHaveLength(one ? 2 : 1);
        expect(lines.at(-1)!.drawn).not.toMatch(/[│├]/);
      }),
    );
  });
});
