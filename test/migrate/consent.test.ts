import {
  applyOperations,
  assertConsent,
  destructive,
  diff,
  lint,
  type ColumnSnapshot,
  type Operation,
  type SchemaSnapshot,
  type TableSnapshot,
} from 'cinnabar/migrate';
import { expect, test } from 'vitest';

const column = (name: string, type: string, more: Partial<ColumnSnapshot> = {}): ColumnSnapshot => ({
  name,
  type,
  nullable: true,
  ...more,
});
const NONE = { uniques: [], foreignKeys: [], checks: [], indexes: [] } as const;
const orgs: TableSnapshot = {
  ...NONE,
  name: 'orgs',
  columns: [
    column('id', 'bigint', { nullable: false, identity: 'default' }),
    column('code', 'text', { nullable: false }),
  ],
  primaryKey: { name: 'pk_orgs', columns: ['id'] },
  uniques: [{ name: 'uq_orgs_code', columns: ['code'] }],
};
const users: TableSnapshot = {
  ...NONE,
  name: 'users',
  columns: [
    column('id', 'bigint', { nullable: false, identity: 'default' }),
    column('name', 'varchar(40)'),
    column('email', 'text', { nullable: false }),
    column('age', 'integer'),
    column('price', 'numeric(10,2)', { default: '0' }),
    column('org_id', 'bigint'),
    column('shout', 'text', { generated: { expression: 'upper(name)', stored: true } }),
  ],
  primaryKey: { name: 'pk_users', columns: ['id'] },
  uniques: [{ name: 'uq_users_email', columns: ['email'] }],
  foreignKeys: [{ name: 'fk_users_org', columns: ['org_id'], target: { name: 'orgs' }, references: ['id'] }],
  checks: [{ name: 'ck_users_age', expression: 'age > 0' }],
  indexes: [
    { name: 'ix_users_name', on: [{ column: 'name' }] },
    { name: 'uq_users_age', on: [{ column: 'age' }], unique: true },
  ],
};
const before: SchemaSnapshot = {
  dialect: 'postgres',
  schemas: [],
  enums: [{ name: 'mood', labels: ['sad', 'ok', 'happy'] }],
  tables: [orgs, users],
  views: [{ name: 'adults', query: 'select id from users' }],
};

type Edit = (schema: SchemaSnapshot) => SchemaSnapshot;
const table =
  (name: string, change: (of: TableSnapshot) => Partial<TableSnapshot>): Edit =>
  (schema) => ({
    ...schema,
    tables: schema.tables.map((of) => (of.name === name ? { ...of, ...change(of) } : of)),
  });
const user = (change: (of: TableSnapshot) => Partial<TableSnapshot>): Edit => table('users', change);
const alter = (name: string, change: Partial<ColumnSnapshot>): Edit =>
  user((of) => ({ columns: of.columns.map((item) => (item.name === name ? { ...item, ...change } : item)) }));
const add = (item: ColumnSnapshot, more: Partial<TableSnapshot> = {}): Edit =>
  user((of) => ({ columns: [...of.columns, item], ...more }));
const drop = (name: string): Edit => user((of) => ({ columns: of.columns.filter((item) => item.name !== name) }));
const and =
  (...edits: readonly Edit[]): Edit =>
  (schema) =>
    edits.reduce((now, edit) => edit(now), schema);
const labels =
  (...of: readonly string[]): Edit =>
  (schema) => ({ ...schema, enums: [{ name: 'mood', labels: of }] });
const without = (list: 'uniques' | 'foreignKeys' | 'checks' | 'indexes'): Edit => user(() => ({ [list]: [] }));
const fresh: TableSnapshot = { ...users, name: 'members', uniques: [], indexes: [] };

const types = (name: string, ...of: readonly string[]): Edit[] => of.map((type) => alter(name, { type }));

/** What loses rows or values, or may be refused for those that are there, and the name that consents to it. */
const DESTRUCTIVE: readonly (readonly [name: string, edit: Edit])[] = [
  ['users', (schema) => ({ ...schema, tables: [orgs], views: [] })],
  [
    'orgs',
    and(without('foreignKeys'), (schema) => ({
      ...schema,
      tables: schema.tables.filter(({ name }) => name !== 'orgs'),
    })),
  ],
  ...['name', 'age', 'price', 'org_id'].map(
    (name) =>
      [`users.${name}`, and(drop(name), without('indexes'), without('checks'), without('foreignKeys'))] as const,
  ),
  ['users.email', and(drop('email'), without('uniques'))],
  ...types('name', 'varchar(39)', 'varchar(1)', 'char(10)', 'integer', 'boolean', 'uuid', 'jsonb', 'date').map(
    (edit) => ['users.name', edit] as const,
  ),
  ...types('email', 'varchar(100)', 'bigint', 'bytea', 'timestamptz', 'mood', 'text[]').map(
    (edit) => ['users.email', edit] as const,
  ),
  ...types('age', 'smallint', 'boolean', 'numeric(5,2)', 'real', 'date', 'varchar(5)', 'integer[]').map(
    (edit) => ['users.age', edit] as const,
  ),
  ...types('price', 'numeric(9,2)', 'numeric(10,1)', 'numeric(10,3)', 'bigint', 'double precision', 'integer').map(
    (edit) => ['users.price', edit] as const,
  ),
  ...['name', 'age', 'price', 'org_id'].map((name) => [`users.${name}`, alter(name, { nullable: false })] as const),
  ['users.name', alter('name', { nullable: false, default: `'x'` })],
  ['users.name', alter('name', { generated: { expression: `'x'`, stored: true } })],
  ...['text', 'bigint', 'mood'].map(
    (type) => ['users.extra', add(column('extra', type, { nullable: false }))] as const,
  ),
  ['users.extra', add(column('extra', 'text', { nullable: false, default: 'null' }))],
  ['users.uq_name', user(() => ({ uniques: [...users.uniques, { name: 'uq_name', columns: ['name'] }] }))],
  ['users.uq_two', user(() => ({ uniques: [...users.uniques, { name: 'uq_two', columns: ['name', 'age'] }] }))],
  [
    'users.uq_extra',
    add(column('extra', 'text', { nullable: false, default: `'x'` }), {
      uniques: [...users.uniques, { name: 'uq_extra', columns: ['extra'] }],
    }),
  ],
  ['users.pk_two', user(() => ({ primaryKey: { name: 'pk_two', columns: ['email'] } }))],
  ['users.ck_new', user(() => ({ checks: [...users.checks, { name: 'ck_new', expression: `name <> ''` }] }))],
  ['users.ck_users_age', user(() => ({ checks: [{ name: 'ck_users_age', expression: 'age > 18' }] }))],
  ['users.check(age > 18)', user(() => ({ checks: [{ expression: 'age > 18' }] }))],
  [
    'users.fk_age',
    user(() => ({
      foreignKeys: [
        ...users.foreignKeys,
        { name: 'fk_age', columns: ['age'], target: { name: 'orgs' }, references: ['id'] },
      ],
    })),
  ],
  [
    'users.fk_users_org',
    user(() => ({
      foreignKeys: [{ name: 'fk_users_org', columns: ['org_id'], target: { name: 'orgs' }, references: ['code'] }],
    })),
  ],
  [
    'users.fk_self',
    user(() => ({
      foreignKeys: [
        ...users.foreignKeys,
        { name: 'fk_self', columns: ['age'], target: { name: 'users' }, references: ['id'] },
      ],
    })),
  ],
  [
    'users.uq_ix',
    user(() => ({ indexes: [...users.indexes, { name: 'uq_ix', on: [{ column: 'name' }], unique: true }] })),
  ],
  [
    'users.uq_ix',
    user(() => ({
      indexes: [...users.indexes, { name: 'uq_ix', on: [{ expression: 'lower(email)' }], unique: true }],
    })),
  ],
  [
    'users.ix_users_name',
    user(() => ({ indexes: [{ name: 'ix_users_name', on: [{ column: 'name' }], unique: true }] })),
  ],
  [
    'users.uq_users_age',
    user(() => ({ indexes: [users.indexes[0]!, { name: 'uq_users_age', on: [{ column: 'price' }], unique: true }] })),
  ],
  ['mood', labels('sad', 'happy')],
  ['mood', labels('sad', 'fine', 'happy')],
  ['mood', labels()],
];

const SAFE: readonly Edit[] = [
  (schema) => schema,
  (schema) => ({ ...schema, tables: [...schema.tables, fresh] }),
  (schema) => ({
    ...schema,
    tables: [
      ...schema.tables,
      { ...fresh, uniques: [{ columns: ['name'] }], indexes: [{ name: 'u', on: [{ column: 'age' }], unique: true }] },
    ],
  }),
  (schema) => ({
    ...schema,
    tables: [
      ...schema.tables,
      { ...fresh, foreignKeys: [{ columns: ['age'], target: { name: 'users' }, references: ['id'] }] },
    ],
  }),
  (schema) => ({ ...schema, views: [] }),
  (schema) => ({ ...schema, views: [{ name: 'adults', query: 'select name from users' }] }),
  (schema) => ({ ...schema, views: [...schema.views, { name: 'other', query: 'select 1' }] }),
  (schema) => ({ ...schema, enums: [...schema.enums, { name: 'size', labels: ['s'] }] }),
  (schema) => ({ ...schema, schemas: ['archive'] }),
  labels('sad', 'ok', 'happy', 'wild'),
  labels('low', 'sad', 'ok', 'fine', 'happy'),
  labels('happy', 'ok', 'sad'),
  drop('shout'),
  without('uniques'),
  without('foreignKeys'),
  without('checks'),
  without('indexes'),
  and(without('uniques'), without('checks')),
  add(column('extra', 'text')),
  add(column('extra', 'text', { nullable: false, default: `'x'` })),
  add(column('extra', 'bigint', { nullable: false, default: '0' })),
  add(column('extra', 'text', { generated: { expression: 'lower(name)', stored: true } })),
  add(column('extra', 'text', { nullable: false, generated: { expression: `coalesce(name, '')`, stored: true } })),
  add(column('extra', 'bigint'), {
    foreignKeys: [
      ...users.foreignKeys,
      { name: 'fk_x', columns: ['extra'], target: { name: 'orgs' }, references: ['id'] },
    ],
  }),
  add(column('extra', 'bigint'), { uniques: [...users.uniques, { name: 'uq_x', columns: ['extra'] }] }),
  add(column('extra', 'bigint'), {
    indexes: [...users.indexes, { name: 'uq_x', on: [{ column: 'extra' }], unique: true }],
  }),
  add(column('extra', 'bigint'), { uniques: [...users.uniques, { name: 'uq_x', columns: ['extra', 'name'] }] }),
  ...types('name', 'varchar(41)', 'character varying(400)', 'text', 'character varying'),
  ...types('age', 'bigint', 'int8', 'int4', 'numeric', 'text', 'numeric'),
  ...types('price', 'numeric(11,2)', 'numeric(12,3)', 'numeric', 'text', 'decimal(10,2)'),
  alter('email', { nullable: true }),
  alter('name', { default: `'x'` }),
  alter('name', { default: 'lower(current_user)' }),
  alter('price', { default: '1' }),
  user((of) => ({
    columns: of.columns.map((item) => (item.name === 'price' ? column('price', 'numeric(10,2)') : item)),
  })),
  alter('name', { collation: 'C' }),
  alter('name', { comment: 'A name.' }),
  alter('shout', { generated: { expression: 'lower(name)', stored: true } }),
  user((of) => ({ columns: of.columns.map((item) => (item.name === 'shout' ? column('shout', 'text') : item)) })),
  user(() => ({ comment: 'People.' })),
  user(() => ({ columns: users.columns.toReversed() })),
  user(() => ({ uniques: [{ name: 'another', columns: ['email'] }] })),
  user(() => ({ uniques: [{ name: 'uq_users_email', columns: ['email'], deferrable: 'deferred' }] })),
  user(() => ({
    uniques: [],
    indexes: [...users.indexes, { name: 'uq_mail', on: [{ column: 'email' }], unique: true }],
  })),
  user(() => ({ foreignKeys: [{ ...users.foreignKeys[0]!, onDelete: 'cascade' }] })),
  user(() => ({ foreignKeys: [{ ...users.foreignKeys[0]!, onDelete: 'set null', onUpdate: 'cascade' }] })),
  user(() => ({ foreignKeys: [{ ...users.foreignKeys[0]!, deferrable: 'deferred' }] })),
  user(() => ({
    foreignKeys: [
      ...users.foreignKeys,
      { name: 'fk_age', columns: ['age'], target: { name: 'orgs' }, references: ['id'], notValid: true },
    ],
  })),
  user(() => ({ checks: [...users.checks, { name: 'ck_new', expression: 'age < 200', notValid: true }] })),
  user(() => ({ checks: [{ name: 'ck_other_name', expression: 'AGE > 0' }] })),
  user(() => ({
    indexes: [...users.indexes, { name: 'ix_new', on: [{ column: 'age', descending: true }], where: 'age > 5' }],
  })),
  user(() => ({
    indexes: [{ name: 'ix_users_name', on: [{ column: 'name' }, { column: 'age' }] }, users.indexes[1]!],
  })),
  user(() => ({
    indexes: [users.indexes[0]!, { name: 'uq_users_age', on: [{ column: 'age', descending: true }], unique: true }],
  })),
  user(() => ({
    indexes: [users.indexes[0]!, { name: 'uq_users_age', on: [{ column: 'age' }], unique: true, where: 'age > 5' }],
  })),
  table('orgs', () => ({ uniques: [] })),
  table('orgs', (of) => ({ columns: [...of.columns, column('since', 'date')] })),
];

const operationsOf = (edit: Edit): readonly Operation[] => diff(before, edit(before)).operations;

test('there are sixty of each, and more', () => {
  expect(Math.min(DESTRUCTIVE.length, SAFE.length)).toBeGreaterThanOrEqual(60);
});

test.for(DESTRUCTIVE.map(([name, edit], at) => [at, name, edit] as const))(
  '%i: %s is refused without its name',
  ([, name, edit]) => {
    const operations = operationsOf(edit);
    expect(destructive(operations)).toContain(name);
    const others = destructive(operations).filter((other) => other !== name);
    expect(() => assertConsent(operations, others)).toThrow(
      expect.objectContaining({ code: 'ConsentRequired', objects: [name] }),
    );
    assertConsent(operations, [name, ...others]);
  },
);

test.for(SAFE.map((edit, at) => [at, edit] as const))(
  'safe %i passes without a name, and does what was asked',
  ([, edit]) => {
    const operations = operationsOf(edit);
    expect(destructive(operations)).toEqual([]);
    assertConsent(operations, []);
    expect(diff(applyOperations(before, operations), edit(before)).operations).toEqual([]);
  },
);

test('the error says why, and nothing of any row', () => {
  const operations = operationsOf(and(drop('name'), without('indexes'), alter('age', { nullable: false })));
  expect(() => assertConsent(operations, [])).toThrow(
    'consent is needed, by name: users.name (drops the column and its values); users.age (is refused where the column is NULL)',
  );
});

test('lint names what locks and what breaks the running version, and lets new tables be', () => {
  const operations: Operation[] = [
    { kind: 'renameColumn', table: { name: 'users' }, column: 'name', to: 'title' },
    { kind: 'createIndex', table: { name: 'users' }, index: { name: 'ix', on: [{ column: 'age' }] } },
    {
      kind: 'createIndex',
      table: { name: 'users' },
      index: { name: 'ix2', on: [{ column: 'age' }] },
      concurrently: true,
    },
    {
      kind: 'alterColumn',
      table: { name: 'users' },
      from: column('age', 'integer'),
      to: column('age', 'integer', { nullable: false }),
    },
    { kind: 'createTable', table: fresh },
    { kind: 'createIndex', table: { name: 'members' }, index: { name: 'ix3', on: [{ column: 'age' }] } },
  ];
  expect(lint(operations, before).map(({ rule, object }) => `${rule} ${object}`)).toEqual([
    'breaks users.name',
    'locks users.ix',
    'breaks users.age',
    'locks users.age',
  ]);
});

test('a rename is asked, or declared, and never guessed', () => {
  const renamed = user((of) => ({
    columns: of.columns.map((item) => (item.name === 'price' ? { ...item, name: 'cost' } : item)),
  }));
  const asked = diff(before, renamed(before));
  expect(asked.questions).toEqual([{ kind: 'columns', from: 'users.price', to: ['cost'] }]);
  expect(asked.operations.map(({ kind }) => kind)).toEqual(['dropColumn', 'addColumn']);
  const declared = diff(before, renamed(before), { renames: { columns: { 'users.price': 'cost' } } });
  expect(declared).toEqual({
    operations: [{ kind: 'renameColumn', table: { name: 'users' }, column: 'price', to: 'cost' }],
    questions: [],
  });
  const denied = diff(before, renamed(before), { renames: { columns: { 'users.price': null } } });
  expect([denied.questions, denied.operations.length]).toEqual([[], 2]);
  expect(() => diff(before, before, { renames: { columns: { 'users.prize': 'cost' } } })).toThrow(
    /there is no 'users.prize'/,
  );
  expect(() => diff(before, before, { renames: { tables: { users: 'folk' } } })).toThrow(
    /'folk', which the models do not have/,
  );
});
