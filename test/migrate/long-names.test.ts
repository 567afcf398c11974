import { render, type ColumnSnapshot, type Operation, type SchemaSnapshot } from 'cinnabar/migrate';
import { expect, test } from 'vitest';
import { postgresDialect } from '../../src/dialect/postgres/index.ts';

const id: ColumnSnapshot = { name: 'id', type: 'bigint', nullable: false };
const users = { name: 'users', columns: [id], uniques: [], foreignKeys: [], checks: [], indexes: [] };
const schema: SchemaSnapshot = { dialect: 'postgres', schemas: [], tables: [users], enums: [], views: [] };

/** 64 bytes in 33 characters. */
const long = `${'ü'.repeat(31)}ab`;
const table = { name: 'users' };

const operations = (name: string): readonly Operation[] => [
  { kind: 'createTable', table: { ...users, name } },
  { kind: 'renameTable', table, to: name },
  { kind: 'addColumn', table, column: { ...id, name, nullable: true } },
  { kind: 'renameColumn', table, column: 'id', to: name },
  { kind: 'createIndex', table, index: { name, on: [{ column: 'id' }] } },
  { kind: 'addConstraint', table, constraint: { kind: 'check', name, expression: 'id > 0' } },
];

test.for(operations(long))('PostgreSQL would cut off a longer name: $kind', (operation) => {
  expect(() => render([operation], postgresDialect, schema)).toThrow(/more than 63 bytes; give it a shorter name/);
});

test.for(operations(long.slice(1)))('a name of 62 bytes is rendered: $kind', (operation) => {
  expect(
    render([operation], postgresDialect, schema)
      .flatMap(({ statements }) => statements)
      .join(),
  ).toContain(long.slice(1));
});
