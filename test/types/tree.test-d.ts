import { declarativeBase, integer, loadTree, many, one, Session, text } from 'cinnabar';
import { expectTypeOf, test } from 'vitest';

const Model = declarativeBase();
class Folder extends Model('folders', {
  id: integer().primaryKey(),
  name: text(),
  parentId: integer().nullable().references('folders.id'),
  get parent() {
    return one(Folder, { by: 'parentId' }).nullable();
  },
  get folders() {
    return many(Folder, { by: 'parentId' });
  },
  get files() {
    return many(File);
  },
}) {}
class File extends Model('files', { id: integer().primaryKey(), folderId: integer().references('folders.id') }) {}
declare const session: Session;

test('a tree is loaded at every depth', async () => {
  const [root] = await loadTree(session.query(Folder), 'folders');
  const deep = root!.folders.items[0]!.folders.items[0]!.folders.items[0]!;
  expectTypeOf(deep.name).toEqualTypeOf<string>();
  expectTypeOf(deep.folders.loaded).toEqualTypeOf<true>();
  // @ts-expect-error -- not loaded
  void deep.files.items;
});

test('ancestors may end', async () => {
  const [leaf] = await loadTree(session, [await session.query(Folder).one()], 'parent');
  expectTypeOf(leaf!.parent.value?.parent.value?.name).toEqualTypeOf<string | undefined>();
});

test('what the query loads stays known of its own entities', async () => {
  const [root] = await loadTree(session.query(Folder).with({ files: true }), 'folders');
  expectTypeOf(root!.files.items[0]!.id).toEqualTypeOf<number>();
});

test('a relation to another model is no tree', () => {
  // @ts-expect-error -- files are no folders
  void loadTree(session.query(Folder), 'files');
});
