import { expect, test } from 'vitest';
import { cinnabar, cinnabarInFiles } from '../../bench/types/cinnabar.ts';
import { measure, writeProgram } from '../../bench/types/measure.ts';
import { withProject } from '../../bench/types/project.ts';

// 100 models of 9 columns and 2 relations, 2 queries each, one of them a load two levels deep: `npm run bench:types`.
const models = 100;
const budget = 1000;
const timeout = 60_000;

test.for([cinnabar, cinnabarInFiles])(
  '$name: at most 1,000 instantiations a model',
  { timeout },
  async ({ program }) => {
    await withProject(async (project) => {
      await writeProgram(project, program(models));
      const { instantiations } = await measure(project, '7.0.2');
      expect(instantiations / models).toBeLessThanOrEqual(budget);
      // Less than this would mean that nothing was checked.
      expect(instantiations / models).toBeGreaterThan(100);
    });
  },
);

test('the cost is linear: a model costs no more among 100 than among 25', { timeout }, async () => {
  await withProject(async (project) => {
    const cost = async (of: number): Promise<number> => {
      await writeProgram(project, cinnabar.program(of));
      return (await measure(project, '7.0.2')).instantiations / of;
    };
    expect(await cost(models)).toBeLessThanOrEqual(await cost(25));
  });
});

test('what is measured is checked: a wrong type in it is refused', { timeout }, async () => {
  await withProject(async (project) => {
    const { 'queries.ts': queries = '', ...rest } = cinnabar.program(3);
    for (const [from, to] of [
      ['deep: string', 'deep: number'],
      ['id: number', 'id: string'],
      ['items: { items: true }', 'items: true'],
    ] as const) {
      expect(queries).toContain(from);
      await writeProgram(project, { ...rest, 'queries.ts': queries.replace(from, to) });
      await expect(measure(project, '7.0.2')).rejects.toThrow(/queries\.ts\(\d+,\d+\): error TS/);
    }
  });
});
