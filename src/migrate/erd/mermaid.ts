import type { ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { keyOf, shown } from '../names.ts';

/**
 * The tables of a schema and their foreign keys, as a diagram of Mermaid.
 *
 * @example
 * erdMermaid(snapshotOf(Model.metadata, sqliteDialect))
 * // erDiagram
 * //   users ||--o{ posts : "author_id"
 */
export function erdMermaid(schema: SchemaSnapshot): string {
  const names = new Map(schema.tables.map((table, at) => [keyOf(table), entity(table, at)]));
  const relations = schema.tables.flatMap((table) =>
    table.foreignKeys.flatMap((key) => {
      const target = names.get(keyOf(key.target));
      const link = `${parentEnd(table, key)}--${childEnd(table, key)}`;
      return target === undefined
        ? []
        : [`  ${target.id} ${link} ${names.get(keyOf(table))!.id} : ${label(key.columns.join(', '))}`];
    }),
  );
  const tables = schema.tables.map((table) => {
    const { id, alias } = names.get(keyOf(table))!;
    const columns = table.columns.map(({ name, type, nullable }) => {
      const comment = nullable ? ` "null"` : '';
      return `    ${word(type || 'any')} ${word(name)}${keys(table, name)}${comment}`;
    });
    return [`  ${id}${alias} {`, ...columns, '  }'].join('\n');
  });
  return `${['erDiagram', ...relations, ...tables].join('\n')}\n`;
}

/** Words of Mermaid's own. */
const WORDS = /^(?:class|classDef|style|erDiagram|one|many|to|end|subgraph|accTitle|accDescr)$/i;

/** Mermaid takes words; a name that is none stands beside one. */
function entity(table: TableSnapshot, at: number): { id: string; alias: string } {
  const name = shown(table);
  return /^[A-Za-z_]\w*$/.test(name) && !WORDS.test(name)
    ? { id: name, alias: '' }
    : { id: `t${at + 1}`, alias: `[${label(name)}]` };
}

function word(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N}_()[\]-]+/gu, '_').replaceAll(/^[^\p{L}_]+/gu, '');
  // What a column is, and not what it is called.
  return /^(?:|PK|FK|UK)$/i.test(plain) ? `${plain}_` : plain;
}

function label(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`;
}

function keys(table: TableSnapshot, name: string): string {
  const marks = [
    table.primaryKey?.columns.includes(name) && 'PK',
    table.foreignKeys.some(({ columns }) => columns.includes(name)) && 'FK',
    table.uniques.some(({ columns }) => columns.length === 1 && columns[0] === name) && 'UK',
  ].filter((mark) => mark !== false && mark !== undefined);
  return marks.length > 0 ? ` ${marks.join(', ')}` : '';
}

/** Whether rows may refer to none. */
export function isOptional(table: TableSnapshot, { columns }: ForeignKeySnapshot): boolean {
  return columns.some((name) => table.columns.some((column) => column.name === name && column.nullable));
}

/** Whether a row is referred to by one row at most. */
export function isSingle({ uniques, primaryKey }: TableSnapshot, { columns }: ForeignKeySnapshot): boolean {
  const own = columns.toSorted().join('\0');
  return [...uniques, ...(primaryKey ? [primaryKey] : [])].some((key) => key.columns.toSorted().join('\0') === own);
}

function parentEnd(table: TableSnapshot, key: ForeignKeySnapshot): string {
  return isOptional(table, key) ? '|o' : '||';
}

function childEnd(table: TableSnapshot, key: ForeignKeySnapshot): string {
  return isSingle(table, key) ? 'o|' : 'o{';
}
