export { diff, type DiffOptions, type Difference, type RenameQuestion, type Renames } from './diff/diff.ts';
export { erdMermaid } from './erd/mermaid.ts';
export { erdSvg } from './erd/svg.ts';
export { compare, type CompareOptions, type Comparison } from './diff/compare.ts';
export { applyOperations } from './operations/apply.ts';
export { assertConsent, destructive } from './operations/consent.ts';
export { lint, type LintWarning } from './operations/lint.ts';
export type * from './operations/operation.ts';
export { render } from './operations/render.ts';
export { reverse } from './operations/reverse.ts';
export { pull, type PullOptions } from './pull/pull.ts';
export { snapshotOf } from './from-models.ts';
export { reflect, type ReflectOptions } from './reflect.ts';
export type * from './snapshot.ts';
export { revision, isRevision, type Revision, type RevisionOptions } from './revisions/revision.ts';
export {
  apart,
  data,
  execute,
  variant,
  type ApartOptions,
  type ApartStep,
  type DataStep,
  type MigrationData,
  type RevisionStep,
  type VariantStep,
} from './revisions/steps.ts';
export type { Finding } from './revisions/state.ts';
export {
  downgrade,
  migrate,
  migrationStatus,
  type MigrationReport,
  type MigrationStatus,
  type Revisions,
} from './running/migrate.ts';
export type { LedgerRow } from './running/ledger.ts';
export type { Progress, RunOptions } from './running/progress.ts';
export { defineConfig, type CinnabarConfig, type MetadataSource } from './config.ts';
export { migrateAll, type AllOptions, type AllReport, type Tenant, type TenantReport } from './running/migrate-all.ts';
export { revisionSql, type RevisionSql, type SqlOptions } from './running/offline.ts';
export { previewRun, type RevisionPreview, type StepPreview } from './running/preview.ts';
export { stamp, type StampOptions, type StampReport } from './running/stamp.ts';
