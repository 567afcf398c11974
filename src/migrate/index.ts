export type * from './snapshot.ts';
export type * from './operations/operation.ts';
export type { Render } from './operations/render.ts';
export { reverse } from './operations/reverse.ts';
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
