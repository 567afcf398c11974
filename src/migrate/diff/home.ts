import { quote } from '../text/quote.ts';
import type { ObjectName, SchemaSnapshot } from '../snapshot.ts';

/** Whether the default schema is named or not is all one. */
export function atHome(schema: SchemaSnapshot, home: string | undefined): SchemaSnapshot {
  if (home === undefined) return schema;
  const own = <T extends ObjectName>(item: T): T => {
    if (item.schema !== home) return item;
    const { schema: _, ...rest } = item;
    return rest as T;
  };
  return {
    ...schema,
    schemas: schema.schemas.filter((name) => name !== home),
    tables: schema.tables.map((table) => ({
      ...own(table),
      columns: table.columns.map((column) =>
        column.type.startsWith(`${quote(home)}.`)
          ? { ...column, type: column.type.slice(quote(home).length + 1) }
          : column,
      ),
      foreignKeys: table.foreignKeys.map((key) => ({ ...key, target: own(key.target) })),
    })),
    enums: schema.enums.map(own),
    views: schema.views.map(own),
  };
}
