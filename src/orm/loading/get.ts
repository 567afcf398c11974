import { within as patiently } from '../../driver/call.ts';
import type { CallOptions, Statement, WireValue } from '../../driver/driver.ts';
import { InvalidValueError } from '../../errors/errors.ts';
import { List, logical, within, type Expression } from '../../sql/expression.ts';
import type { SelectNode } from '../../sql/nodes.ts';
import { columnNode } from '../../sql/source.ts';
import { kindOf } from '../../util/brand.ts';
import type { Mapper } from '../mapping/mapper.ts';
import { identityOf, type IdentityMap } from '../state/identity-map.ts';
import type { InstanceState } from '../state/instance-state.ts';
import { entityCore, entityShape, type EntityShape } from './entity-query.ts';
import { filtering } from './filtering.ts';
import type { Loading } from './load.ts';
import { encoded } from '../state/snapshot.ts';
import { afterTick } from './tick.ts';

/** A key as the program gave it, and as the database has it. */
interface Key {
  readonly values: readonly unknown[];
  readonly raw: readonly WireValue[];
}

interface Request {
  readonly keys: Key[];
  /** Whoever asks until then is answered by the same query. */
  readonly tick: Promise<void>;
  /** How the query may end early; undefined where not all who ask said so: then it ends for nobody. */
  options: CallOptions | undefined;
  done: Promise<unknown> | undefined;
}

/** Entities by key: from memory, else in one query for all that ask within a tick. */
export class KeyLoader {
  readonly #loading: Loading;
  readonly #identities: IdentityMap;
  #waiting: Map<Mapper, Request> | undefined;

  constructor(loading: Loading, identities: IdentityMap) {
    this.#loading = loading;
    this.#identities = identities;
  }

  async get(mapper: Mapper, given: unknown, options?: CallOptions): Promise<InstanceState | undefined> {
    const key = this.#encode(mapper, keyValues(mapper, given));
    const identity = identityOf(key.raw);
    const known = this.#identities.get(mapper, identity);
    if (!known || !isWhole(known))
      await (options ? this.#await(mapper, key, options) : this.#request(mapper, key).done);
    const found = this.#identities.get(mapper, identity);
    return found?.mapper.isA(mapper) ? found : undefined;
  }

  #encode(mapper: Mapper, values: readonly unknown[]): Key {
    const codecs = mapper.codecs(this.#loading.engine.driver.dialect);
    return { values, raw: encoded(codecs, mapper.key, values) };
  }

  #request(mapper: Mapper, key: Key, options?: CallOptions): Request {
    let request = this.#waiting?.get(mapper);
    if (!request) {
      request = { keys: [], options, tick: afterTick(), done: undefined };
      (this.#waiting ??= new Map()).set(mapper, request);
      request.done = this.#send(mapper, request);
    } else if (request.options !== options) request.options = undefined;
    request.keys.push(key);
    return request;
  }

  /** Gives up alone where others wait for the same query. */
  async #await(mapper: Mapper, key: Key, options: CallOptions): Promise<unknown> {
    let request: Request | undefined;
    await patiently(options, 'not sent', () => {
      request = this.#request(mapper, key, options);
      // Nobody may be left to hear of a failure.
      request.done!.catch(() => undefined);
      return request.tick;
    });
    const done = request!.done!;
    return request!.options ? done : patiently(options, 'not committed', () => done);
  }

  async #send(mapper: Mapper, request: Request): Promise<void> {
    await request.tick;
    this.#waiting!.delete(mapper);
    const shape = entityShape(mapper);
    const [rows = []] = await this.#loading.read(
      [this.#select(mapper, shape, distinct(request.keys))],
      request.options,
    );
    this.#loading.hydrator.all(rows, shape);
  }

  /** Reads the row with that key again; it wins over what the program changed. Whether it is still there. */
  async refresh(mapper: Mapper, values: readonly unknown[], options?: CallOptions): Promise<boolean> {
    const shape = entityShape(mapper);
    const [rows = []] = await this.#loading.read(
      [this.#select(mapper, shape, [this.#encode(mapper, values)])],
      options,
    );
    this.#loading.hydrator.all(rows, shape, true);
    return rows.length > 0;
  }

  /** The statement for some keys; for one its text is kept, and the key is what it binds last. */
  #select(mapper: Mapper, shape: EntityShape, keys: readonly Key[]): Statement {
    const { engine } = this.#loading;
    const isKept = keys.length === 1 && !filtering.current;
    const kept = isKept && engine.statements.get(shape);
    if (kept) {
      const { raw } = keys[0]!;
      const fixed = kept.params.length - raw.length;
      return { sql: kept.sql, params: fixed === 0 ? raw : [...kept.params.slice(0, fixed), ...raw] };
    }
    const statement = this.#loading.prepare(selectByKeys(mapper, shape, keys));
    if (isKept) engine.statements.set(shape, statement);
    return statement;
  }
}

function distinct(keys: readonly Key[]): readonly Key[] {
  return keys.length === 1 ? keys : [...new Map(keys.map((key) => [identityOf(key.raw), key])).values()];
}

function selectByKeys(mapper: Mapper, shape: EntityShape, keys: readonly Key[]): SelectNode {
  const core = entityCore(mapper);
  return {
    ...core,
    outputs: shape.outputs,
    joins: [...core.joins, ...shape.joins],
    where: [...core.where, hasKey(mapper, keys)],
  };
}

/** Whether all columns of the entity were read; `loadOnly()` leaves some out. */
function isWhole({ mapper, positions }: InstanceState): boolean {
  return positions!.length === mapper.columns.length && positions!.every((at) => at >= 0);
}

/** Whether a row has one of the keys. */
function hasKey(mapper: Mapper, keys: readonly Key[]): Expression {
  const columns = mapper.key.map(({ column }) => columnNode(column));
  if (keys.length === 1)
    return logical(
      'and',
      columns.map((column, at) => column.eq(keys[0]!.values[at])),
    );
  return within(
    columns,
    new List(
      keys.map((key) => key.values),
      mapper.key.map((mapped) => mapped.type),
    ),
  );
}

/** A key as values in the order of the key's columns, checked. */
function keyValues(mapper: Mapper, key: unknown): unknown[] {
  const composite = mapper.key.length > 1;
  if (composite && (typeof key !== 'object' || key === null)) {
    throw new InvalidValueError(
      `the key of ${mapper.name} is an object of ${mapper.key.map((mapped) => mapped.attribute).join(', ')}; got ${kindOf(key)}`,
    );
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
