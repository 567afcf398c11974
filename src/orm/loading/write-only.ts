import { ConfigurationError } from '../../errors/errors.ts';
import { EntitySelectBuilder, entitySelectNode } from '../../sql/entity-select.ts';
import { rowReader } from '../../sql/row-reader.ts';
import type { RelationOptions, WriteOnlyRelation } from '../../sql/relation.ts';
import { followed, type RelationMapping } from '../mapping/mapper.ts';
import { RelationSpec } from '../mapping/relation.ts';
import type { StateKind } from '../state/handle.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { ManyHandle, toMany } from '../state/many.ts';
import { storedValue } from '../state/snapshot.ts';
import { relatedRows, within } from './related.ts';

type TableName = string;

/**
 * A to-many relation that is too large to be loaded, always inside a getter. Entities are put in and taken out, and its
 * rows are queried; it cannot be awaited, nor loaded by `with()`.
 *
 * @example
 * get events() { return writeOnly(Event, { by: 'deviceId' }) }
 *
 * device.events.add(new Event({ at: new Date() }))
 * const last = await session.all(device.events.select().orderBy(Event.c.at.desc()).limit(10))
 */
export function writeOnly<C>(target: C | TableName, options: RelationOptions = {}): WriteOnlyRelation<C> {
  const spec: object = new RelationSpec(writeOnlyKind, target, options, false);
  return spec as WriteOnlyRelation<C>;
}

const writeOnlyKind: StateKind = {
  ...toMany,
  neverLoaded: true,
  handle: (state, relation) => new WriteOnlyHandle(state, relation),
};

class WriteOnlyHandle {
  readonly #state: InstanceState;
  readonly #relation: RelationMapping;

  constructor(state: InstanceState, relation: RelationMapping) {
    this.#state = state;
    this.#relation = relation;
  }

  add(...entities: object[]): void {
    new ManyHandle(this.#state, this.#relation).add(...entities);
  }
  remove(...entities: object[]): void {
    new ManyHandle(this.#state, this.#relation).remove(...entities);
  }
  select(): object {
    const [state, relation] = [this.#state, this.#relation];
    if (!state.row)
      throw new ConfigurationError(
        `${state.mapper.name}.${relation.name}.select(): ${state.label} has no row yet: commit it`,
      );
    const whole = entitySelectNode(relation.target.source);
    const { core, ends } = relatedRows({ relation, part: whole, branches: [] });
    const columns = followed(relation);
    const isOwn = within(ends, columns, { keys: [columns.map((mapped) => storedValue(state, mapped))] });
    return new EntitySelectBuilder({ ...whole, reader: rowReader, joins: core.joins, where: [...core.where, isOwn] });
  }
}
