import { InvalidValueError } from '../../errors/errors.ts';
import { List, logical, within, type Expression } from '../../sql/expression.ts';
import { columnNode } from '../../sql/source.ts';
import { kindOf } from '../../util/brand.ts';
import type { Mapper } from '../mapping/mapper.ts';
import { identityOf, type IdentityMap } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { entityCore, entityShape } from './entity-query.ts';
import type { Loading } from './load.ts';
import { afterTick } from './tick.ts';

interface Request {
  readonly keys: Map<string | number, readonly unknown[]>;
  readonly done: Promise<unknown>;
}

/** Entities by key: from memory, else in one query for all that ask within a tick. */
export class KeyLoader {
  readonly #loading: Loading;
  readonly #identities: IdentityMap;
  readonly #waiting = new Map<Mapper, Request>();

  constructor(loading: Loading, identities: IdentityMap) {
    this.#loading = loading;
    this.#identities = identities;
  }

  async get(mapper: Mapper, key: unknown): Promise<InstanceState | undefined> {
    const values = keyValues(mapper, key);
    const identity = this.identity(mapper, values);
    const known = this.#identities.get(mapper, identity);
    if (!known || !isWhole(known)) await this.#request(mapper, identity, values);
    const found = this.#identities.get(mapper, identity);
    return found?.mapper.isA(mapper) ? found : undefined;
  }

  /** The key in the identity map that belongs to these values. */
  identity(mapper: Mapper, values: readonly unknown[]): string | number {
    const codecs = mapper.codecs(this.#loading.engine.driver.dialect);
    return identityOf(values.map((value, at) => codecs[mapper.key[at]!.index]!.encode(value)));
  }

  #request(mapper: Mapper, identity: string | number, values: readonly unknown[]): Promise<unknown> {
    let request = this.#waiting.get(mapper);
    if (!request) {
      const keys = new Map<string | number, readonly unknown[]>();
      const done = afterTick().then(() => {
        this.#waiting.delete(mapper);
        return this.fetch(mapper, [...keys.values()]);
      });
      this.#waiting.set(mapper, (request = { keys, done }));
    }
    request.keys.set(identity, values);
    return request.done;
  }

  /** Reads the rows with these keys. */
  async fetch(mapper: Mapper, keys: readonly (readonly unknown[])[], overwrite = false): Promise<number> {
    const shape = entityShape(mapper);
    const core = entityCore(mapper);
    const node = {
      ...core,
      outputs: shape.outputs,
      joins: [...core.joins, ...shape.joins],
      where: [...core.where, hasKey(mapper, keys)],
    };
    const [rows = []] = await this.#loading.read([node]);
    this.#loading.hydrator.all(rows, shape, overwrite);
    return rows.length;
  }
}

/** Whether all columns of the entity were read; `loadOnly()` leaves some out. */
function isWhole({ mapper, positions }: InstanceState): boolean {
  return positions!.length === mapper.columns.length && positions!.every((at) => at >= 0);
}

/** Whether a row has one of the keys. */
function hasKey(mapper: Mapper, keys: readonly (readonly unknown[])[]): Expression {
  const columns = mapper.key.map(({ column }) => columnNode(column));
  if (keys.length === 1)
    return logical(
      'and',
      columns.map((column, at) => column.eq(keys[0]![at])),
    );
  return within(
    columns,
    new List(
      keys,
      mapper.key.map((mapped) => mapped.type),
    ),
  );
}

/** A key as values in the order of the key's columns, checked. */
function keyValues(mapper: Mapper, key: unknown): unknown[] {
  const names = mapper.key.map((mapped) => mapped.attribute);
  const composite = mapper.key.length > 1;
  if (composite && (typeof key !== 'object' || key === null)) {
    throw new InvalidValueError(`the key of ${mapper.name} is an object of ${names.join(', ')}; got ${kindOf(key)}`);
  }
  return mapper.key.map((mapped) => {
    const value = composite ? (key as Record<string, unknown>)[mapped.attribute] : key;
    const expected = value === undefined || value === null ? 'a value' : mapped.type.check(value);
    if (expected) {
      throw new InvalidValueError(`${mapper.name}.${mapped.attribute}: a key is ${expected}; got ${kindOf(value)}`, {
        model: mapper.name,
        attributes: [mapped.attribute],
      });
    }
    return value;
  });
}
