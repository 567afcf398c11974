import { ConfigurationError } from '../../errors/errors.ts';
import { kindOf } from '../../util/brand.ts';
import type { InstanceState } from './instance-state.ts';

/**
 * The root of every model. Its private field ties an entity to its state, so nothing else can pass for an entity, and a
 * copy is a plain object.
 */
export class EntityBase {
  readonly #state: InstanceState;

  constructor(state: InstanceState) {
    this.#state = state;
    state.entity = this as object as Record<string, unknown>;
  }

  static state(entity: unknown): InstanceState | undefined {
    return typeof entity === 'object' && entity !== null && #state in entity ? entity.#state : undefined;
  }

  /** The columns that are not `hidden()`; dates, bigints and bytes as text. */
  toJSON(): Record<string, unknown> {
    return columnsToJson(this.#state);
  }
}

/** The visible columns of an entity, as JSON has them. */
export function columnsToJson(state: InstanceState): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const { attribute, type, hidden } of state.mapper.columns) {
    const value = state.entity[attribute];
    if (!hidden && value !== undefined) json[attribute] = value === null ? null : type.toJson(value);
  }
  state.mapper.source.embedded?.toJson(state.entity, json);
  return json;
}

/** The state of an entity, or an error that says what was there instead. */
export function stateOf(entity: unknown, where: string): InstanceState {
  const state = EntityBase.state(entity);
  if (state) return state;
  const hint = Array.isArray(entity) ? 'for several: addAll()' : 'a copy ({ ...entity }) is no entity';
  throw new ConfigurationError(`${where}: expected an entity, got ${kindOf(entity)}; ${hint}`);
}
