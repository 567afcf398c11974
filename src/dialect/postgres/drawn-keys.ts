import { literal } from '../../util/literal.ts';
import { tableName } from '../../compiler/render.ts';
import type { UnitKeys, Write } from '../../compiler/unit/unit-statement.ts';
import type { InsertOperation, WritePlan } from '../../compiler/write-plan.ts';
import type { Table } from '../../schema/table.ts';
import { integerType } from '../../types/scalar.ts';

/**
 * Keys drawn from the sequence of a table before the first row is written, kept in a setting of the transaction. That is
 * exact whatever other transactions and triggers do: a sequence gives no key twice.
 */
export class DrawnKeys implements UnitKeys {
  readonly #names = new Map<Table, string>();
  readonly #all: boolean;

  /** @param all whether also the key of a single row is drawn, to which nothing refers. */
  constructor({ operations }: WritePlan, write: Write, all: boolean) {
    this.#all = all;
    for (const operation of operations) {
      if (operation.kind !== 'insert' || !operation.keys || !this.mustGive(operation)) continue;
      const { table, rows } = operation;
      const name = `cinnabar.keys_${this.#names.size}`;
      this.#names.set(table, name);
      write((statement) => {
        const sequence = [tableName(table, statement.dialect), table.generatedKey!.name].map(literal).join(', ');
        const next = `nextval(pg_get_serial_sequence(${sequence})) as key`;
        const keys = `select ${next} from generate_series(1, ${statement.bind(rows.length, integerType)})`;
        return `select set_config('${name}', array(select key from (${keys}) as drawn order by key)::text, true)`;
      });
    }
  }

  readonly overriding = 'overriding system value ';

  get kept(): string[] {
    return Array.from(this.#names.values(), setting);
  }

  base(table: Table): string {
    return setting(this.#names.get(table)!);
  }

  key(base: string, ordinal: string): string {
    return `(${base})[(${ordinal})::integer]`;
  }

  mustGive({ keys, rows }: InsertOperation): boolean {
    return keys !== undefined && (this.#all || rows.length > 1 || keys.references !== undefined);
  }

  failure(): undefined {}
  made(): void {}
  finish(): void {}
}

/** SQL for the keys that are kept under a name. */
function setting(name: string): string {
  return `(select current_setting('${name}')::bigint[])`;
}
