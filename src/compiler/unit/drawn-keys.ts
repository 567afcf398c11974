import type { Table } from '../../schema/table.ts';
import { integerType } from '../../types/scalar.ts';
import type { DrawnKeysDialect } from '../dialect.ts';
import type { InsertOperation, WritePlan } from '../write-plan.ts';
import type { UnitKeys, Write } from './unit-statement.ts';

/**
 * Keys drawn from the sequence of a table before the first row is written, kept in a setting of the transaction. That is
 * exact whatever other transactions and triggers do: a sequence gives no key twice.
 */
export class DrawnKeys implements UnitKeys {
  readonly #dialect: DrawnKeysDialect;
  readonly #names = new Map<Table, string>();
  readonly #all: boolean;

  /** @param all whether also the key of a single row is drawn, to which nothing refers. */
  constructor({ operations }: WritePlan, dialect: DrawnKeysDialect, write: Write, all: boolean) {
    this.#dialect = dialect;
    this.#all = all;
    for (const operation of operations) {
      if (operation.kind !== 'insert' || !operation.keys || !this.mustGive(operation)) continue;
      const { table, rows } = operation;
      const name = `cinnabar.keys_${this.#names.size}`;
      this.#names.set(table, name);
      write((statement) => dialect.draw(table, statement.bind(rows.length, integerType), name));
    }
  }

  get kept(): string[] {
    return Array.from(this.#names.values(), (name) => this.#dialect.kept(name));
  }

  get overriding(): string {
    return this.#dialect.overriding;
  }

  base(table: Table): string {
    return this.#dialect.kept(this.#names.get(table)!);
  }

  key(base: string, ordinal: string): string {
    return this.#dialect.key(base, ordinal);
  }

  mustGive({ keys, rows }: InsertOperation): boolean {
    return keys !== undefined && (this.#all || rows.length > 1 || keys.references !== undefined);
  }

  failure(): undefined {}
  made(): void {}
  finish(): void {}
}
