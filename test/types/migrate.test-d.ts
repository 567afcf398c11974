import { createEngine, integer, select, table, text, update, type Engine } from 'cinnabar';
import {
  data,
  defineConfig,
  execute,
  migrate,
  migrateAll,
  revision,
  variant,
  type MigrationReport,
  type Operation,
  type Revision,
} from 'cinnabar/migrate';
import { expectTypeOf, test } from 'vitest';

declare const engine: Engine;
const notes = table('notes', { id: integer().primaryKey(), body: text() });

test('a revision takes operations, SQL and data steps', () => {
  const operation: Operation = { kind: 'renameTable', table: { name: 'a' }, to: 'b' };
  expectTypeOf(
    revision({ id: 'a', up: [operation, execute('select 1'), variant({ sqlite: [operation] })] }),
  ).toEqualTypeOf<Revision>();
  // @ts-expect-error a kind that is none
  revision({ id: 'a', up: [{ kind: 'renameTables', table: { name: 'a' }, to: 'b' }] });
  // @ts-expect-error SQL alone is no step
  revision({ id: 'a', up: ['select 1'] });
  // @ts-expect-error without an id
  revision({ up: [] });
});

test('a data step reads typed rows, and its writes answer nothing', () => {
  data('read', async (db) => {
    const rows = await db.all(select({ id: notes.c.id, body: notes.c.body }).from(notes));
    expectTypeOf(rows).toEqualTypeOf<{ id: number; body: string }[]>();
    expectTypeOf(await db.run(update(notes).set({ body: '' }).allRows())).toBeVoid();
    // @ts-expect-error a column that is none
    await db.run(update(notes).set({ bodies: '' }).allRows());
  });
  // @ts-expect-error without a name
  data(async () => {});
});

test('migrate takes revisions or the modules that export them', async () => {
  const one = revision({ id: 'a', up: [] });
  expectTypeOf(await migrate(engine, [one, { default: one }], 'head')).toEqualTypeOf<MigrationReport>();
  // @ts-expect-error what exports no revision
  await migrate(engine, [{ default: 1 }]);
  // @ts-expect-error an option that is none
  await migrate(engine, [one], 'head', { yes: true });
  const { at } = await migrateAll([{ name: 'a', engine: () => engine }], [one]);
  expectTypeOf(at).toEqualTypeOf<Readonly<Record<string, readonly string[]>>>();
});

test('a configuration opens the database', () => {
  defineConfig({ engine: async () => createEngine({} as never), revisions: './migrations' });
  // @ts-expect-error without a way to the database
  defineConfig({ revisions: './migrations' });
  // @ts-expect-error an engine, and no function that opens one
  defineConfig({ engine });
});
