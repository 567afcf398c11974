import { ConfigurationError } from '../errors/errors.ts';
import type { SqlType } from '../types/sql-type.ts';
import { isBranded } from '../util/brand.ts';
import type { Fragment } from './fragment.ts';

/** Marks types that carry a definition. A type only. */
export declare const definition: unique symbol;

/** `generated` and `optional`: a new row need not be given it. `foreign`: a relation may give it. */
export type Flag = 'key' | 'generated' | 'optional' | 'foreign' | 'hidden';

/** What happens to a row when the row that it refers to is deleted. */
export type OnDelete = 'cascade' | 'set null' | 'restrict';

/**
 * A column: plain schema data. Each method returns a new column.
 *
 * @example
 * class User extends Model('users', {
 *   id: integer().primaryKey(),
 *   email: text().unique().nullable(),
 * }) {}
 */
export interface Column<V, F extends Flag = never> {
  readonly [definition]: [V, F];
  /** A sole integer key is generated. On each column of a composite key; an integer among them says `{ generated: false }`. */
  primaryKey(): Column<
    V,
    F | 'key' | (V extends number | bigint ? ('foreign' extends F ? never : 'generated') : never)
  >;
  primaryKey(options: { generated: false }): Column<V, F | 'key'>;
  /** Columns are NOT NULL without this. */
  nullable(): Column<V | null, F | 'optional'>;
  unique(): Column<V, F>;
  /** A value, or a function that makes one when an object is constructed. */
  default(make: V | (() => V)): Column<V, F | 'optional'>;
  /** A default that the database makes; in memory once `commit()` resolves. */
  defaultSql(expr: Fragment): Column<V, F | 'optional'>;
  /** The value that an UPDATE gives when the program changed others and not this one. */
  onUpdate(make: () => V): Column<V, F>;
  /** `'users.id'`, table and attribute, resolved through the metadata. */
  references(target: string, options?: { onDelete?: OnDelete }): Column<V, Exclude<F, 'generated'> | 'foreign'>;
  /** The name in the database, where it is not what the naming strategy makes. */
  named(databaseName: string): Column<V, F>;
  /** An integer that counts the versions of the row: an UPDATE or DELETE of another version is a `StaleDataError`. */
  version(): Column<V, F | 'optional'>;
  /** Not enumerable and not in `toJSON`, so that neither a copy nor a response shows it. */
  hidden(): Column<V, F | 'hidden'>;
}

/** What a column says, as data. */
export interface ColumnSpec {
  readonly type: SqlType;
  readonly key: boolean;
  readonly generated: boolean;
  readonly nullable: boolean;
  readonly unique: boolean;
  readonly hidden: boolean;
  readonly version: boolean;
  readonly make?: () => unknown;
  readonly defaultSql?: Fragment;
  readonly onUpdate?: () => unknown;
  readonly references?: { readonly target: string; readonly onDelete?: OnDelete };
  readonly name?: string;
}

const COLUMN: symbol = Symbol.for('cinnabar.column');

/** Builds a `ColumnSpec`, one copy for each call. */
export class ColumnBuilder {
  readonly spec: ColumnSpec;

  constructor(spec: ColumnSpec) {
    this.spec = spec;
  }

  get brand(): symbol {
    return COLUMN;
  }

  #with(change: Partial<ColumnSpec>): never {
    return new ColumnBuilder({ ...this.spec, ...change }) as never;
  }

  primaryKey(options?: { generated: false }): never {
    return this.#with({ key: true, generated: options?.generated !== false });
  }
  nullable(): never {
    return this.#with({ nullable: true });
  }
  unique(): never {
    return this.#with({ unique: true });
  }
  default(make: unknown): never {
    return this.#with({ make: typeof make === 'function' ? (make as () => unknown) : copying(make) });
  }
  defaultSql(expr: Fragment): never {
    return this.#with({ defaultSql: expr });
  }
  onUpdate(make: () => unknown): never {
    return this.#with({ onUpdate: make });
  }
  references(target: string, options?: { onDelete?: OnDelete }): never {
    if (!/^[^.]+\.[^.]+$/.test(target)) {
      throw new ConfigurationError(`references('${target}'): expected 'table.attribute', like 'users.id'`);
    }
    return this.#with({ references: { target, ...options } });
  }
  named(databaseName: string): never {
    return this.#with({ name: databaseName });
  }
  version(): never {
    return this.#with({ version: true });
  }
  hidden(): never {
    return this.#with({ hidden: true });
  }
}

/** A default that is an object belongs to one row: each gets a copy. */
function copying(value: unknown): () => unknown {
  return typeof value === 'object' && value !== null ? () => structuredClone(value) : () => value;
}

export function isColumn(value: unknown): value is ColumnBuilder {
  return isBranded(value, COLUMN);
}
