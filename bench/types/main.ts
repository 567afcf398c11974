// npm run bench:types: what types cost a compiler, what they cost with peers, and what each use of a model costs.
// 100 models of 9 columns and 2 relations, 2 queries each, one of them a load two levels deep. Peers: npm ci --prefix bench
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from '../support/print-table.ts';
import { cinnabar, cinnabarInFiles, shapes, inTwoFiles } from './cinnabar.ts';
import { measure, medianOf, writeProgram } from './measure.ts';
import { drizzle, kysely } from './peers.ts';
import { link, withProject, type Compiler } from './project.ts';

const models = 100;
const runs = 5;
const settings: readonly [name: string, compiler: Compiler, flags: readonly string[]][] = [
  ['7.0.2', '7.0.2', []],
  ['7.0.2, one checker', '7.0.2', ['--checkers', '1']],
  ['5.9.3', '5.9.3', []],
];
const count = (value: number): string => Math.round(value).toLocaleString('en-US');

const costs: string[][] = [];
for (const { name, needs, program } of [cinnabar, cinnabarInFiles, drizzle, kysely]) {
  if (needs && !existsSync(fileURLToPath(new URL(`../../${needs.from}/node_modules/${needs.name}`, import.meta.url)))) {
    console.log(`${name}: skipped, ${needs.name} is not installed (npm ci --prefix ${needs.from})`);
    continue;
  }
  await withProject(async (project) => {
    if (needs) await link(project, needs.name, needs.from);
    await writeProgram(project, program(models));
    for (const [setting, compiler, flags] of settings) {
      const cost = await medianOf(runs, () => measure(project, compiler, flags));
      const { instantiations, types, checkSeconds, memoryMiB } = cost;
      const figures = [instantiations, instantiations / models, types].map(count);
      costs.push([name, setting, ...figures, checkSeconds.toFixed(2), count(memoryMiB)]);
    }
  });
}
console.log(`\n${models} models of 9 columns and 2 relations, ${2 * models} queries; time is the median of ${runs}\n`);
console.log(table(['contender', 'TypeScript', 'instantiations', 'per model', 'types', 'check s', 'memory MiB'], costs));

await withProject(async (project) => {
  const perModel: [name: string, instantiations: number][] = [];
  let declared = 0;
  for (const [name, statements] of Object.entries(shapes)) {
    await writeProgram(project, inTwoFiles(models, statements));
    const { instantiations } = await measure(project, '7.0.2', ['--checkers', '1']);
    perModel.push([name, instantiations / models]);
    declared ||= instantiations / models;
  }
  console.log(`\nEach use of a model, TypeScript 7.0.2 with one checker\n`);
  console.log(
    table(
      ['use', 'instantiations a model', 'of which the use'],
      perModel.map(([name, all]) => [name, count(all), count(all - declared)]),
    ),
  );
});
