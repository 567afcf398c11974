import type { EngineCore } from '../../engine/engine.ts';
import type { Operation, Step } from '../operations/operation.ts';

/** The statements of operations, over the schema as the database has it now. */
export async function renderOperations(core: EngineCore, operations: readonly Operation[]): Promise<readonly Step[]> {
  const { dialect } = core.driver;
  return operations.map((operation) => {
    if (operation.kind !== 'sql') throw new Error('not yet');
    const texts = Array.isArray(operation.up)
      ? operation.up
      : ((operation.up as Record<string, readonly string[]>)[dialect.name] ?? []);
    return {
      operations: [operation],
      statements: texts as string[],
      transactional: true,
      locks: [],
      rowsAtRisk: [],
      destructive: [],
    };
  });
}
