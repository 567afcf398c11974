import { KeyReference, type Cell } from '../../compiler/write-plan.ts';
import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import type { Link, MappedColumn } from '../mapping/mapper.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { sameKeys } from '../state/links.ts';
import { checkValue } from '../state/snapshot.ts';
import type { Insertion } from './work.ts';

/** The new rows of a commit, and the new entities that it forgets. */
export interface NewRows {
  readonly insertions: ReadonlyMap<InstanceState, Insertion>;
  readonly dropped: ReadonlySet<InstanceState>;
}

/**
 * What is to be stored in a column of an entity: its value, or, where a relation to a new entity gives it, a reference to
 * that entity's key. Undefined where the program gave nothing.
 */
export function cellOf(state: InstanceState, mapped: MappedColumn, rows: NewRows): Cell {
  for (const link of state.mapper.links) {
    const at = link.columns.indexOf(mapped);
    const known = at < 0 ? undefined : state.links?.get(link);
    if (!known?.changed) continue;
    agree(state, link, known.keys);
    if (known.target === null) return null;
    if (known.target && rows.dropped.has(known.target)) return null;
    if (known.target) return keyCell(known.target, link.references[at]!, rows);
  }
  return state.entity[mapped.attribute];
}

/** The key of an entity, or a reference to it where the unit makes it. */
export function keyCell(target: InstanceState, mapped: MappedColumn, rows: NewRows): Cell {
  const insertion = rows.insertions.get(target);
  if (!insertion) {
    if (target.isNew) throw new ConfigurationError(`${target.label} is referred to, and is not in the session: add it`);
    return target.entity[mapped.attribute];
  }
  if (insertion.ordinal > 0 && mapped === target.mapper.generatedKey) {
    return new KeyReference(target.mapper.root.table, insertion.ordinal);
  }
  const cell = cellOf(target, mapped, rows);
  if (cell !== undefined) return cell;
  throw new ConfigurationError(
    `${target.label} is referred to in the commit that makes its key '${mapped.attribute}'. Give the key a default made by the program, or commit it first`,
  );
}

/** Refuses a key that was assigned against the relation over it. */
export function checkLinks(state: InstanceState): void {
  for (const [link, known] of state.links ?? []) if (known.changed) agree(state, link, known.keys);
}

/** A relation and its key that were both changed must say the same. */
function agree(state: InstanceState, link: Link, keys: readonly unknown[]): void {
  if (sameKeys(link, keys, state.values(link.columns))) return;
  const names = link.columns.map((mapped) => mapped.attribute).join(', ');
  throw new ConfigurationError(
    `${state.mapper.name}: '${names}' was assigned after its relation was set, and the two disagree; change one of them`,
    { model: state.mapper.name, attributes: link.columns.map((mapped) => mapped.attribute) },
  );
}

/** Refuses a cell that its column cannot hold, before anything is sent. */
export function checkCell(state: InstanceState, mapped: MappedColumn, cell: Cell): void {
  if (cell instanceof KeyReference) return;
  const needed = cell === undefined || cell === null;
  const link =
    needed && !mapped.column.spec.nullable && [...state.mapper.links].find((item) => item.columns.includes(mapped));
  if (link) {
    throw new InvalidValueError(
      `${state.mapper.name}.${mapped.attribute} is needed: give it, or put the ${state.mapper.name} into a relation to a ${link.target.name} (cascade: 'orphans' deletes one that is taken out)`,
      { model: state.mapper.name, attributes: [mapped.attribute], table: mapped.column.table.name },
    );
  }
  checkValue(state, mapped, cell);
}
