import { tableOf } from '../names.ts';
import { constraintsOf } from '../operations/constraints.ts';
import type { AddColumn, AlterColumn } from '../operations/operation.ts';
import { isSafeChange, typeParts } from '../operations/type-change.ts';
import type { ColumnSnapshot, SchemaSnapshot } from '../snapshot.ts';
import { columnText } from '../text/ddl.ts';
import { literal, qualified, quote } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { readIndexes } from './dependents.ts';
import { addConstraint, commentOn, createIndex, postgresText } from './text.ts';

/** Rows that are there get the value of `fill`, where that is not the column's default. */
export function addColumn({ table, column, fill }: Pick<AddColumn, 'table' | 'column' | 'fill'>): string[] {
  const { name, comment, nullable } = column;
  const said = comment === undefined ? [] : [commentOn(`column ${qualified(table)}.${quote(name)}`, comment)];
  const alter = `alter table ${qualified(table)} `;
  if (fill === undefined) return [`${alter}add column ${columnText(column, postgresText)}`, ...said];
  return [
    `${alter}add column ${columnText({ ...column, nullable: true }, postgresText)}`,
    `update ${qualified(table)} set ${quote(name)} = (${fill})`,
    ...(nullable ? [] : [`${alter}alter column ${quote(name)} set not null`]),
    ...said,
  ];
}

export function alterColumn(operation: AlterColumn, schema: SchemaSnapshot): string[] {
  const { table, from, to } = operation;
  const isComputed = to.generated && JSON.stringify(to.generated) !== JSON.stringify(from.generated);
  const isVirtual = from.generated && !to.generated && !from.generated.stored;
  if (isComputed || isVirtual) return made(operation, schema);
  const name = `${qualified(table)}.${quote(to.name)}`;
  const comment = from.comment === to.comment ? [] : [commentOn(`column ${name}`, to.comment)];
  return [...changed(operation), ...comment];
}

/** Of what is computed nothing has to be kept; the indexes and constraints of the column go with it. */
function made({ table, from, to, using }: AlterColumn, schema: SchemaSnapshot): string[] {
  const whole = tableOf(schema, table);
  const indexes = readIndexes(whole, (text) => mentions(text, from.name), [from.name]);
  const constraints = constraintsOf(whole).filter((constraint) =>
    constraint.kind === 'check' ? mentions(constraint.expression, from.name) : constraint.columns.includes(from.name),
  );
  // What was computed when it was read is stored nowhere.
  const expression = from.generated && !to.generated ? from.generated.expression : undefined;
  const value = expression === undefined ? undefined : (using ?? converted(`(${expression})`, from, to));
  return [
    `alter table ${qualified(table)} drop column ${quote(from.name)}`,
    ...addColumn({ table, column: to, ...(value !== undefined && { fill: value }) }),
    ...constraints.map((constraint) => addConstraint(table, constraint)),
    ...indexes.map((index) => createIndex(table, index)),
  ];
}

function changed({ table, from, to, using }: AlterColumn): string[] {
  const column = `alter table ${qualified(table)} alter column ${quote(from.name)} `;
  const isRetyped = from.type !== to.type || from.collation !== to.collation || using !== undefined;
  const isDefaultNew = from.default !== to.default || isRetyped;
  const collation = to.collation === undefined ? '' : ` collate ${quote(to.collation)}`;
  const losesIdentity = from.identity !== undefined && to.identity === undefined;
  const when = (condition: unknown, text: string): string[] => (condition ? [`${column}${text}`] : []);
  return [
    ...when(from.generated && !to.generated, 'drop expression'),
    // A sequence that gives a default is an identity here too.
    ...when(losesIdentity, 'drop identity if exists'),
    // A default has the old type, and might have no cast to the new one.
    ...when((from.default !== undefined && isDefaultNew) || losesIdentity, 'drop default'),
    ...when(isRetyped, `type ${to.type}${collation} using ${using ?? converted(quote(from.name), from, to)}`),
    ...when(to.default !== undefined && isDefaultNew, `set default ${to.default}`),
    ...when(from.nullable !== to.nullable, `${to.nullable ? 'drop' : 'set'} not null`),
    ...identityChange(column, { table, from, to }),
  ];
}

/** By its text a value becomes the new type or is refused; casts between types may round it, and many are missing. */
function converted(value: string, from: ColumnSnapshot, to: ColumnSnapshot): string {
  return `${value}${isSafeChange(from.type, to.type) ? '' : '::text'}::${castType(to.type)}`;
}

function identityChange(column: string, { table, from, to }: Pick<AlterColumn, 'table' | 'from' | 'to'>): string[] {
  if (!to.identity || from.identity === to.identity) return [];
  if (!from.identity) return addIdentity(column, to, table);
  return [`${column}set generated ${to.identity === 'always' ? 'always' : 'by default'}`];
}

/** An explicit cast to `varchar(4)` or `numeric(5, 2)` cuts values off in silence: without the size, the column refuses. */
function castType(type: string): string {
  const { name, array } = typeParts(type);
  return /^(?:character|character varying|bit|bit varying)$/.test(name)
    ? `${name === 'character' ? 'bpchar' : name}${array}`
    : type;
}

/** The sequence goes on after the keys that are there. */
function addIdentity(column: string, to: AlterColumn['to'], table: AlterColumn['table']): string[] {
  const name = literal(qualified(table));
  const next = `coalesce((select max(${quote(to.name)}) from ${qualified(table)}), 0) + 1`;
  return [
    `${column}add ${postgresText.identity(to)}`,
    `select setval(pg_get_serial_sequence(${name}, ${literal(to.name)}), ${next}, false)`,
  ];
}
