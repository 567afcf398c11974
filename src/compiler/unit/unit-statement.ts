import type { Table } from '../../schema/table.ts';
import type { SqlType } from '../../types/sql-type.ts';
import type { Dialect } from '../dialect.ts';
import type { WireValue } from '../statement.ts';
import type { InsertOperation } from '../write-plan.ts';

/** Adds a statement to the unit. */
export type Write = (text: (statement: UnitStatement) => string) => void;

/** How a unit refers to the keys that the database makes for its new rows. */
export interface UnitKeys {
  /**
   * SQL that the statement says once, and the key with an ordinal by it.
   *
   * @param isLatest whether the last row that was inserted is the last of the table, and the first of this statement asks.
   */
  base(table: Table, statement: UnitStatement, isLatest?: boolean): string;
  key(base: string, ordinal: string): string;
  /** Whether an insert of one row has to say its key: else the database makes it, and tells. */
  mustGive(operation: InsertOperation): boolean;
  /** Stands before the values of an INSERT that says its keys. */
  readonly overriding: string;
  /** A condition under which the keys of an insert are other than those referred to. */
  failure(operation: InsertOperation, lastKey: string, dialect: Dialect): string | undefined;
  /** Takes note of rows that were inserted. */
  made(operation: InsertOperation, rows: number): void;
  /** SQL for the keys of each table, where the unit has drawn them. */
  readonly kept: readonly string[];
  /** Adds what has to stand at the end of the unit. */
  finish(isParted: (operation: number) => boolean): void;
}

/** A statement of a unit in the making: its parameters, and the keys that it refers to, each said once. */
export class UnitStatement {
  declare readonly dialect: Dialect;
  readonly params: WireValue[] = [];
  typed = false;
  readonly #keys: () => UnitKeys;
  readonly #bases = new Map<Table, string>();

  constructor(dialect: Dialect, keys: () => UnitKeys) {
    this.dialect = dialect;
    this.#keys = keys;
  }

  /** A parameter for a value in the database's form; what stands beside it gives it its type. */
  add(value: WireValue): string {
    return this.dialect.placeholder(this.params.push(value));
  }

  /** A parameter of a type, where nothing beside it says which. */
  bind(value: unknown, type: SqlType): string {
    const codec = this.dialect.codec(type);
    const placeholder = this.add(codec.encode(value));
    return codec.bind?.(placeholder) ?? placeholder;
  }

  /** A parameter for a value in the database's form, beside a column of its type. */
  cell(value: WireValue, type: SqlType): string {
    const placeholder = this.add(value);
    return this.dialect.typedParameters ? this.dialect.codec(type).bind!(placeholder) : placeholder;
  }

  /** The key that the unit makes for a row of the table. */
  key(table: Table, ordinal: string, isLatest?: boolean): string {
    const keys = this.#keys();
    let base = isLatest ? keys.base(table, this, true) : this.#bases.get(table);
    if (base === undefined) this.#bases.set(table, (base = keys.base(table, this)));
    return keys.key(base, ordinal);
  }
}
