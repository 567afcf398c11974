import type { Output, WriteNode } from '../../sql/nodes.ts';
import { columnNode } from '../../sql/source.ts';
import type { TableColumn } from '../../schema/table.ts';
import type { Hydrator } from '../loading/hydrate.ts';
import { identityOf, type IdentityMap } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { leaveCollections, leavePairs } from '../unit-of-work/leave.ts';
import type { Holdings } from './journal.ts';

/** A write that tells of its rows, and what to do with them. */
export interface Synchronized {
  readonly node: WriteNode;
  /** @param record is told of the entities of deleted rows before they are let go. */
  take(rows: readonly (readonly unknown[])[], record: (states: readonly InstanceState[]) => void): void;
}

/** What was pending of entities without a row is nothing to write, or to go back to. */
function forgetPending(gone: readonly InstanceState[], identities: IdentityMap): void {
  for (const { collections } of identities.all()) {
    for (const collection of collections.values()) {
      for (const state of collection.isPending ? gone : []) {
        collection.added.delete(state);
        collection.removed.delete(state);
      }
    }
  }
}

/**
 * An UPDATE, DELETE or upsert of rows that the session may hold, with RETURNING: what the database has changed is known
 * exactly and in the same trip, whatever its collations, its NULLs and its functions make of the condition. Undefined
 * where the session holds no entity of the table.
 */
export function synchronized(
  node: WriteNode,
  { identities }: Holdings,
  hydrator: Pick<Hydrator, 'all' | 'forget'>,
): Synchronized | undefined {
  const { table } = node;
  const set = node.kind === 'insert' ? node.conflict?.set : node.kind === 'update' ? node.set : [];
  const held = set && node.returning.length === 0 && identities.holding(table);
  if (!held) return undefined;
  const [mapper, states] = held;
  const isMade = ({ spec }: TableColumn): boolean => spec.computed !== undefined || spec.version;
  const changed =
    set.length > 0 ? table.columns.filter((column) => isMade(column) || set.some(([own]) => own === column)) : [];
  const columns = [...new Set([...table.primaryKey, ...changed])];
  const returning = columns.map((column): Output => ({ name: column.attribute, expression: columnNode(column) }));
  const candidates = mapper.family().map((member) => ({
    mapper: member,
    positions: member.columns.map(({ column }) => columns.indexOf(column)),
    markers: [],
  }));
  return {
    node: { ...node, returning },
    take(rows, record) {
      const found = rows.flatMap((row) => {
        const state = states.get(identityOf(row.slice(0, table.primaryKey.length)));
        return state ? [{ state, row }] : [];
      });
      for (const { state, row } of found) {
        const candidate = candidates.find((item) => item.mapper === state.mapper)!;
        if (node.kind === 'delete') leaveCollections(state, identities);
        else hydrator.all([row], { outputs: [], joins: [], candidates: [candidate] });
      }
      if (node.kind !== 'delete') return;
      const gone = found.map(({ state }) => state);
      leavePairs(gone, identities);
      forgetPending(gone, identities);
      record(gone);
      hydrator.forget(gone);
    },
  };
}
