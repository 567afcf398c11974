import { tableOf } from '../names.ts';
import { constraintsOf } from '../operations/constraints.ts';
import type { AlterColumn } from '../operations/operation.ts';
import { isSafeChange, typeParts } from '../operations/type-change.ts';
import type { ColumnSnapshot, SchemaSnapshot } from '../snapshot.ts';
import { columnText } from '../text/ddl.ts';
import { literal, qualified, quote } from '../text/quote.ts';
import { mentions } from '../text/tokens.ts';
import { readIndexes } from './dependents.ts';
import { addConstraint, commentOn, createIndex, postgresText } from './text.ts';

export function alterColumn(operation: AlterColumn, schema: SchemaSnapshot): string[] {
  const { table, from, to } = operation;
  const name = `${qualified(table)}.${quote(to.name)}`;
  const isComputed = to.generated && JSON.stringify(to.generated) !== JSON.stringify(from.generated);
  const isVirtual = from.generated && !to.generated && !from.generated.stored;
  const isMade = isComputed || isVirtual;
  // A column that is made anew has lost its comment.
  const said = isMade ? undefined : from.comment;
  const comment = said === to.comment ? [] : [commentOn(`column ${name}`, to.comment)];
  const statements = isMade ? made(operation, schema) : changed(operation);
  return [...statements, ...comment];
}

/** Computed values are made anew, so nothing of the column has to be kept; its indexes and constraints go with it. */
function made({ table, from, to }: AlterColumn, schema: SchemaSnapshot): string[] {
  const alter = `alter table ${qualified(table)} `;
  const whole = tableOf(schema, table);
  const indexes = readIndexes(whole, (text) => mentions(text, from.name), [from.name]);
  const constraints = constraintsOf(whole).filter((constraint) =>
    constraint.kind === 'check' ? mentions(constraint.expression, from.name) : constraint.columns.includes(from.name),
  );
  return [
    `${alter}drop column ${quote(from.name)}`,
    `${alter}add column ${columnText(to, postgresText)}`,
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
    ...when(isRetyped, `type ${to.type}${collation} using ${using ?? converted(from, to)}`),
    ...when(to.default !== undefined && isDefaultNew, `set default ${to.default}`),
    ...when(from.nullable !== to.nullable, `${to.nullable ? 'drop' : 'set'} not null`),
    ...identityChange(column, { table, from, to }),
  ];
}

/** By its text a value becomes the new type or is refused; casts between types may round it, and many are missing. */
function converted(from: ColumnSnapshot, to: ColumnSnapshot): string {
  return `${quote(from.name)}${isSafeChange(from.type, to.type) ? '' : '::text'}::${castType(to.type)}`;
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
