import { checksumOf } from '../revisions/checksum.ts';
import type { Revision } from '../revisions/revision.ts';
import { VERSION } from '../version.ts';
import { hooksOf } from './hooks.ts';
import { advanceRow, bound, deleteRow, insertRow, plain } from './ledger.ts';
import type { Run } from './run-revision.ts';

/** Puts one row for a squashed revision in the place of those that it replaces. Nothing else changes. */
export async function adopt({ core }: Run, revisions: readonly Revision[]): Promise<void> {
  const { dialect } = core.driver;
  const hooks = hooksOf(dialect);
  const statements = hooks.lock === undefined ? [] : [plain(hooks.lock)];
  for (const revision of revisions) {
    const entry = {
      id: revision.id,
      checksum: await checksumOf(revision),
      source: revision.source,
      steps: 1,
      tool: VERSION,
    };
    statements.push(
      ...revision.replaces.map((id) => bound(dialect, (value) => deleteRow(id, value))),
      bound(dialect, (value) => insertRow(entry, dialect.name, hooks, value)),
      bound(dialect, (value) => advanceRow(revision.id, 1, true, hooks, value)),
    );
  }
  await core.execute({ mode: 'write', statements });
}
