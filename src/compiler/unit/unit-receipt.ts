import type { Table } from '../../schema/table.ts';
import type { Statement } from '../statement.ts';

/** What a unit writes beside its rows, so that one can learn later whether it was stored, and with which keys. */
export interface UnitReceipt {
  /** What stands before the rows. */
  begin(): readonly Statement[];
  /** What follows new rows of a table, whose keys the database has made. */
  made(table: Table, rows: number): readonly Statement[];
  /**
   * What stands at the end.
   *
   * @param kept SQL for the keys of each table, in the order of their inserts, where the unit has drawn them.
   */
  end(kept: readonly string[]): readonly Statement[];
}
