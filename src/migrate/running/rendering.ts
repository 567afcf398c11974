import type { EngineCore } from '../../engine/engine.ts';
import type { Operation, Step } from '../operations/operation.ts';
import { render } from '../operations/render.ts';
import { reflect } from '../reflect.ts';
import type { SchemaSnapshot } from '../snapshot.ts';

/** The statements of operations, over the schema as the database has it now. */
export async function renderOperations(core: EngineCore, operations: readonly Operation[]): Promise<readonly Step[]> {
  const { dialect } = core.driver;
  // SQL says all by itself.
  const schema = operations.every(({ kind }) => kind === 'sql') ? emptySchema(dialect.name) : await reflect(core);
  return render(operations, dialect, schema);
}

export function emptySchema(dialect: string): SchemaSnapshot {
  return { dialect, schemas: [], tables: [], enums: [], views: [] };
}
