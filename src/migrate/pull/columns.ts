import type { ColumnTypes } from '../dialect.ts';
import { keyOf } from '../names.ts';
import type { ColumnSnapshot, EnumSnapshot, ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import type { Style, TableNames } from './names.ts';
import { property, quoted, sqlTag } from './words.ts';

/** What the text of models is made with. */
export interface Pull {
  readonly schema: SchemaSnapshot;
  readonly columnType: ColumnTypes;
  readonly style: Style;
  readonly names: ReadonlyMap<string, TableNames>;
  /** What a type of labels is called; noted as it is used. */
  readonly enumName: (of: EnumSnapshot) => string;
  /** Noted as they are used. */
  readonly imports: Set<string>;
}

/** The columns of a table: those of its key first, in the order of the key. */
export function columnLines(of: TableNames, pull: Pull): string[] {
  const { table } = of;
  const key = table.primaryKey?.columns ?? [];
  const first = key.map((name) => table.columns.find((column) => column.name === name)!);
  const others = table.columns.filter(({ name }) => !key.includes(name));
  return [...first, ...others].map(
    (column) => `${property(of.attributes.get(column.name)!)}: ${columnCode(column, of, pull)},`,
  );
}

function columnCode(column: ColumnSnapshot, of: TableNames, pull: Pull): string {
  const { table } = of;
  const { name, nullable, collation, comment } = column;
  const source = pull.columnType(column, table, pull.schema, pull.enumName);
  for (const used of source.imports) pull.imports.add(used);
  const attribute = of.attributes.get(name)!;
  const isKey = table.primaryKey?.columns.includes(name);
  const [reference] = soleReferences(table, name, pull);
  const parts = [
    source.code,
    pull.style.of(attribute) === name ? '' : `.named(${quoted(name)})`,
    isKey ? keyCode(column, table) : '',
    isUnique(table, name) ? '.unique()' : '',
    valueCode(column, pull),
    collation === undefined ? '' : `.collate(${quoted(collation)})`,
    comment === undefined ? '' : `.comment(${quoted(comment)})`,
    reference ? `.references(${referenceCode(reference, pull)})` : '',
    nullable && !isKey ? '.nullable()' : '',
  ];
  return parts.join('');
}

function keyCode({ identity, type }: ColumnSnapshot, table: TableSnapshot): string {
  const isSole =
    table.primaryKey!.columns.length === 1 &&
    table.foreignKeys.every((key) => !key.columns.includes(table.primaryKey!.columns[0]!));
  if (identity && isSole) return identity === 'once' ? '.primaryKey({ autoincrement: true })' : '.primaryKey()';
  return /int|serial/i.test(type) ? '.primaryKey({ generated: false })' : '.primaryKey()';
}

function valueCode(column: ColumnSnapshot, pull: Pull): string {
  const { generated } = column;
  if (!generated && column.default === undefined) return '';
  pull.imports.add('sql');
  if (!generated) return `.defaultSql(${sqlTag(column.default!)})`;
  return `.generatedAs(${sqlTag(generated.expression)}${generated.stored ? ', { stored: true }' : ''})`;
}

function isUnique({ uniques }: TableSnapshot, name: string): boolean {
  return uniques.some(({ columns }) => columns.length === 1 && columns[0] === name);
}

/** The foreign keys of one column to tables that are there. */
export function soleReferences(table: TableSnapshot, name: string, { names }: Pull): ForeignKeySnapshot[] {
  return table.foreignKeys.filter(
    ({ columns, target }) => columns.length === 1 && columns[0] === name && names.has(keyOf(target)),
  );
}

/** `'users.id', { onDelete: 'cascade' }` */
function referenceCode(key: ForeignKeySnapshot, { names }: Pull): string {
  const target = names.get(keyOf(key.target))!;
  const attributes = key.references.map((name) => target.attributes.get(name)!).join(',');
  const options = actions(key);
  return `${quoted(`${key.target.name}.${attributes}`)}${options === '' ? '' : `, { ${options} }`}`;
}

export function actions({ onDelete, onUpdate, deferrable }: ForeignKeySnapshot): string {
  return Object.entries({ onDelete, onUpdate, deferrable })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${quoted(value)}`]))
    .join(', ');
}
