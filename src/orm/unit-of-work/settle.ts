import { KeyReference, SqlCell, type Cell } from '../../compiler/write-plan.ts';
import { decodeCell } from '../../compiler/decode.ts';
import type { KeyRun, PlannedStatement } from '../../compiler/dialect.ts';
import type { StatementResult } from '../../driver/driver.ts';
import type { CinnabarError } from '../../errors/base.ts';
import { DatabaseError, InternalError, InvalidValueError } from '../../errors/errors.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import { dependents, type Link, type MappedColumn, type Mapper, type RelationMapping } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import { identityOf } from '../state/identity-map.ts';
import type { InstanceState, LinkState, LoadContext } from '../state/instance-state.ts';
import { hasKeys, remember, targetOf } from '../state/links.ts';
import { decoded, encode, isChanged, storedValue } from '../state/snapshot.ts';
import type { CommitPlan } from './plan.ts';
import { settleFollower } from './follow.ts';
import { leaveCollections, leavePairs } from './leave.ts';
import { storedCells } from './row-operations.ts';
import { takeOut } from '../../util/take-out.ts';
import { ChildIndex, deletesChildren } from './sweep.ts';
import { insertionOf, type Change, type Insertion, type Pending, type WorkSet } from './work.ts';

/** What a session gives up once its work is durable. */
export interface Ledger {
  readonly added: Set<InstanceState>;
  readonly deleted: Set<InstanceState>;
}

/** A child whose key the commit sets to NULL, and the key that it had when the plan was made. */
interface Orphaned {
  readonly child: InstanceState;
  readonly link: Link;
  readonly keys: readonly unknown[];
}

/**
 * Brings memory in step with what a commit made durable. Made before the plan is sent: edits from then on stay pending.
 */
export class Settler {
  readonly #work: WorkSet;
  readonly #plan: CommitPlan;
  readonly #pending: Pending;
  readonly #context: LoadContext;
  /** Keys that the database made, by table and ordinal. */
  readonly #keys = new Map<Table, unknown[]>();
  readonly #made = new Map<InstanceState, Map<TableColumn, unknown>>();
  #changes: ReadonlyMap<InstanceState, Change['cells']> | undefined;
  /** Links as they were when the plan was made: one that was set again meanwhile stays pending. */
  readonly #links = new Map<InstanceState, readonly LinkState[]>();
  readonly #orphaned: readonly Orphaned[];

  constructor(work: WorkSet, plan: CommitPlan, pending: Pending, context: LoadContext) {
    this.#work = work;
    this.#plan = plan;
    this.#pending = pending;
    this.#context = context;
    // Also one that was set to what the row has: nothing is sent for it, and it is no change any more.
    for (const state of [...work.switched.keys(), ...work.relinked]) this.#links.set(state, state.links);
    this.#orphaned = this.#childrenWithoutKey();
  }

  /** Children whose key goes to NULL with their parent. */
  get orphaned(): InstanceState[] {
    return this.#orphaned.map(({ child }) => child);
  }

  /** @throws InternalError when the answer does not have the rows that the plan calls for. */
  settle(statements: readonly PlannedStatement[], results: readonly StatementResult[], ledger: Ledger): void {
    const { insertions, changes, followers, deletions, swept } = this.#work;
    this.#readReturned(statements, results);
    // As long as every entity is found by its old key.
    const parents = changes.map(({ state }) =>
      [...state.mapper.links].map((link) => this.#pending.identities.referred(state, link)),
    );
    takeOut(
      ledger.added,
      insertions.map(({ state }) => state),
    );
    const unplaced: Insertion[] = [];
    for (const insertion of insertions) {
      const { state, links } = insertion;
      this.#settleInsertion(insertion, ledger);
      if (this.#isPlaced(insertion)) settleLinks(state, links);
      else unplaced.push(insertion);
    }
    changes.forEach((change, at) => this.#settleChange(change, parents[at]!, ledger));
    for (const follower of followers)
      settleFollower(follower, this.#pending.identities, (child, mapped, cell) => this.#rawOf(child, mapped, cell));
    for (const { state, links } of unplaced) settleLinks(state, links);
    this.#links.forEach((links, state) => settleLinks(state, links));
    this.#settleCollections([...unplaced, ...changes]);
    leavePairs([...deletions, ...swept, ...this.#work.dropped], this.#pending.identities);
    for (const state of [...deletions, ...swept]) this.#settleDeletion(state, ledger);
    for (const orphaned of this.#orphaned) clearKey(orphaned);
    this.#drop(ledger);
  }

  #settleCollections(unplaced: readonly (Insertion | Change)[]): void {
    const { settlements, dropped } = this.#work;
    for (const settlement of settlements)
      if (!dropped.has(settlement.collection.owner)) settlement.collection.settle(settlement);
    for (const { state } of unplaced) for (const link of state.mapper.links) this.#place(state, link);
  }

  /** Whether all that a new row refers to is new as well, and the same as when it was sent: its collections show the row. */
  #isPlaced({ state, links }: Insertion): boolean {
    if (state.links !== links || links.length < state.mapper.links.size) return false;
    for (const { target, changed } of links) if (!changed || !target || !insertionOf(target, this.#work)) return false;
    return true;
  }

  #drop(ledger: Ledger): void {
    for (const state of this.#work.dropped) {
      leaveCollections(state, this.#pending.identities);
      ledger.added.delete(state);
      ledger.deleted.delete(state);
      state.leave('transient');
    }
  }

  // ── what came back

  #readReturned(statements: readonly PlannedStatement[], results: readonly StatementResult[]): void {
    const rows = new Map<number, (readonly unknown[])[]>();
    statements.forEach(({ operation, yields, lastKeyOf }, at) => {
      const returned = results[at]!.rows;
      if (yields > 0 && returned.length !== yields) throw this.#missingRows(statements.length, returned.length, yields);
      if (lastKeyOf) this.#noteKeysTo(returned[0]![0], lastKeyOf);
      if (operation === undefined) return;
      const before = rows.get(operation);
      if (before) for (const row of returned) before.push(row);
      else rows.set(operation, [...returned]);
    });
    for (const [index, returned] of rows) this.#readMade(index, returned);
  }

  #missingRows(statements: number, found: number, wanted: number): CinnabarError {
    // Of one row alone there is nothing else that a guard could see.
    if (statements === 1 && found === 0) {
      return new DatabaseError('a trigger keeps the row out of its table; it was not written', {
        outcome: 'not committed',
      });
    }
    return new InternalError(`a statement of the commit yielded ${found} rows instead of ${wanted}`, {
      outcome: 'unknown',
    });
  }

  /** Keys in a row, of which the last came back. */
  #noteKeysTo(raw: unknown, { table, rows }: KeyRun): void {
    const column = table.generatedKey!;
    const last = decodeCell(this.#pending.dialect.codec(column.type), raw, column);
    const keys = this.#keys.get(table) ?? [];
    for (let before = rows - 1; before >= 0; before--)
      keys.push(typeof last === 'bigint' ? last - BigInt(before) : (last as number) - before);
    this.#keys.set(table, keys);
  }

  /** What the database made of the rows of an INSERT or UPDATE. */
  #readMade(index: number, returned: (readonly unknown[])[]): void {
    const operation = this.#plan.operations[index]!;
    const states = this.#plan.states[index]!;
    if (operation.kind !== 'insert' && operation.kind !== 'update' && operation.kind !== 'read') return;
    const { table } = operation;
    const returning = operation.kind === 'read' ? operation.set : operation.returning;
    const columns = [...table.primaryKey, ...returning];
    const codecs = columns.map((column) => this.#pending.dialect.codec(column.type));
    const rows = returned.map((row) => row.map((raw, at) => decodeCell(codecs[at]!, raw, columns[at]!)));
    const isKeyed = operation.kind === 'insert' && operation.keys !== undefined;
    if (isKeyed) this.#noteKeys(table, rows);
    // Each new row refers to its own key.
    if (isKeyed && returning.length === 0) return;
    const isOrdered = isKeyed || states.length === 1;
    const byKey = new Map(
      isOrdered
        ? []
        : rows.map((row) => [keyText(table.primaryKey.map((_, at) => encode(codecs[at]!, row[at]))), row] as const),
    );
    states.forEach((state, at) => {
      const row = isOrdered ? rows[at] : byKey.get(keyText(this.#knownKey(state)));
      if (!row) throw new InternalError('a row of the commit did not come back by its key', { outcome: 'unknown' });
      const made = this.#made.get(state) ?? new Map<TableColumn, unknown>();
      columns.forEach((column, place) => made.set(column, row[place]));
      this.#made.set(state, made);
    });
  }

  /** Puts rows in the order of their keys: that of RETURNING is the database's own, that of the keys is the plan's. */
  #noteKeys(table: Table, rows: unknown[][]): void {
    rows.sort((left, right) => compareKeys(left[0], right[0]));
    const highest = rows.at(-1)?.[0];
    if (typeof highest === 'number' && highest > Number.MAX_SAFE_INTEGER) {
      throw new InvalidValueError(
        `the database made a key in '${table.name}' beyond 2^53-1, the highest that integer() holds: use bigint()`,
        { outcome: 'unknown', table: table.name },
      );
    }
    this.#keys.set(
      table,
      rows.map((row) => row[0]),
    );
  }

  /** The key that the row has now. */
  #knownKey(state: InstanceState): unknown[] {
    const insertion = insertionOf(state, this.#work);
    this.#changes ??= new Map(this.#work.changes.map((change) => [change.state, change.cells]));
    const changed = this.#changes.get(state);
    const cells = insertion ? insertion.cells : storedCells(state);
    return state.mapper.key.map((mapped, at) =>
      this.#rawOf(
        state,
        mapped,
        insertion ? cells[mapped.index] : changed?.has(mapped) ? changed.get(mapped) : cells[at],
      ),
    );
  }

  /** What a cell has stored, now that the keys are known. */
  #rawOf(state: InstanceState, mapped: MappedColumn, cell: Cell): unknown {
    if (cell instanceof SqlCell) return encode(state.codecs[mapped.index]!, this.#made.get(state)!.get(mapped.column));
    if (!(cell instanceof KeyReference)) return cell;
    return encode(state.codecs[mapped.index]!, this.#keys.get(cell.table)![cell.ordinal - 1]);
  }

  // ── rows

  #settleInsertion(insertion: Insertion, ledger: Ledger): void {
    const { state, cells } = insertion;
    const { mapper, entity } = state;
    for (const mapped of mapper.columns) {
      const cell = cells[mapped.index];
      const isGiven = cell !== undefined && entity[mapped.attribute] !== undefined && !mapped.column.spec.fetched;
      if (!isGiven || cell instanceof KeyReference) this.#settleCell(insertion, mapped);
    }
    // The row as it was sent.
    state.row = cells;
    state.positions = mapper.positions;
    this.#takeIn(state, ledger);
  }

  /** What the program did not give. */
  #settleCell({ state, cells, links }: Insertion, mapped: MappedColumn): void {
    const at = mapped.index;
    const cell = cells[at];
    const { computed, fetched } = mapped.column.spec;
    const raw =
      cell === undefined || fetched
        ? encode(state.codecs[at]!, this.#made.get(state)?.get(mapped.column))
        : this.#rawOf(state, mapped, cell);
    cells[at] = raw;
    if (computed || fetched || isUnset(state, mapped, links))
      defineColumn(state.entity, mapped, decoded(state, mapped, raw));
  }

  /** A new entity has a row. */
  #takeIn(state: InstanceState, ledger: Ledger): void {
    // Deleted while it was being inserted: its row goes with the next commit.
    state.status = ledger.deleted.has(state) ? 'deleted' : 'persistent';
    state.context = this.#context;
    this.#pending.identities.set(state);
  }

  #settleChange({ state, cells, made }: Change, parents: readonly (InstanceState | undefined)[], ledger: Ledger): void {
    const { mapper } = state;
    const sent = this.#links.get(state);
    const old = this.#work.switched.get(state);
    // A new entity has no row yet that it could differ from.
    const isEdited = (mapped: MappedColumn): boolean => !old && isChanged(state, mapped);
    const { row: before, positions } = (old ?? state) as { row: readonly unknown[]; positions: readonly number[] };
    const row = mapper.columns.map((mapped) => before[positions[mapped.index]!]);
    for (const [mapped, cell] of cells) {
      const raw = this.#rawOf(state, mapped, cell);
      row[mapped.index] = raw;
      // Of what it makes, the program may have set another meanwhile.
      const isOurs = cell instanceof SqlCell ? cell.isPending() : isUnset(state, mapped, sent);
      if (isOurs || (made.includes(mapped) && !isEdited(mapped)))
        defineColumn(state.entity, mapped, decoded(state, mapped, raw));
    }
    this.#takeMade(state, row, (mapped) => cells.has(mapped) || !isEdited(mapped));
    state.row = row;
    state.positions = positionsOf(row, mapper);
    this.#pending.identities.noteRows(cells);
    if (old) this.#takePlace(state, ledger);
    else if (mapper.key.some((mapped) => cells.has(mapped))) {
      this.#pending.identities.delete(state);
      this.#pending.identities.set(state);
    }
    [...mapper.links].forEach((link, at) => {
      if (link.columns.some((mapped) => cells.has(mapped))) this.#moved(state, link, parents[at]);
    });
  }

  /** What the database computes, and what its triggers make. */
  #takeMade(state: InstanceState, row: unknown[], isOpen: (mapped: MappedColumn) => boolean): void {
    for (const [column, value] of this.#made.get(state) ?? []) {
      const { computed, fetched } = column.spec;
      const mapped = (computed || fetched) && state.mapper.attributeOf(column);
      if (!mapped) continue;
      row[mapped.index] = encode(state.codecs[mapped.index]!, value);
      if (computed || isOpen(mapped)) defineColumn(state.entity, mapped, value);
    }
  }

  /** A new entity has the row of a deleted one, which has in common with it whatever was not sent. */
  #takePlace(state: InstanceState, ledger: Ledger): void {
    const sent = this.#links.get(state);
    for (const mapped of state.mapper.columns)
      if (isUnset(state, mapped, sent)) defineColumn(state.entity, mapped, storedValue(state, mapped));
    ledger.added.delete(state);
    this.#takeIn(state, ledger);
  }

  #moved(state: InstanceState, link: Link, parent: InstanceState | undefined): void {
    if (parent && presentParent(state, link, this.#pending.identities.referred(state, link)) !== parent)
      for (const relation of link.backward) parent.collections.get(relation)?.displace(state);
  }

  /**
   * Brings the collections over a key in step with the row and with memory: the parent that the row names has the child,
   * unless the program moved it away meanwhile; the parent that memory names has it, pending where the row names another.
   */
  #place(state: InstanceState, link: Link): void {
    const stored = this.#pending.identities.referred(state, link);
    const current = presentParent(state, link, stored);
    for (const relation of link.backward) {
      if (!state.mapper.isA(relation.target)) continue;
      const kept = stored?.collections.get(relation);
      if (current === stored) kept?.keep(state);
      else {
        kept?.lose(state);
        current?.collections.get(relation)?.gain(state);
      }
    }
  }

  #settleDeletion(state: InstanceState, ledger: Ledger): void {
    leaveCollections(state, this.#pending.identities);
    this.#pending.identities.delete(state);
    ledger.deleted.delete(state);
    state.leave('detached');
  }

  /** Children in memory, new ones too, of deleted parents whose key the commit set to NULL. */
  #childrenWithoutKey(): Orphaned[] {
    const { deletions, swept, dropped, insertions, switched } = this.#work;
    const gone = new Set([...deletions, ...swept, ...dropped]);
    if (gone.size === 0) return [];
    const index = new ChildIndex(this.#pending);
    const known = [...gone].flatMap((parent) =>
      dependents(parent.mapper).flatMap((relation): [InstanceState, Link][] =>
        losesKey(relation) ? index.of(parent, relation).map((child) => [child, relation.link]) : [],
      ),
    );
    const made = [...insertions.map(({ state }) => state), ...switched.keys()].flatMap((child) =>
      [...child.mapper.links].flatMap((link): [InstanceState, Link][] => {
        const parent = targetOf(child, link);
        const loses = (): boolean =>
          dependents(parent!.mapper).some((relation) => relation.link === link && losesKey(relation));
        return parent && gone.has(parent) && loses() ? [[child, link]] : [];
      }),
    );
    return [...known.filter(([child]) => !gone.has(child)), ...made].map(([child, link]) => ({
      child,
      link,
      keys: child.values(link.columns),
    }));
  }
}

/** A key as text, whether it came back or was sent. */
function keyText(raw: readonly unknown[]): string | number {
  return identityOf(raw.map(String));
}

/** Where the columns are in a row that has all in order; -1 for those that were never read. */
function positionsOf(row: readonly unknown[], { positions }: Mapper): readonly number[] {
  return row.includes(undefined) ? positions.map((at) => (row[at] === undefined ? -1 : at)) : positions;
}

/** Whether children are left without their key when their parent is deleted. */
function losesKey(relation: RelationMapping): boolean {
  const { link } = relation;
  return link !== undefined && link.nullable && !deletesChildren(relation) && link.onDelete !== 'restrict';
}

/** The parent whose collections show the entity: one that was set; a key that was assigned counts from its commit on. */
function presentParent(state: InstanceState, link: Link, stored: InstanceState | undefined): InstanceState | undefined {
  return state.known(link)?.changed ? (targetOf(state, link) ?? undefined) : stored;
}

/** Whether a value is still missing, and not because the program pointed a relation to another new entity meanwhile. */
function isUnset(state: InstanceState, mapped: MappedColumn, sent: readonly LinkState[] = []): boolean {
  if (state.entity[mapped.attribute] !== undefined) return false;
  for (const known of state.links)
    if (known.changed && known.link.columns.includes(mapped) && !sent.includes(known)) return false;
  return true;
}

function settleLinks(state: InstanceState, links: readonly LinkState[]): void {
  for (const sent of links) {
    const { link, changed } = sent;
    if (!changed) continue;
    if (state.links === links || state.links.includes(sent)) {
      takeKeys(state, sent);
      sent.keys = state.values(link.columns);
      sent.changed = false;
      continue;
    }
    const now = state.known(link);
    // Pointed meanwhile to an entity that was new then: its key is known by now.
    if (now?.changed && now.target && !now.target.isNew) setKeys(state, link, now.target);
  }
}

/** What was referred to had another key when the relation was set: the row has the one that it got. */
function takeKeys(state: InstanceState, sent: LinkState): void {
  const { link, keys, target } = sent;
  if (keys.includes(undefined) || !hasKeys(state, sent)) return;
  for (const mapped of target ? link.columns : link.emptied)
    if (isChanged(state, mapped)) defineColumn(state.entity, mapped, storedValue(state, mapped));
}

function setKeys(state: InstanceState, link: Link, target: InstanceState): void {
  const keys = target.values(link.references);
  link.columns.forEach((mapped, at) => {
    if (state.entity[mapped.attribute] === undefined) defineColumn(state.entity, mapped, keys[at]);
  });
  remember(state, link, target, keys, true);
}

function compareKeys(left: unknown, right: unknown): number {
  const [a, b] = [left as number | bigint, right as number | bigint];
  return a < b ? -1 : a > b ? 1 : 0;
}

function clearKey(orphaned: Orphaned): void {
  const { child, link } = orphaned;
  // A key that the commit made, or that it changed, is the row's.
  const isOther = link.emptied.some((mapped) => isChanged(child, mapped));
  const row = [...child.row!];
  for (const mapped of link.emptied) row[child.positions![mapped.index]!] = null;
  child.row = row;
  // Pointed elsewhere meanwhile: that stays pending.
  if (child.known(link)?.changed || (isOther && !hasKeys(child, orphaned))) return;
  for (const mapped of link.emptied) child.entity[mapped.attribute] = null;
  remember(child, link, null, child.values(link.columns), false);
}
