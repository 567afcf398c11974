import type { Revision } from '../revisions/revision.ts';
import { hooksOf } from './hooks.ts';
import { appliedRows, bound, deleteRow, plain } from './ledger.ts';
import type { Run } from './run-revision.ts';

/** Puts one row for a squashed revision in the place of those that it replaces. Nothing else changes. */
export async function adopt({ core }: Run, revisions: readonly Revision[]): Promise<void> {
  const { dialect } = core.driver;
  const hooks = hooksOf(dialect);
  const statements = hooks.lock === undefined ? [] : [plain(hooks.lock)];
  for (const revision of revisions) {
    statements.push(
      ...revision.replaces.map((id) => bound(dialect, (value) => deleteRow(id, value))),
      ...(await appliedRows(revision, dialect, hooks)),
    );
  }
  await core.execute({ mode: 'write', statements });
}
