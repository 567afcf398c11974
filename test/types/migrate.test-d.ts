import { declared, integer, text, type Column } from 'cinnabar';
import { compare, diff, reverse, type Comparison, type Operation, type SchemaSnapshot } from 'cinnabar/migrate';
import { expectTypeOf, test } from 'vitest';

declare const schema: SchemaSnapshot;

test('operations are a union by their kind', () => {
  const [first] = diff(schema, schema).operations;
  if (first?.kind === 'renameColumn') expectTypeOf(first.to).toEqualTypeOf<string>();
  if (first?.kind === 'dropColumn') expectTypeOf(first.column.type).toEqualTypeOf<string>();
  expectTypeOf(reverse([])).toEqualTypeOf<Operation[]>();
  // @ts-expect-error a column is dropped with what brings it back
  const lacking: Operation = { kind: 'dropColumn', table: { name: 'users' } };
  // @ts-expect-error there is no such operation
  const unknown: Operation = { kind: 'dropEverything' };
  void lacking;
  void unknown;
});

test('a schema is compared with an engine, and with nothing else', () => {
  expectTypeOf(compare({} as never, schema)).resolves.toEqualTypeOf<Comparison>();
  // @ts-expect-error it takes an engine first
  void compare(schema, schema);
  // @ts-expect-error renames are names
  void diff(schema, schema, { renames: { columns: { 'users.name': 5 } } });
});

test('declared() keeps the type of its column', () => {
  expectTypeOf(declared(text().nullable(), { postgres: 'varchar(40)' })).toEqualTypeOf<
    Column<string | null, 'optional'>
  >();
  expectTypeOf(declared(integer().primaryKey(), { postgres: 'integer' })).toExtend<
    Column<number, 'key' | 'generated'>
  >();
  // @ts-expect-error it takes a column
  declared('text', { postgres: 'varchar(40)' });
  // @ts-expect-error a name for each dialect
  declared(text(), 'varchar(40)');
});
