import { execute, migrationStatus, revision, type Revision } from 'cinnabar/migrate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RevisionGraph } from '../../../src/migrate/revisions/graph.ts';
import { planDowngrade, planUpgrade } from '../../../src/migrate/revisions/plan.ts';
import { findRevision } from '../../../src/migrate/revisions/target.ts';
import { memoryEngine } from '../memory.ts';

const rev = (id: string, parents: string[] = [], more: Partial<Parameters<typeof revision>[0]> = {}): Revision =>
  revision({ id, parents, up: [], down: [], ...more });

/** a ← b ← d, a ← c ← d, d ← e; and f, a branch of its own that depends on b. */
const diamond = new RevisionGraph([
  rev('e5', ['d4']),
  rev('d4', ['b2', 'c3']),
  rev('c3', ['a1']),
  rev('b2', ['a1'], { labels: ['billing'] }),
  rev('a1'),
  rev('f6', [], { dependsOn: ['b2'], labels: ['audit'] }),
]);
const none = new Set<string>();
const ids = ({ revisions }: { revisions: readonly Revision[] }): string[] => revisions.map(({ id }) => id);

describe('a graph of revisions', () => {
  test('has several heads, and an order that does not depend on that of the files', () => {
    expect(diamond.heads.map(({ id }) => id)).toEqual(['e5', 'f6']);
    expect(diamond.ordered.map(({ id }) => id)).toEqual(['a1', 'b2', 'c3', 'd4', 'e5', 'f6']);
  });

  test('puts each revision after what it needs, whatever it is made of', () => {
    const graphs = fc.array(fc.array(fc.nat(30), { maxLength: 3 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(graphs, fc.infiniteStream(fc.nat()), (parents, random) => {
        const all = parents.map((before, at) =>
          rev(`r${at}`, at === 0 ? [] : [...new Set(before.map((one) => `r${one % at}`))]),
        );
        const shuffled = all
          .map((one) => ({ one, at: random.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const { ordered } = new RevisionGraph(shuffled);
        expect(ordered).toHaveLength(all.length);
        ordered.forEach(({ parents: before }, at) => {
          const there = new Set(ordered.slice(0, at).map(({ id }) => id));
          expect(before.every((id) => there.has(id))).toBe(true);
        });
      }),
    );
  });

  test.for([
    ['two of one id', [rev('a'), rev('a')], `two revisions have the id 'a': give one of them another`],
    [
      'a circle',
      [rev('a', ['c']), rev('b', ['a']), rev('c', ['b'])],
      /^'a', 'c', 'b' come after each other in a circle|^'\w', '\w', '\w' come after each other in a circle: correct/,
    ],
    ['one that comes after itself', [rev('a', ['a'])], /^'a' come after each other/],
    ['a parent that is not there', [rev('b', ['a'])], /revision 'b' has the parent 'a', and there is no such revision/],
    [
      'a dependency that is not there',
      [rev('b', [], { dependsOn: ['x'] })],
      /revision 'b' has the dependency 'x', and there is no such/,
    ],
    [
      'a parent that was squashed',
      [rev('b', ['a1']), rev('s', [], { replaces: ['a1'] })],
      /'a1', which was squashed into 's': name that one/,
    ],
    [
      'one label twice',
      [rev('a', [], { labels: ['x'] }), rev('b', [], { labels: ['x'] })],
      /label 'x' stands on 'a' and on 'b'/,
    ],
    ['a label that is an id', [rev('a', [], { labels: ['b'] }), rev('b')], /label 'b' of 'a' is the id of another/],
    ['a module that exports something else', [{} as Revision], /item 1 of the revisions is an object: each module/],
  ] as const)('refuses %s', ([, revisions, message]) => {
    expect(() => new RevisionGraph(revisions)).toThrow(message);
  });

  test('a mistake in the revisions is told before any I/O', async () => {
    const engine = memoryEngine();
    await expect(migrationStatus(engine, [rev('b', ['a'])])).rejects.toThrow(/no such revision/);
    expect(engine.roundTrips).toBe(0);
  });
});

describe('a name of a revision', () => {
  test.for([
    ['an id', 'c3', 'c3'],
    ['the beginning of one', 'd', 'd4'],
    ['a label', 'billing', 'b2'],
    ['the head of a branch', 'billing@head', undefined],
    ['the head of a branch that is alone', 'audit@head', 'f6'],
    ['the base of a branch', 'billing@base', 'b2'],
    ['one further', 'c3+1', 'd4'],
    ['two further, from a label', 'billing+2', 'e5'],
    ['one back', 'e5-1', 'd4'],
  ] as const)('is %s', ([, name, id]) => {
    if (id === undefined) expect(() => findRevision(diamond, name)).toThrow(/several heads: 'e5', 'f6'/);
    else expect(findRevision(diamond, name).id).toBe(id);
  });

  test.for([
    ['zz', /there is no revision 'zz': the newest are 'e5', 'f6'. `cinnabar history` lists all/],
    ['a1+1', /several come after 'a1': 'b2', 'c3'. Name one/],
    ['e5+1', /nothing comes after 'e5'/],
    ['d4-1', /several come before 'd4': 'b2', 'c3'/],
  ] as const)('%s is refused', ([name, message]) => {
    expect(() => findRevision(diamond, name)).toThrow(message);
  });

  test('that begins several is refused, and all are named', () => {
    const graph = new RevisionGraph([rev('abc1'), rev('abd2', ['abc1'])]);
    expect(() => findRevision(graph, 'ab')).toThrow(`'ab' is the beginning of 'abc1', 'abd2': write more of the one`);
  });
});

describe('a way up', () => {
  test('has all that is needed and not applied, whatever its age', () => {
    expect(ids(planUpgrade(diamond, none, 'heads'))).toEqual(['a1', 'b2', 'c3', 'd4', 'e5', 'f6']);
    expect(ids(planUpgrade(diamond, new Set(['a1', 'c3']), 'd4'))).toEqual(['b2', 'd4']);
    expect(ids(planUpgrade(diamond, none, 'audit'))).toEqual(['a1', 'b2', 'f6']);
    expect(ids(planUpgrade(diamond, new Set(['a1', 'b2', 'c3']), 'a1'))).toEqual([]);
  });

  test('of so many steps goes as long as there is one way', () => {
    expect(ids(planUpgrade(diamond, none, '+1'))).toEqual(['a1']);
    expect(() => planUpgrade(diamond, none, '+2')).toThrow(`'+2': any of 'b2', 'c3' could be next: name one`);
    expect(() => planUpgrade(new RevisionGraph([rev('a')]), none, '+2')).toThrow('only 1 revisions are left');
  });

  test.for([
    ['head', /several heads: 'e5', 'f6'. Join them with `cinnabar merge`/],
    ['-1', /goes down: `cinnabar downgrade -1`/],
    ['base', /`cinnabar downgrade base`/],
  ] as const)('to %s is refused where it means no one thing', ([target, message]) => {
    expect(() => planUpgrade(diamond, none, target)).toThrow(message);
  });
});

describe('a way down', () => {
  const all = new Set(['a1', 'b2', 'c3', 'd4', 'e5', 'f6']);

  test('takes back what comes after, the last first', () => {
    expect(ids(planDowngrade(diamond, all, 'base'))).toEqual(['f6', 'e5', 'd4', 'c3', 'b2', 'a1']);
    expect(ids(planDowngrade(diamond, all, 'b2'))).toEqual(['f6', 'e5', 'd4']);
    expect(ids(planDowngrade(diamond, new Set(['a1', 'b2', 'c3', 'd4', 'e5']), '-2'))).toEqual(['e5', 'd4']);
  });

  test.for([
    ['-1', /any of 'e5', 'f6' could be first/],
    ['+1', /goes up/],
    ['zz', /no revision 'zz'/],
  ] as const)('to %s is refused', ([target, message]) => {
    expect(() => planDowngrade(diamond, all, target)).toThrow(message);
  });

  test('to one that is not applied, or past one that nothing takes back, is refused', () => {
    expect(() => planDowngrade(diamond, new Set(['a1']), 'b2')).toThrow(`'b2' is not applied`);
    const oneWay = new RevisionGraph([revision({ id: 'a', up: [execute('select 1')] })]);
    expect(() => planDowngrade(oneWay, new Set(['a']), 'base')).toThrow(`'a' has no 'down'`);
  });
});
