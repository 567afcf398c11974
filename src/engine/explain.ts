import type { CallOptions } from '../driver/driver.ts';
import { selectOf } from '../sql/expression.ts';
import type { Select } from '../sql/statement.ts';
import { findWrite, type AnyWrite } from '../sql/write.ts';
import { coreOf, type Engine } from './engine.ts';

/**
 * What the database would do for a statement, as lines of text, steps of a step further in. The statement is not run.
 *
 * @example
 * await explain(engine, select(User).where(User.c.email.eq('a@x')))
 * // ['SEARCH users USING INDEX uq_users_email (email=?)']
 * @throws CapabilityError on a driver whose `capabilities.explain` is false.
 */
export async function explain(
  engine: Engine,
  statement: Select<unknown> | AnyWrite,
  options?: CallOptions,
): Promise<string[]> {
  const core = coreOf(engine);
  const node = findWrite(statement) ?? selectOf(statement, 'explain()');
  const { sql, params } = core.prepare(node);
  const plan = core.driver.dialect.explain;
  const mode = node.kind === 'select' ? 'read' : 'write';
  const { results } = await core.execute({ statements: [{ sql: plan.prefix + sql, params }], mode }, options);
  const { rows } = results[0]!;
  return plan.isTree ? treeLines(rows) : rows.map(([line]) => String(line));
}

/** Steps of a plan, each as far in as it has steps above it. Each is after the one that it belongs to. */
function treeLines(rows: readonly (readonly unknown[])[]): string[] {
  const depths = new Map<unknown, number>();
  return rows.map(([id, parent, , detail]) => {
    const depth = (depths.get(parent) ?? -1) + 1;
    depths.set(id, depth);
    return '  '.repeat(depth) + String(detail);
  });
}
