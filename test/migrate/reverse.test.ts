import { reverse, type Operation, type TableSnapshot } from 'cinnabar/migrate';
import { expect, test } from 'vitest';

const users: TableSnapshot = {
  name: 'users',
  columns: [{ name: 'id', type: 'integer', nullable: false }],
  uniques: [],
  foreignKeys: [],
  checks: [],
  indexes: [],
};
const table = { name: 'users' };
const column = { name: 'age', type: 'integer', nullable: false };
const index = { name: 'ix', on: [{ column: 'id' }] };
const view = { name: 'v', query: 'select 1' };
const mood = { name: 'mood', labels: ['sad', 'happy'] };
const check = { kind: 'check', name: 'ck', expression: 'id > 0' } as const;

const operations: readonly Operation[] = [
  { kind: 'createSchema', name: 'archive' },
  { kind: 'createTable', table: users },
  { kind: 'dropTable', table: users },
  { kind: 'renameTable', table, to: 'people' },
  { kind: 'alterTable', table, from: {}, to: { strict: true } },
  { kind: 'addColumn', table, column },
  { kind: 'dropColumn', table, column },
  { kind: 'alterColumn', table, from: column, to: { ...column, nullable: true } },
  { kind: 'renameColumn', table, column: 'age', to: 'years' },
  { kind: 'addConstraint', table, constraint: check },
  { kind: 'dropConstraint', table, constraint: check },
  { kind: 'renameConstraint', table, constraint: check, to: 'ck2' },
  { kind: 'createIndex', table, index },
  { kind: 'dropIndex', table, index, concurrently: true },
  { kind: 'createEnum', enum: mood },
  { kind: 'renameEnum', enum: { name: 'mood' }, to: 'humour' },
  { kind: 'renameEnumLabel', enum: { name: 'mood' }, label: 'sad', to: 'blue' },
  { kind: 'alterEnum', enum: { name: 'mood' }, from: ['a', 'b'], to: ['b', 'a'] },
  { kind: 'createView', view },
  { kind: 'setComment', table, column: 'age', to: 'In years.' },
  { kind: 'setComment', table, from: 'One.', to: 'Two.' },
  { kind: 'sql', up: ['update users set age = 1'], down: { sqlite: ['select 1'] } },
];

test.for(operations)('the reverse of the reverse of $kind is itself', (operation) => {
  expect(reverse([operation])).not.toEqual([operation]);
  expect(reverse(reverse([operation]))).toEqual([operation]);
});

test('the last is undone first', () => {
  expect(reverse(operations.slice(0, 2)).map(({ kind }) => kind)).toEqual(['dropTable', 'dropSchema']);
});

test('operations are what JSON carries', () => {
  expect(JSON.parse(JSON.stringify(operations))).toEqual(operations);
});

test('a label that was added is taken away by making the type anew', () => {
  const added: Operation = {
    kind: 'addEnumLabel',
    enum: { name: 'mood' },
    label: 'ok',
    before: 'happy',
    labels: mood.labels,
  };
  expect(reverse([added])).toEqual([
    { kind: 'alterEnum', enum: { name: 'mood' }, from: ['sad', 'ok', 'happy'], to: ['sad', 'happy'] },
  ]);
});

test('SQL without a way back says so', () => {
  expect(() => reverse([{ kind: 'sql', up: ['delete from users'] }])).toThrow(/`down` cannot be undone/);
});
