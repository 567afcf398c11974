import { ConfigurationError } from '../errors/errors.ts';
import type { SqlType } from '../types/sql-type.ts';
import { isBranded } from '../util/brand.ts';
import type { Fragment } from './fragment.ts';

/** Marks types that carry a definition. A type only. */
export declare const definition: unique symbol;

/**
 * `generated` and `optional`: a new row need not be given it. `computed`: it cannot be given it. `foreign`: a relation
 * may give it.
 */
export type Flag = 'key' | 'generated' | 'optional' | 'computed' | 'foreign' | 'hidden';

/** What happens to a row when the row that it refers to is deleted. */
export type OnDelete = 'cascade' | 'set null' | 'set default' | 'restrict' | 'no action';

/** How a foreign key is kept. */
export interface ForeignKeyOptions {
  readonly onDelete?: OnDelete;
  /** What happens when the key that the row refers to changes. */
  readonly onUpdate?: OnDelete;
  /** Whether a transaction may put the check off to its end, and whether it does so unasked. */
  readonly deferrable?: 'immediate' | 'deferred';
  /** The name of the constraint, where it is not what the naming strategy makes. */
  readonly name?: string;
}

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
  /**
   * A sole integer key is generated; with `autoincrement`, SQLite gives none a second time, whatever was deleted. On each
   * column of a composite key; an integer among them says `{ generated: false }`.
   */
  primaryKey(options?: {
    autoincrement?: boolean;
  }): Column<V, F | 'key' | (V extends number | bigint ? ('foreign' extends F ? never : 'generated') : never)>;
  primaryKey(options: { generated: false }): Column<V, F | 'key'>;
  /** Columns are NOT NULL without this. */
  nullable(): Column<V | null, F | 'optional'>;
  unique(): Column<V, F>;
  /** A value, or a function that makes one when an object is constructed. */
  default(make: V | (() => V)): Column<V, F | 'optional'>;
  /**
   * A default that the database makes, or a value that it keeps as one; in memory once `commit()` resolves.
   *
   * @example
   * timestamp().defaultSql(sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`) // default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
   * numeric(10, 2).defaultSql('1.00')                                  // default ('100')
   */
  defaultSql(expr: Fragment | V): Column<V, F | 'optional'>;
  /**
   * A column that the database computes from others: never written, read back by every write. `stored` keeps the value
   * in the row; without, it is computed when it is read.
   *
   * @example
   * fullName: text().generatedAs(({ first, last }) => sql`${first} || ' ' || ${last}`)
   * // "full_name" text not null generated always as ("first" || ' ' || "last") virtual
   */
  generatedAs(rule: Rule, options?: { stored?: boolean }): Column<V, Exclude<F, 'optional'> | 'computed' | 'optional'>;
  /**
   * A condition that every row meets, or the database refuses it: a `CheckViolation`. For typed conditions:
   * `constrain()`.
   *
   * @example
   * integer().check(({ age }) => sql`${age} >= 18`, 'adult') // constraint "ck_users_adult" check ("age" >= 18)
   */
  check(rule: Rule, name?: string): Column<V, F>;
  /** How the database compares and orders its text: `nocase`. */
  collate(collation: string): Column<V, F>;
  /** Stored where the database keeps comments; SQLite does not. */
  comment(text: string): Column<V, F>;
  /** The value that an UPDATE gives when the program changed others and not this one. */
  onUpdate(make: () => V): Column<V, F>;
  /** `'users.id'`, table and attribute, resolved through the metadata. */
  references(target: string, options?: ForeignKeyOptions): Column<V, Exclude<F, 'generated'> | 'foreign'>;
  /** The name in the database, where it is not what the naming strategy makes. */
  named(databaseName: string): Column<V, F>;
  /**
   * The version of the row: an UPDATE or DELETE of another version is a `StaleDataError`. An integer counts, a `uuid()` is a
   * random token, a `timestamp()` the time of the change and always later than the one before; others say how the next is
   * made. With `fetched()` the database makes it.
   *
   * @example
   * integer().version()                               // 1, 2, 3
   * text().version(() => crypto.randomUUID())         // a token of one's own
   * integer().version().fetched()                     // a trigger's
   */
  version(make?: (previous: V | undefined) => V): Column<V, F | 'optional'>;
  /**
   * The database changes the value itself, as a trigger does: the session reads it back after each INSERT and UPDATE of the
   * row, in the same unit.
   */
  fetched(): Column<V, F | 'optional'>;
  /** Not enumerable and not in `toJSON`, so that neither a copy nor a response shows it. */
  hidden(): Column<V, F | 'hidden'>;
}

/** SQL over the columns of a table, given by attribute. */
export type Rule = Fragment | ((columns: Readonly<Record<string, Fragment>>) => Fragment);

/** What the program asks of values beside their type. It comes with the first rule: a program without one carries none. */
export interface Guard {
  /** The value to keep, or what `refuse` makes of the reason, thrown. */
  accept(value: unknown, refuse: (what: string) => Error): unknown;
  /** Says what is wrong with a value, or which to keep. */
  run(value: unknown): { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly Issue[] };
  /** Puts the attribute on an entity so that what is assigned is looked at. */
  define(entity: object, mapped: never, value: unknown): void;
}

/** What a rule finds wrong, as Standard Schema says it. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
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
  /** Of a version: the one after `previous`, where its type does not say. */
  readonly next?: ((previous: unknown) => unknown) | undefined;
  /** Read back after each write, in a statement of its own. */
  readonly fetched?: true;
  readonly make?: () => unknown;
  /** A `Fragment`, or a value of the column's type. */
  readonly defaultSql?: unknown;
  readonly computed?: { readonly rule: Rule; readonly stored: boolean };
  readonly checks?: readonly { readonly rule: Rule; readonly name: string | undefined }[];
  readonly collation?: string;
  readonly comment?: string;
  /** Of a key that the database makes: whether it may make one again that was deleted. */
  readonly autoincrement?: boolean | undefined;
  /** Why no program gives the key. */
  readonly always?: string | undefined;
  readonly onUpdate?: () => unknown;
  readonly references?: ForeignKeyOptions & { readonly target: string };
  readonly name?: string;
  readonly guard?: Guard;
}

const COLUMN: symbol = Symbol.for('cinnabar.column');

/** Builds a `ColumnSpec`, one copy for each call. */
export class ColumnBuilder {
  declare readonly spec: ColumnSpec;

  constructor(spec: ColumnSpec) {
    this.spec = spec;
  }

  get brand(): symbol {
    return COLUMN;
  }

  #with(change: Partial<ColumnSpec>): never {
    return new ColumnBuilder({ ...this.spec, ...change }) as never;
  }

  primaryKey({ generated, autoincrement }: { generated?: boolean; autoincrement?: boolean } = {}): never {
    return this.#with({ key: true, generated: generated !== false, autoincrement });
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
  defaultSql(expr: unknown): never {
    return this.#with({ defaultSql: expr });
  }
  generatedAs(rule: Rule, { stored = false }: { stored?: boolean } = {}): never {
    return this.#with({ computed: { rule, stored } });
  }
  check(rule: Rule, name?: string): never {
    return this.#with({ checks: [...(this.spec.checks ?? []), { rule, name }] });
  }
  collate(collation: string): never {
    return this.#with({ collation });
  }
  comment(text: string): never {
    return this.#with({ comment: text });
  }
  onUpdate(make: () => unknown): never {
    return this.#with({ onUpdate: make });
  }
  references(target: string, options?: ForeignKeyOptions): never {
    if (!/^[^.]+\.[^.]+$/.test(target)) {
      throw new ConfigurationError(`references('${target}'): expected 'table.attribute', like 'users.id'`);
    }
    return this.#with({ references: { target, ...options } });
  }
  named(databaseName: string): never {
    return this.#with({ name: databaseName });
  }
  version(next?: (previous: unknown) => unknown): never {
    return this.#with({ version: true, next });
  }
  fetched(): never {
    return this.#with({ fetched: true });
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
