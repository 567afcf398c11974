import { tsconfig, type Compiler, type Files, type Project } from './project.ts';

/** What a program of a contender costs a compiler. */
export interface Cost {
  readonly instantiations: number;
  readonly types: number;
  readonly checkSeconds: number;
  readonly memoryMiB: number;
}

/** Writes a program into the project, as a user has it: declarations of libraries are not checked. */
export async function writeProgram(project: Project, program: Files): Promise<void> {
  await project.write({ 'tsconfig.json': tsconfig({ skipLibCheck: true }), ...program });
}

/** Compiles what the project holds. It must compile without an error: a type that is refused costs nothing. */
export async function measure(project: Project, compiler: Compiler, flags: readonly string[] = []): Promise<Cost> {
  const { code, output } = await project.compile(compiler, '--extendedDiagnostics', ...flags);
  if (code !== 0) throw new Error(`the program does not compile with ${compiler}:\n${output.slice(0, 2000)}`);
  const figure = (name: string): number => {
    const found = new RegExp(String.raw`^${name}:\s+([\d.]+)`, 'm').exec(output);
    if (!found) throw new Error(`${compiler} says nothing of ${name}`);
    return Number(found[1]);
  };
  return {
    instantiations: figure('Instantiations'),
    types: figure('Types'),
    checkSeconds: figure('Check time'),
    memoryMiB: Math.round(figure('Memory used') / 1024),
  };
}

/** The median run by check time; the other figures do not change from run to run. */
export async function medianOf(runs: number, once: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) costs.push(await once());
  return costs.toSorted((left, right) => left.checkSeconds - right.checkSeconds)[Math.floor(runs / 2)]!;
}
