import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { literal, qualified, quote, quoteAll } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { affinity } from './affinity.ts';
import type { Rebuilt } from './rebuild.ts';

/** A statement that fails, and the transaction with it, where the condition holds. */
export function guard(condition: string, why: string): string {
  // No path of JSON begins so: the error says what it was.
  return `select json_extract('{}', case when ${condition} then ${literal(`cinnabar: ${why}`)} end)`;
}

export function differs(aside: string, table: TableSnapshot): string {
  return `(select count(*) from ${aside}) <> (select count(*) from ${qualified(table)})`;
}

export function keepsKeys(table: TableSnapshot): string {
  const place = table.schema === undefined ? '' : `, ${literal(table.schema)}`;
  return guard(
    `exists (select 1 from pragma_foreign_key_check(${literal(table.name)}${place}))`,
    `rows of ${table.name} refer to rows that are not there`,
  );
}

/** What a column of each affinity stores; SQLite keeps whatever it cannot convert as it was. */
const STORED: Readonly<Record<string, readonly string[]>> = {
  integer: ['integer', 'null'],
  real: ['real', 'null'],
  text: ['text', 'null'],
};

export function keepsTypes({ before, after }: Rebuilt): string[] {
  return after.columns.flatMap(({ name, type, generated }) => {
    const old = before.columns.find((column) => column.name === name);
    const stored = STORED[affinity(type)];
    if (!old || generated || !stored || affinity(old.type) === affinity(type)) return [];
    const list = stored.map(literal).join(', ');
    return [
      guard(
        `exists (select 1 from ${qualified(after)} where typeof(${quote(name)}) not in (${list}))`,
        `values of ${after.name}.${name} cannot be ${type}`,
      ),
    ];
  });
}

/** Views and triggers are compiled when they are used: this compiles those that name what was made anew, and runs none. */
export function compiles(made: readonly Rebuilt[], schema: SchemaSnapshot): string[] {
  const names = new Set(made.map(({ after }) => after.name));
  const isNamed = (sql: string): boolean => [...names].some((name) => mentions(sql, name));
  const views = schema.views.filter((view) => {
    const found = isNamed(view.query);
    if (found) names.add(view.name);
    return found;
  });
  const after = (table: TableSnapshot): TableSnapshot => made.find(({ before }) => before === table)?.after ?? table;
  const watched = schema.tables.filter(({ triggers = [] }) => triggers.some(({ sql }) => isNamed(sql))).map(after);
  return [
    ...views.map((view) => `select 1 from ${qualified(view)} limit 0`),
    ...watched.flatMap((table) => {
      const columns = table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
      const list = quoteAll(columns);
      const all = columns.map((name) => `${quote(name)} = ${quote(name)}`).join(', ');
      return [
        `insert into ${qualified(table)} (${list}) select ${list} from ${qualified(table)} where false`,
        `update ${qualified(table)} set ${all} where false`,
        `delete from ${qualified(table)} where false`,
      ];
    }),
  ];
}
