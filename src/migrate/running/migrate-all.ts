import type { Engine } from '../../engine/engine.ts';
import { migrate, type MigrationReport, type Revisions } from './migrate.ts';
import type { Progress, RunOptions } from './progress.ts';

/** One of many databases: a tenant's. */
export interface Tenant {
  readonly name: string;
  /** Its engine, or what opens it when its turn has come. One that is opened so is closed at the end of its turn. */
  readonly engine: Engine | (() => Engine | Promise<Engine>);
}

/** What became of one of them. */
export type TenantReport =
  | ({ readonly name: string; readonly status: 'migrated' | 'current' } & MigrationReport)
  | { readonly name: string; readonly status: 'failed'; readonly error: unknown }
  | { readonly name: string; readonly status: 'left out' };

/** Who is where. */
export interface AllReport {
  /** In the order in which they were given. */
  readonly tenants: readonly TenantReport[];
  readonly migrated: number;
  readonly current: number;
  readonly failed: number;
  readonly leftOut: number;
  /** The names of those that are at each head, by its id; `base` for those without any. */
  readonly at: Readonly<Record<string, readonly string[]>>;
}

export interface AllOptions extends Omit<RunOptions, 'onProgress'> {
  /** How many at once: four unless told. */
  readonly concurrency?: number;
  /** After how many failures the rest is left out: never unless told. */
  readonly stopAfter?: number;
  readonly onProgress?: (name: string, progress: Progress) => void;
  /** Called as each ends. */
  readonly onTenant?: (report: TenantReport) => void;
}

/**
 * Brings many databases to a target, several at once. One that fails does not hold up the others: run it again, and only
 * those that are not there yet are touched.
 *
 * @example
 * const { failed, at } = await migrateAll(
 *   names.map((name) => ({ name, engine: () => createEngine(libsql(createClient({ url: urlOf(name) }))) })),
 *   revisions,
 *   'head',
 *   { stopAfter: 3 },
 * )
 */
export async function migrateAll(
  tenants: Iterable<Tenant>,
  revisions: Revisions,
  target: string = 'head',
  { concurrency = 4, stopAfter = Infinity, onProgress, onTenant, ...options }: AllOptions = {},
): Promise<AllReport> {
  const all = [...tenants];
  const reports = new Map<Tenant, TenantReport>();
  let failures = 0;
  const queue = all.values();
  const worker = async (): Promise<void> => {
    for (const tenant of queue) {
      const report: TenantReport =
        failures >= stopAfter
          ? { name: tenant.name, status: 'left out' }
          : await migrateOne(tenant, revisions, target, {
              ...options,
              ...(onProgress && { onProgress: (progress: Progress) => onProgress(tenant.name, progress) }),
            });
      if (report.status === 'failed') failures += 1;
      reports.set(tenant, report);
      onTenant?.(report);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, all.length)) }, worker));
  return summary(all.map((tenant) => reports.get(tenant)!));
}

async function migrateOne(
  tenant: Tenant,
  revisions: Revisions,
  target: string,
  options: RunOptions,
): Promise<TenantReport> {
  const { name } = tenant;
  const isOwn = typeof tenant.engine !== 'function';
  let engine: Engine | undefined;
  try {
    engine = typeof tenant.engine === 'function' ? await tenant.engine() : tenant.engine;
    const report = await migrate(engine, revisions, target, options);
    return { name, status: report.ran.length > 0 ? 'migrated' : 'current', ...report };
  } catch (error) {
    return { name, status: 'failed', error };
  } finally {
    if (!isOwn) await engine?.close().catch(() => undefined);
  }
}

function summary(tenants: readonly TenantReport[]): AllReport {
  const count = (status: TenantReport['status']): number => tenants.filter((report) => report.status === status).length;
  const at: Record<string, string[]> = {};
  for (const report of tenants) {
    if (!('heads' in report)) continue;
    (at[report.heads.join(', ') || 'base'] ??= []).push(report.name);
  }
  return {
    tenants,
    migrated: count('migrated'),
    current: count('current'),
    failed: count('failed'),
    leftOut: count('left out'),
    at,
  };
}
