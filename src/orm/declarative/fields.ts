import { ConfigurationError } from '../../errors/errors.ts';
import type { Mapper } from '../mapping/mapper.ts';
import { isDeclared } from '../mapping/model-info.ts';
import { EntityBase } from '../state/entity.ts';

/** What a probe passes to a model's constructor: it makes the object and gives it nothing. */
export const PROBE: unique symbol = Symbol('probe');

type ModelConstructor = abstract new (...args: never[]) => object;

const checked = new WeakSet<object>();

/**
 * Refuses a class with a field that redeclares a column or hides a relation: it would overwrite what the constructor was
 * given, and a loaded entity would lack it. Looks once at each class, at an object without attributes.
 */
export function refuseFields(model: ModelConstructor, mapper: Mapper): void {
  if (checked.has(model)) return;
  checked.add(model);
  if (hasConstructor(model)) return;
  for (const name of Object.keys(probe(model))) {
    if (!mapper.column(name) && !mapper.relations.has(name) && !mapper.source.embedded?.has(name)) continue;
    throw new ConfigurationError(
      `${mapper.name}.${name}: the class has a field of that name, which would overwrite the attribute; remove the field`,
      { model: mapper.name, attributes: [name] },
    );
  }
}

function probe(model: ModelConstructor): object {
  try {
    return Reflect.construct(model, [PROBE]) as object;
  } catch {
    // A field that reads an attribute cannot be tried without one.
    return {};
  }
}

/** A constructor of the program's own would run, and may do anything. */
function hasConstructor(model: ModelConstructor): boolean {
  for (
    let item: unknown = model;
    typeof item === 'function' && item !== EntityBase;
    item = Object.getPrototypeOf(item)
  ) {
    if (!isDeclared(item) && /\bconstructor\s*\(/.test(Function.prototype.toString.call(item))) return true;
  }
  return false;
}
