import { coreOf, type Engine } from '../../engine/engine.ts';
import type { Statement } from '../../compiler/statement.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import { checksumOf } from '../revisions/checksum.ts';
import type { RevisionGraph } from '../revisions/graph.ts';
import type { Revision } from '../revisions/revision.ts';
import { findEnds, findRevision, stepsIn } from '../revisions/target.ts';
import { hooksOf } from './hooks.ts';
import { appliedRows, bound, deleteRow, LEDGER, plain, type LedgerRow } from './ledger.ts';
import { letGo, graphOf, underLease, type Revisions } from './migrate.ts';
import type { RunOptions } from './progress.ts';

export interface StampOptions extends Pick<RunOptions, 'wait' | 'owner' | 'signal'> {
  /** Applied revisions whose text is taken as it is now. */
  readonly accept?: readonly string[];
  /** Revisions that the ledger is to forget: rows that the code has no revision for. */
  readonly forget?: readonly string[];
}

/** What a stamp changed in the ledger. */
export interface StampReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly accepted: readonly string[];
}

/**
 * Tells the ledger where the database is, and runs nothing: for one that was made by other means. All up to the target
 * counts as applied, and what comes after it does not.
 *
 * @param target an id, a label, `head`, `heads`, `base`; undefined to leave the place as it is.
 * @example
 * await stamp(engine, revisions, 'head')
 * await stamp(engine, revisions, undefined, { accept: ['20261120_a1b2'] })
 * @throws ConfigurationError if a name is none.
 */
export async function stamp(
  engine: Engine,
  revisions: Revisions,
  target: string | undefined,
  options: StampOptions = {},
): Promise<StampReport> {
  const graph = graphOf(revisions);
  const { accept = [], forget = [] } = options;
  const accepted = accept.map((name) => findRevision(graph, name));
  const place = target === undefined ? undefined : placeOf(graph, target);
  return underLease(coreOf(engine), options, async (run, ledger) => {
    const { dialect } = run.core.driver;
    const rows = new Map(ledger.map((row) => [row.id, row]));
    const unknown = [...forget, ...accepted.map(({ id }) => id)].filter((id) => !rows.has(id));
    if (unknown.length > 0)
      throw new ConfigurationError(`the ledger has no row of ${unknown.map((id) => `'${id}'`).join(', ')}`);
    const { added, removed } = changes(graph, rows, place);
    const gone = [...new Set([...forget, ...removed])];
    const hooks = hooksOf(dialect);
    const statements: Statement[] = hooks.lock === undefined ? [] : [plain(hooks.lock)];
    for (const id of gone) statements.push(bound(dialect, (value) => deleteRow(id, value)));
    for (const revision of added) {
      statements.push(
        bound(dialect, (value) => deleteRow(revision.id, value)),
        ...(await appliedRows(revision, dialect, hooks)),
      );
    }
    for (const revision of accepted) {
      const checksum = await checksumOf(revision);
      statements.push(
        bound(
          dialect,
          (value) =>
            `update ${LEDGER} set checksum = ${value(checksum)}, source = ${value(revision.source ?? null)} where id = ${value(revision.id)}`,
        ),
      );
    }
    if (statements.length > 0) await run.core.execute({ mode: 'write', statements });
    await letGo(run);
    return { added: added.map(({ id }) => id), removed: gone, accepted: accepted.map(({ id }) => id) };
  });
}

/** What counts as applied at a target, and what comes after it. */
function placeOf(graph: RevisionGraph, target: string): { upTo: ReadonlySet<string>; after: ReadonlySet<string> } {
  if (stepsIn(target) !== undefined) throw new ConfigurationError(`stamp: name a revision, and not '${target}'`);
  if (target === 'base') return { upTo: new Set(), after: new Set(graph.ordered.map(({ id }) => id)) };
  const ends = findEnds(graph, target).map(({ id }) => id);
  const upTo = graph.closure(ends);
  return { upTo, after: new Set([...graph.descent(ends)].filter((id) => !upTo.has(id))) };
}

function changes(
  graph: RevisionGraph,
  rows: ReadonlyMap<string, LedgerRow>,
  place: ReturnType<typeof placeOf> | undefined,
): { added: readonly Revision[]; removed: readonly string[] } {
  if (!place) return { added: [], removed: [] };
  return {
    added: graph.ordered.filter(({ id }) => place.upTo.has(id) && rows.get(id)?.finishedAt === undefined),
    removed: [...rows.keys()].filter((id) => place.after.has(id)),
  };
}
