import { postgresDialect } from '../../src/dialect/postgres/index.ts';
import { checkStatements, lost, within } from '../../src/driver/call.ts';
import type { CallOptions, Driver, StatementResult, Unit, UnitResult } from '../../src/driver/driver.ts';
import type { Outcome } from '../../src/errors/base.ts';
import { translate } from '../postgres-shared/errors.ts';
import { postgresCapabilities, postgresLimits } from '../postgres-shared/execute.ts';
import { toResult } from '../postgres-shared/send.ts';
import { toStep, type Step } from '../postgres-shared/wire.ts';

/** A result as Neon's driver gives it with `fullResults`. */
interface FullResults {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number | null;
  readonly command: string;
}

interface QueryOptions {
  readonly arrayMode: true;
  readonly fullResults: true;
  readonly fetchOptions?: { readonly signal: AbortSignal };
  readonly types: { getTypeParser(): (text: string) => string };
}

/** What the driver uses of `neon(connectionString)`. */
export interface NeonSql {
  query(text: string, params: unknown[], options: QueryOptions): PromiseLike<unknown>;
  /** Takes what `query()` gives, which the client's own type of promise says in full. */
  transaction(queries: never, options: QueryOptions & (typeof BATCHES)['read' | 'write']): Promise<unknown>;
}

const BATCHES = {
  read: { isolationLevel: 'RepeatableRead', readOnly: true },
  write: { isolationLevel: 'ReadCommitted', readOnly: false },
} as const;

/**
 * The driver for Neon over HTTP. A unit is one request, which the service runs as one transaction. There are no
 * interactive transactions: `neonPool()` has them.
 *
 * @example
 * const driver = neon(neonClient(env.DATABASE_URL))
 */
export function neon(sql: NeonSql): Driver<false> {
  return {
    name: 'neon',
    interactive: false,
    dialect: postgresDialect,
    limits: postgresLimits,
    capabilities: {
      ...postgresCapabilities,
      interactive: false,
      cancel: true,
      oneTrip: true,
      isolations: [],
      transactionSettings: [],
    },
    execute: (unit, options) => execute(sql, unit, options),
    close: async () => {},
  };
}

async function execute(sql: NeonSql, unit: Unit, options: CallOptions = {}): Promise<UnitResult> {
  const { statements, mode } = unit;
  checkStatements(statements, postgresLimits);
  if (statements.length === 0) return { results: [], trips: 0 };
  const fate: Outcome = mode === 'read' ? 'not committed' : 'unknown';
  const steps = statements.map(toStep);
  try {
    const results = await within(options, fate, () => send(sql, steps, unit, options));
    if (results.length === steps.length) return { results: results.map(resultOf), trips: 1 };
    throw lost(fate, new Error(`the reply has ${results.length} results for ${steps.length} statements`));
  } catch (error) {
    throw translate(error, fate);
  }
}

async function send(
  sql: NeonSql,
  steps: readonly Step[],
  { mode }: Unit,
  { signal }: CallOptions,
): Promise<readonly FullResults[]> {
  const shared: QueryOptions = {
    arrayMode: true,
    fullResults: true,
    types: { getTypeParser: () => (text) => text },
    ...(signal ? { fetchOptions: { signal } } : {}),
  };
  const [first] = steps;
  if (steps.length === 1) return [(await sql.query(first!.text, [...first!.params], shared)) as FullResults];
  const queries = steps.map(({ text, params }) => sql.query(text, [...params], shared));
  return (await sql.transaction(queries as never, { ...shared, ...BATCHES[mode] })) as readonly FullResults[];
}

function resultOf({ rows, rowCount, command }: FullResults): StatementResult {
  return toResult({ rows, command, changes: rowCount ?? 0 });
}
