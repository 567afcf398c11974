import { keyOf } from '../names.ts';
import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { snakeCase } from '../../schema/naming.ts';
import { camel, capital, ownName, pascal, singular, wordsOf } from './words.ts';

/** What a table is called in the program, and its columns. */
export interface TableNames {
  readonly table: TableSnapshot;
  /** Of the class, or of the constant of a table without a key. */
  readonly name: string;
  readonly isModel: boolean;
  /** By the names of the columns. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Names of attributes and relations that are taken. */
  readonly taken: Set<string>;
}

/** How names of columns follow from attributes: `author_id` from `authorId` is what models do anyway. */
export interface Style {
  readonly option: string | undefined;
  of(attribute: string): string;
}

const STYLES: readonly Style[] = [
  { option: undefined, of: snakeCase },
  { option: '(attribute) => attribute', of: (attribute) => attribute },
  { option: '(attribute) => attribute.slice(0, 1).toUpperCase() + attribute.slice(1)', of: capital },
];

/** Attributes that an entity cannot have. */
const NOT_ATTRIBUTES = ['then', 'constructor', 'toJSON', '__proto__'];

/** The style that says most of the names of a schema. */
export function styleOf({ tables }: SchemaSnapshot): Style {
  const names = tables.flatMap(({ columns }) => columns.map(({ name }) => name));
  const score = (style: Style): number => names.filter((name) => style.of(camel(wordsOf(name))) === name).length;
  return STYLES.reduce((best, style) => (score(style) > score(best) ? style : best));
}

/** Whether a table is a mere link of two others: two foreign keys, together its columns and its key. */
export function isLink(table: TableSnapshot): boolean {
  const [first, second, ...others] = table.foreignKeys;
  if (!first || !second || others.length > 0) return false;
  const columns = [...first.columns, ...second.columns];
  const all = new Set(columns);
  return (
    all.size === columns.length &&
    all.size === table.columns.length &&
    table.primaryKey?.columns.length === all.size &&
    [first, second].every(({ onDelete, onUpdate }) => onDelete !== 'set default' && onUpdate !== 'set default')
  );
}

/** Names for the tables of a schema: no two alike, none a word of the language. */
export function namesOf(schema: SchemaSnapshot, imports: readonly string[]): Map<string, TableNames> {
  const taken = new Set(imports);
  return new Map(
    schema.tables.map((table): [string, TableNames] => {
      const isModel = table.primaryKey !== undefined && !isLink(table);
      const words = wordsOf(table.name);
      const wanted = isModel ? pascal([...words.slice(0, -1), singular(words.at(-1) ?? 'table')]) : camel(words);
      const name = ownName(wanted === '' ? 'Table' : wanted, taken, isModel ? 'Row' : 'Table');
      return [keyOf(table), { table, name, isModel, ...attributesOf(table) }];
    }),
  );
}

function attributesOf(table: TableSnapshot): Pick<TableNames, 'attributes' | 'taken'> {
  const taken = new Set(NOT_ATTRIBUTES);
  const attributes = new Map<string, string>();
  for (const { name } of table.columns) {
    const wanted = camel(wordsOf(name));
    const start = wanted === '' ? 'column' : /^\p{N}/u.test(wanted) ? `_${wanted}` : wanted;
    let attribute = NOT_ATTRIBUTES.includes(start) ? `${start}Value` : start;
    for (let at = 2; taken.has(attribute); at++) attribute = `${start}${at}`;
    taken.add(attribute);
    attributes.set(name, attribute);
  }
  return { attributes, taken };
}
