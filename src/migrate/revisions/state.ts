import { ConfigurationError } from '../../errors/errors.ts';
import type { LedgerRow } from '../running/ledger.ts';
import { checksumOf } from './checksum.ts';
import type { RevisionGraph } from './graph.ts';
import type { Revision } from './revision.ts';

/** Where a ledger and a graph of revisions disagree. */
export interface Finding {
  readonly kind: 'edited' | 'missing' | 'late' | 'partly squashed';
  readonly revision: string;
  readonly message: string;
}

/** What a ledger says of a graph of revisions. */
export interface DatabaseState {
  /** Whole ones. One that was squashed counts as the revision that it is part of now, once all of those are there. */
  readonly applied: ReadonlySet<string>;
  /** Squashed revisions, the rows of which still name what they replace. */
  readonly adopted: readonly Revision[];
  /** The one that a run left half done, if there is one. */
  readonly half: LedgerRow | undefined;
  readonly findings: readonly Finding[];
  /** Applied ones that no other applied one comes after. */
  readonly heads: readonly string[];
}

export async function stateOf(graph: RevisionGraph, ledger: readonly LedgerRow[]): Promise<DatabaseState> {
  const findings: Finding[] = [];
  const rows = new Map(ledger.map((row) => [row.id, row]));
  const applied = new Set<string>();
  for (const row of ledger) {
    const revision = graph.get(row.id);
    if (!revision) {
      if (!graph.replacing(row.id)) findings.push(missing(row));
      continue;
    }
    if (row.finishedAt !== undefined) applied.add(row.id);
    if (await isEdited(revision, row)) findings.push(edited(row));
  }
  const adopted = graph.ordered.filter(({ id, replaces }) => !rows.has(id) && replaces.some((old) => rows.has(old)));
  for (const revision of adopted) {
    const lacking = revision.replaces.filter((old) => rows.get(old)?.finishedAt === undefined);
    if (lacking.length === 0) applied.add(revision.id);
    else findings.push(partlySquashed(revision, lacking));
  }
  for (const revision of graph.ordered) {
    if (rows.has(revision.id) || applied.has(revision.id)) continue;
    const after = [...graph.descent([revision.id])].filter((id) => applied.has(id));
    if (after.length > 0) findings.push(late(revision, after));
  }
  const heads = graph.ordered.filter(
    ({ id }) => applied.has(id) && !graph.childrenOf(id).some((child) => applied.has(child.id)),
  );
  return {
    applied,
    adopted: adopted.filter(({ id }) => applied.has(id)),
    half: ledger.find(({ finishedAt }) => finishedAt === undefined),
    findings,
    heads: heads.map(({ id }) => id),
  };
}

async function isEdited(revision: Revision, row: LedgerRow): Promise<boolean> {
  if ((await checksumOf(revision)) !== row.checksum) return true;
  return revision.source !== undefined && row.source !== undefined && revision.source !== row.source;
}

function edited({ id, startedAt }: LedgerRow): Finding {
  return {
    kind: 'edited',
    revision: id,
    message: `'${id}' was edited after it was applied (${day(startedAt)}): put it back as it was and write a new revision; or, when the database is as it says now, \`cinnabar stamp --accept ${id}\``,
  };
}

function missing({ id, startedAt, tool }: LedgerRow): Finding {
  return {
    kind: 'missing',
    revision: id,
    message: `'${id}' is applied in the database (${day(startedAt)}, by cinnabar ${tool}) and not among the revisions: this code is older than the database. Get the newer code; or, when the revision is to be forgotten, \`cinnabar stamp --forget ${id}\``,
  };
}

function late({ id }: Revision, after: readonly string[]): Finding {
  const names = after.map((name) => `'${name}'`).join(', ');
  return {
    kind: 'late',
    revision: id,
    message: `'${id}' is not applied, and ${names}, which ${after.length === 1 ? 'comes' : 'come'} after it, ${after.length === 1 ? 'is' : 'are'}: make it a new revision at the end; or apply it late with \`--out-of-order ${id}\``,
  };
}

function partlySquashed({ id }: Revision, lacking: readonly string[]): Finding {
  return {
    kind: 'partly squashed',
    revision: id,
    message: `'${id}' replaces revisions of which this database lacks ${lacking.map((name) => `'${name}'`).join(', ')}: apply those first, with the code from before they were squashed`,
  };
}

function day(instant: string): string {
  return instant.slice(0, 10);
}

/** @throws ConfigurationError that lists what was found. */
export function assertNoFindings(findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const [first] = findings;
  throw new ConfigurationError(
    findings.length === 1
      ? `revision ${first!.message}`
      : `the revisions and the database disagree:\n- ${findings.map(({ message }) => message).join('\n- ')}`,
  );
}
