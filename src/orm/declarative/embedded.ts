import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { isColumn, type Column, type ColumnBuilder, type ColumnSpec, type Flag } from '../../schema/column.ts';
import { snakeCase } from '../../schema/naming.ts';
import type { Table, TableColumn } from '../../schema/table.ts';
import type { EmbeddedValues } from '../../sql/nodes.ts';
import { EMBEDDED } from '../../sql/source.ts';
import { isRecord, kindOf } from '../../util/brand.ts';
import type { MappedColumn } from '../mapping/mapper.ts';
import { EntityBase } from '../state/entity.ts';
import { checkValue } from '../state/snapshot.ts';

/** A value over several columns. `P` are its parts, `V` the value that an entity has. What a column says is said of the parts. */
export interface Embedded<P, V, F extends Flag = never> extends Column<V, F> {
  /** The columns, by their names within the value. */
  readonly parts: P;
  /** The whole may be absent: all of its columns are NULL then. */
  nullable(): Embedded<P, V | null, F | 'optional'>;
  primaryKey: never;
  unique: never;
  default: never;
  defaultSql: never;
  generatedAs: never;
  check: never;
  collate: never;
  comment: never;
  onUpdate: never;
  references: never;
  named: never;
  version: never;
  hidden: never;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
export type PartValues<P> = { [K in keyof P]: P[K] extends Column<infer V, any> ? V : never };

/** Of what is no column, nothing will do. */
// oxlint-disable-next-line typescript/no-explicit-any -- a column of any flags
export type Columns<P> = { readonly [K in keyof P]: P[K] extends Column<any, any> ? unknown : never };

export interface EmbeddedOptions<V> {
  /** What the names of the columns begin with; the attribute's unless given. */
  readonly prefix?: string;
  /** The class of the value, whose methods read its parts. Its constructor is not run for what is read. */
  readonly class?: abstract new (...args: never[]) => V;
}

/**
 * A value that is stored in several columns of its entity: an address, a sum of money, a range. It is assigned as a whole or
 * part by part; the columns that changed are written. `User.c.address.city` stands for a part in statements.
 *
 * @example
 * class User extends Model('users', {
 *   id: integer().primaryKey(),
 *   address: embedded({ street: text(), city: text() }).nullable(),
 * }) {}
 * user.address = { street: 'Way 1', city: 'Rome' }
 * session.query(User).where(User.c.address.city.eq('Rome'))
 * // … where "users"."address_city" = ?1
 */
export function embedded<P extends object, V extends PartValues<P> = PartValues<P>>(
  parts: P & Columns<P>,
  options: EmbeddedOptions<V> = {},
): Embedded<P, V> {
  const columns = Object.entries<unknown>(parts).map(([name, column]) => {
    if (isColumn(column) && isPlainColumn(column.spec)) return [name, column] as const;
    throw new ConfigurationError(
      `embedded(): '${name}' is a plain column, like text(): no key, reference, version, default or computed value`,
    );
  });
  if (columns.length === 0) throw new ConfigurationError('embedded(): at least one column');
  const spec: object = new EmbeddedSpec(columns, options.prefix, options.class?.prototype as object | undefined, false);
  return spec as Embedded<P, V>;
}

/** A value is given as a whole: nothing is made for one of its parts. */
function isPlainColumn({ key, references, version, make, defaultSql, computed }: ColumnSpec): boolean {
  return !key && !references && !version && !make && defaultSql === undefined && !computed;
}

interface Part {
  readonly name: string;
  /** Its own, where NULL is for the whole. */
  readonly nullable: boolean;
  readonly column: TableColumn;
}

class EmbeddedSpec {
  readonly #columns: readonly (readonly [string, ColumnBuilder])[];
  readonly #prefix: string | undefined;
  readonly #prototype: object | undefined;
  readonly #nullable: boolean;

  constructor(
    columns: readonly (readonly [string, ColumnBuilder])[],
    prefix: string | undefined,
    prototype: object | undefined,
    nullable: boolean,
  ) {
    this.#columns = columns;
    this.#prefix = prefix;
    this.#prototype = prototype;
    this.#nullable = nullable;
  }

  get brand(): symbol {
    return EMBEDDED;
  }

  nullable(): EmbeddedSpec {
    return new EmbeddedSpec(this.#columns, this.#prefix, this.#prototype, true);
  }

  /** Adds the columns to the table, each under the names of both. */
  declare(table: Table, attribute: string, ofSubclass: true | undefined, before: EmbeddedValues | undefined): Values {
    const naming = (name: string): string => table.metadata.naming.column?.(name) ?? snakeCase(name);
    const prefix = this.#prefix ?? `${naming(attribute)}_`;
    const value = new Value(attribute, this.#nullable, this.#prototype ?? Object.prototype);
    for (const [name, { spec }] of this.#columns) {
      const own: ColumnSpec = {
        ...spec,
        name: prefix + (spec.name ?? naming(name)),
        nullable: spec.nullable || this.#nullable,
        hidden: true,
        guard: {
          run: (given) => spec.guard?.run(given) ?? { value: given },
          accept: (given, refuse) => (spec.guard ? spec.guard.accept(given, refuse) : given),
          define: (entity, mapped, given) => value.define(entity as Record<string, unknown>, mapped, given),
        },
      };
      const column = table.add(`${attribute}.${name}`, own, ofSubclass);
      value.parts.push({ name, nullable: spec.nullable, column });
    }
    return new Values(value, before as Values | undefined);
  }
}

/** One embedded attribute of a model. */
class Value {
  declare readonly attribute: string;
  declare readonly nullable: boolean;
  declare readonly prototype: object;
  readonly parts: Part[] = [];
  readonly #views = new WeakMap<object, object>();

  constructor(attribute: string, nullable: boolean, prototype: object) {
    this.attribute = attribute;
    this.nullable = nullable;
    this.prototype = prototype;
  }

  /** A part, out of sight; with the first the whole, which is seen. */
  define(entity: Record<string, unknown>, { attribute }: MappedColumn, value: unknown): void {
    Object.defineProperty(entity, attribute, { value, writable: true, configurable: true, enumerable: false });
    if (Object.hasOwn(entity, this.attribute)) return;
    Object.defineProperty(entity, this.attribute, {
      configurable: true,
      enumerable: true,
      get: () => this.#of(entity),
      set: (given: unknown) => {
        this.#assign(entity, given);
      },
    });
  }

  /** The value of an entity: null where all parts are NULL, undefined where it was not read. */
  #of(entity: Record<string, unknown>): unknown {
    const values = this.parts.map(({ column }) => entity[column.attribute]);
    if (values.every((value) => value === null || value === undefined)) return values[0];
    let view = this.#views.get(entity);
    if (!view) this.#views.set(entity, (view = this.#view(entity)));
    return view;
  }

  #view(entity: Record<string, unknown>): object {
    const view = Object.create(this.prototype) as object;
    for (const part of this.parts) {
      Object.defineProperty(view, part.name, {
        enumerable: true,
        get: () => entity[part.column.attribute],
        set: (given: unknown) => {
          entity[part.column.attribute] = this.#checked(entity, part, given);
        },
      });
    }
    return view;
  }

  #assign(entity: Record<string, unknown>, given: unknown): void {
    const { name } = EntityBase.state(entity)!.mapper;
    const values = this.spread(given, name);
    const checked = this.parts.map((part) =>
      given === null ? null : this.#checked(entity, part, values[part.column.attribute]),
    );
    this.parts.forEach(({ column }, at) => (entity[column.attribute] = checked[at]));
  }

  #checked(entity: Record<string, unknown>, part: Part, given: unknown): unknown {
    const state = EntityBase.state(entity)!;
    const mapped = state.mapper.column(part.column.attribute)!;
    if (given === null && !part.nullable) throw this.#refusal(state.mapper.name, `${part.name} must not be null`);
    return checkValue(state, mapped, given);
  }

  /** The parts of a value, by the names of their columns. */
  spread(given: unknown, model: string): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    if (given === null) {
      if (!this.nullable) throw this.#refusal(model, 'must not be null');
      for (const { column } of this.parts) values[column.attribute] = null;
      return values;
    }
    this.#assertShape(given, model);
    for (const { name, column, nullable } of this.parts) {
      const value: unknown = Reflect.get(given, name);
      if ((value === undefined || value === null) && !nullable) throw this.#refusal(model, `${name} is needed`);
      values[column.attribute] = value ?? null;
    }
    return values;
  }

  #assertShape(given: unknown, model: string): asserts given is object {
    const names = this.parts.map(({ name }) => name);
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw this.#refusal(model, `expected an object of ${names.join(', ')}, got ${kindOf(given)}`);
    const stranger = isPlain(given) && Object.keys(given).find((name) => !names.includes(name));
    if (typeof stranger === 'string')
      throw this.#refusal(model, `has no part '${stranger}'; it has ${names.join(', ')}`);
  }

  /** The value of parts, which go by the names of their columns. */
  nested(
    row: Readonly<Record<string, unknown>>,
    convert: (value: unknown, part: Part) => unknown,
  ): object | null | undefined {
    const values = this.parts.map((part) => row[part.column.attribute]);
    if (values.every((value) => value === null || value === undefined)) return values[0] === null ? null : undefined;
    const value = Object.create(this.prototype) as Record<string, unknown>;
    this.parts.forEach((part, at) =>
      Object.defineProperty(value, part.name, {
        value: convert(values[at], part),
        writable: true,
        enumerable: true,
        configurable: true,
      }),
    );
    return value;
  }

  #refusal(model: string, what: string): Error {
    return new InvalidValueError(`${model}.${this.attribute}: ${what}`, { model, attributes: [this.attribute] });
  }
}

/** The embedded attributes of a model, its base's before. */
class Values implements EmbeddedValues {
  readonly #values: readonly Value[];

  constructor(value: Value, before: Values | undefined) {
    this.#values = [...(before ? before.#values : []), value];
  }

  has(attribute: string): boolean {
    return this.#values.some((value) => value.attribute === attribute);
  }

  spread(given: Readonly<Record<string, unknown>>, model: string): Record<string, unknown> {
    const flat: Record<string, unknown> = { ...given };
    for (const value of this.#values) {
      if (!Object.hasOwn(flat, value.attribute)) continue;
      const own = flat[value.attribute];
      delete flat[value.attribute];
      if (own !== undefined) Object.assign(flat, value.spread(own, model));
    }
    return flat;
  }

  nest(row: Record<string, unknown>): Record<string, unknown> {
    for (const value of this.#values) {
      const whole = value.nested(row, (part) => part);
      for (const { column } of value.parts) delete row[column.attribute];
      if (whole !== undefined) row[value.attribute] = whole;
    }
    return row;
  }

  toJson(entity: Readonly<Record<string, unknown>>, json: Record<string, unknown>): void {
    for (const value of this.#values) {
      const whole = value.nested(entity, (part, { column }) =>
        part === null || part === undefined ? null : column.type.toJson(part),
      );
      if (whole !== undefined) json[value.attribute] = whole && { ...whole };
    }
  }
}

/** Of an object of another class only the parts are looked at. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype && isRecord(value);
}
