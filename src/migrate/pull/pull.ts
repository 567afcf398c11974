import { type ByDialect, type ColumnTypes, ofDialect } from '../dialect.ts';
import { keyOf, shown } from '../names.ts';
import type { EnumSnapshot, IndexSnapshot, IndexTerm, SchemaSnapshot } from '../snapshot.ts';
import { columnType as postgres } from '../postgres/column-type.ts';
import { columnType as sqlite } from '../sqlite/column-type.ts';
import { actions, columnLines, type Pull, soleReferences } from './columns.ts';
import { namesOf, styleOf, type TableNames } from './names.ts';
import { relationsOf } from './relations.ts';
import { camel, capital, member, ownName, property, quoted, sqlTag, wordsOf } from './words.ts';

export interface PullOptions {
  /** What the models import from: `cinnabar` unless given. */
  readonly from?: string;
}

const COLUMN_TYPES: ByDialect<ColumnTypes> = { sqlite, postgres };

/** Whatever a module of models may import. */
const IMPORTS =
  'Model array bigint boolean bytes customType declarativeBase declared double enumType inet cidr index integer interval json many numeric one plainDate plainDateTime plainTime sql table text timestamp uuid';

/**
 * The models of a schema, as TypeScript: both sides of every relation, links of many to many, and what the database
 * checks. Compared with the database again, they differ from it in nothing.
 *
 * @example
 * writeFileSync('models.ts', pull(await reflect(engine)))
 * // export class User extends Model('users', { id: integer().primaryKey(), … }) {}
 */
export function pull(schema: SchemaSnapshot, { from = 'cinnabar' }: PullOptions = {}): string {
  const names = namesOf(schema, IMPORTS.split(' '));
  const style = styleOf(schema);
  const enums = new Map<string, string>();
  const taken = new Set([...IMPORTS.split(' '), ...[...names.values()].map(({ name }) => name)]);
  const enumName = (of: EnumSnapshot): string => {
    const known = enums.get(keyOf(of));
    if (known !== undefined) return known;
    const name = ownName(camel(wordsOf(of.name)) || 'labels', taken, 'Type');
    enums.set(keyOf(of), name);
    return name;
  };
  const columnType = ofDialect(COLUMN_TYPES, { name: schema.dialect });
  const made: Pull = { schema, columnType, style, names, enumName, imports: new Set() };
  made.imports.add('declarativeBase');
  const relations = relationsOf(schema, names);
  for (const { imports } of relations) made.imports.add(imports);
  const tables = schema.tables.map((table) => {
    const own = relations.filter(({ owner }) => owner === keyOf(table)).map(({ code }) => code);
    return table.opaque === undefined || table.columns.length > 0
      ? tableCode(names.get(keyOf(table))!, own, made)
      : left('table', table);
  });
  const views = schema.views.map((view) => left('view', view));
  const types = schema.enums.flatMap((of) => enumCode(of, enums.get(keyOf(of))));
  const naming = style.option === undefined ? '' : `{ naming: { column: ${style.option} } }`;
  const list = [...made.imports].toSorted((one, other) => (one < other ? -1 : 1)).join(', ');
  const line = `import { ${list} } from ${quoted(from)};`;
  const head =
    line.length <= WIDTH
      ? line
      : `import {\n${list
          .split(', ')
          .map((name) => `  ${name},\n`)
          .join('')}} from ${quoted(from)};`;
  return `${[head, `export const Model = declarativeBase(${naming});`, ...types, ...tables, ...views].join('\n\n')}\n`;
}

const WIDTH = 120;

/** A type of labels that columns use. */
function enumCode({ schema, name, labels }: EnumSnapshot, constant: string | undefined): string[] {
  if (constant === undefined) return [];
  const options = schema === undefined ? '' : `, { schema: ${quoted(schema)} }`;
  return [`export const ${constant} = enumType(${quoted(name)}, [${labels.map(quoted).join(', ')}]${options});`];
}

function left(kind: string, of: { readonly schema?: string; readonly name: string }): string {
  return `// The ${kind} ${quoted(shown(of))} has no model: it is left as it is.`;
}

function tableCode(of: TableNames, relations: readonly string[], made: Pull): string {
  const { table, name, isModel } = of;
  const lines = [...columnLines(of, made), ...relations];
  const body = `{\n${lines.map((line) => `  ${line}\n`).join('')}}`;
  const rules = rulesOf(of, made);
  const settings = settingsOf(of, made);
  if (isModel) {
    const options = settings.length > 0 ? `, { ${settings.join(', ')} }` : '';
    const constrain = rules.length > 0 ? `.constrain(${arrow(rules)})` : '';
    return `export class ${name} extends Model(${quoted(table.name)}, ${body}${options})${constrain} {}`;
  }
  made.imports.add('table');
  const all = ['metadata: Model.metadata', ...settings, ...(rules.length > 0 ? [`constrain: ${arrow(rules)}`] : [])];
  return `export const ${name} = table(${quoted(table.name)}, ${body}, { ${all.join(', ')} });`;
}

function arrow(rules: readonly string[]): string {
  const text = rules.join('');
  return `(${/\bc[.[]/.test(text) ? 'c' : ''}) => ({\n${rules.map((rule) => `  ${rule}\n`).join('')}})`;
}

/** What a table says beside its columns. */
function settingsOf({ table, attributes }: TableNames, made: Pull): string[] {
  const named = (columns: readonly string[]): string =>
    `[${columns.map((name) => quoted(attributes.get(name)!)).join(', ')}]`;
  const uniques = table.uniques.filter(({ columns }) => columns.length > 1).map(({ columns }) => named(columns));
  const keys = table.foreignKeys.flatMap((key) => {
    const target = made.names.get(keyOf(key.target));
    if (!target || soleReferences(table, key.columns[0]!, made)[0] === key) return [];
    const references = quoted(
      `${key.target.name}.${key.references.map((name) => target.attributes.get(name)!).join(',')}`,
    );
    return [
      `{ ${[`columns: ${named(key.columns)}`, `references: ${references}`, actions(key)].filter(Boolean).join(', ')} }`,
    ];
  });
  return [
    table.schema === undefined ? '' : `schema: ${quoted(table.schema)}`,
    table.strict ? 'strict: true' : '',
    table.withoutRowid ? 'withoutRowid: true' : '',
    table.comment === undefined ? '' : `comment: ${quoted(table.comment)}`,
    uniques.length > 0 ? `unique: [${uniques.join(', ')}]` : '',
    keys.length > 0 ? `foreignKeys: [${keys.join(', ')}]` : '',
  ].filter(Boolean);
}

function rulesOf(of: TableNames, made: Pull): string[] {
  const { table } = of;
  const taken = new Set<string>();
  const checks = table.checks.map(({ name, expression }) => {
    const wanted = (name ?? '').replace(new RegExp(`^ck_${escaped(table.name)}_`), '') || 'rule';
    let key = wanted;
    for (let at = 2; taken.has(key); at++) key = `${wanted}${at}`;
    taken.add(key);
    return `${property(key)}: ${sqlTag(expression, '<boolean>')}`;
  });
  const indexes = table.indexes.filter(isSayable).map((index) => indexCode(index, of, made));
  if (checks.length > 0) made.imports.add('sql');
  if (indexes.length > 0) made.imports.add('index');
  return [
    ...(checks.length > 0 ? [listed('checks: { ', checks, ' },')] : []),
    ...(indexes.length > 0 ? [listed('indexes: [', indexes, '],')] : []),
  ];
}

/** On one line where there is room. */
function listed(open: string, items: readonly string[], close: string): string {
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length + 2 <= WIDTH) return line;
  return `${open.trimEnd()}\n${items.map((item) => `    ${item},\n`).join('')}  ${close.trimStart()}`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}

/** Whether a model can declare the index; the others are left as they are. */
export function isSayable({ method, include, nullsNotDistinct, on }: IndexSnapshot): boolean {
  return (
    method === undefined &&
    include === undefined &&
    !nullsNotDistinct &&
    on.every(({ operators, collation }) => operators === undefined && collation === undefined)
  );
}

function indexCode({ name, on, unique, where }: IndexSnapshot, of: TableNames, made: Pull): string {
  if (where !== undefined || on.some(({ expression }) => expression !== undefined)) made.imports.add('sql');
  const parts = [
    `index(${on.map((term) => termCode(term, of)).join(', ')})`,
    unique ? '.unique()' : '',
    where === undefined ? '' : `.where(${sqlTag(where, '<boolean>')})`,
    `.named(${quoted(name)})`,
  ];
  return parts.join('');
}

function termCode({ column, expression, descending, nulls }: IndexTerm, { attributes }: TableNames): string {
  const start = column === undefined ? sqlTag(expression!) : member('c', attributes.get(column)!);
  const order = descending ? '.desc()' : nulls === undefined ? '' : '.asc()';
  return `${start}${order}${nulls === undefined ? '' : `.nulls${capital(nulls)}()`}`;
}
