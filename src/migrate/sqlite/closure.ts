import { topologicalGroups } from '../../util/topological.ts';
import { isSame } from '../names.ts';
import type { ObjectName, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';

/**
 * The tables whose rows go, or change, when those of some tables are deleted: these and all that refer to them, directly
 * or through others, whatever the actions of their keys. Those referred to first; a group of several is a cycle.
 */
export function closureOf(tables: readonly ObjectName[], schema: SchemaSnapshot): TableSnapshot[][] {
  const found = new Set(schema.tables.filter((table) => tables.some((name) => isSame(name, table))));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const table of schema.tables) if (referred(table, found).length > 0) found.add(table);
  }
  return topologicalGroups(found, (table) => referred(table, found));
}

/** Those of the tables that a table refers to. */
function referred(table: TableSnapshot, among: ReadonlySet<TableSnapshot>): TableSnapshot[] {
  return [...among].filter((other) => table.foreignKeys.some((key) => refersTo(key.target, other)));
}

/** SQLite compares names without regard to case. */
export function refersTo(target: ObjectName, table: ObjectName): boolean {
  return target.name.toLowerCase() === table.name.toLowerCase() && target.schema === table.schema;
}
