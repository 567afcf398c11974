import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import { assertWritable, type MappedColumn, type Mapper } from '../mapping/mapper.ts';
import { defineColumn } from '../state/columns.ts';
import { kindOfRelation } from '../state/handle.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { checkValue } from '../state/snapshot.ts';

/** Gives a new entity the values that the program passed, and defaults for the rest. */
export function construct(state: InstanceState, init: unknown): void {
  const { mapper } = state;
  if (typeof init !== 'object' || init === null) {
    throw new InvalidValueError(`new ${mapper.name}(): expected an object of attributes, got ${kindOf(init)}`);
  }
  assertWritable(mapper, 'new');
  if (mapper.abstract) throw new ConfigurationError(`new ${mapper.name}(): it is abstract; make one of a subclass`);
  const { embedded } = mapper.source;
  const given = (embedded ? embedded.spread(init, mapper.name) : init) as Record<string, unknown>;
  for (const name of Object.keys(given)) {
    if (!mapper.column(name) && !mapper.relations.has(name)) {
      throw new ConfigurationError(`new ${mapper.name}(): no attribute '${name}'; it has ${mapper.attributeNames()}`);
    }
  }
  const { entity } = state;
  for (const mapped of mapper.columns) {
    const own = Object.hasOwn(given, mapped.attribute) ? given[mapped.attribute] : undefined;
    const value = initialValue(state, mapped, own);
    defineColumn(entity, mapped, value === undefined ? value : checkValue(state, mapped, value));
  }
  relateAll(state, given);
}

function relateAll(state: InstanceState, given: Readonly<Record<string, unknown>>): void {
  for (const [name, relation] of state.mapper.relations) {
    if (!Object.hasOwn(given, name) || given[name] === undefined) continue;
    kindOfRelation(relation).init(state, relation, given);
  }
}

function initialValue(state: InstanceState, mapped: MappedColumn, given: unknown): unknown {
  const { fixed } = state.mapper;
  if (fixed.has(mapped)) {
    if (given !== undefined && given !== fixed.get(mapped)) {
      throw new InvalidValueError(
        `new ${state.mapper.name}(): '${mapped.attribute}' is what tells its rows; leave it out`,
      );
    }
    return fixed.get(mapped);
  }
  const { spec } = mapped.column;
  if (given !== undefined) {
    if (!spec.computed) return given;
    throw new InvalidValueError(
      `new ${state.mapper.name}(): '${mapped.attribute}' is computed by the database; leave it out`,
    );
  }
  if (spec.make) return spec.make();
  if (mayComeLater(state.mapper, mapped)) return undefined;
  if (spec.nullable) return null;
  throw new InvalidValueError(`new ${state.mapper.name}(): '${mapped.attribute}' is needed`, {
    model: state.mapper.name,
    attributes: [mapped.attribute],
  });
}

/** Values that the database makes, versions, and keys that a relation gives. */
function mayComeLater(mapper: Mapper, mapped: MappedColumn): boolean {
  const { spec, table } = mapped.column;
  if (spec.defaultSql !== undefined || spec.computed || spec.version || spec.fetched || mapper.generatedKey === mapped)
    return true;
  return table.references.some((key) => key.columns.includes(mapped.column)) && !spec.nullable;
}
