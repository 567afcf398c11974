import { expectTypeOf, test } from 'vitest';
import {
  declarativeBase,
  extend,
  index,
  integer,
  many,
  one,
  select,
  text,
  timestamp,
  uuid,
  type Entity,
  type InstanceOf,
  type Many,
  type One,
} from 'cinnabar';
import { Admin, Editor, Label, Model, Post, Project, Tag, User, type UserId } from './models.ts';
import type { Member } from './by-name.ts';

test('two models alike are still two', () => {
  expectTypeOf<Tag>().not.toEqualTypeOf<Label>();
  // @ts-expect-error a label is no tag
  const tag: Tag = {} as Label;
  // @ts-expect-error a copy is no entity
  // oxlint-disable-next-line typescript/no-misused-spread -- the misuse itself
  const copy: Entity = { ...tag };
  return copy;
});

test('a target by the name of its table', () => {
  class Club extends Model('clubs', {
    id: integer().primaryKey(),
    get members() {
      return many<typeof Member>('members', { by: 'clubId' });
    },
    get chair() {
      return one<typeof Member>('members', { inverse: 'chairOf' }).nullable();
    },
  }) {}
  const club = {} as Club;
  expectTypeOf(club.members).toEqualTypeOf<Many<Member>>();
  expectTypeOf(club.chair).toEqualTypeOf<One<Member | null>>();
  select(Club).with({ members: { club: true } });
  // @ts-expect-error a user is no member
  club.members.add({} as User);
});

test('relation options', () => {
  many(Post, { by: 'authorId', cascade: 'orphans', orderBy: 'title' });
  one(User, { by: ['tenantId', 'id'] });
  // @ts-expect-error no such cascade
  many(Post, { cascade: 'all' });
  // @ts-expect-error no such option
  many(Post, { foreignKey: 'authorId' });
  // @ts-expect-error a collection is never null
  many(Post).nullable();
});

test('shared columns, by declarativeBase and with()', () => {
  const Stamped = Model.with({ updatedAt: timestamp().nullable() }).with({ tenantId: uuid() });
  class Row extends Stamped('rows', { id: integer().primaryKey() }, { unique: [['tenantId', 'createdAt']] }) {}
  const row = new Row({ tenantId: 'a' });
  expectTypeOf(row.createdAt).toEqualTypeOf<Date>();
  expectTypeOf(row.updatedAt).toEqualTypeOf<Date | null>();
  expectTypeOf(row.tenantId).toEqualTypeOf<string>();
  expectTypeOf(({} as Project).tenantId).toEqualTypeOf<string>();
  // @ts-expect-error a shared column is needed as any other
  void new Row({});
  // @ts-expect-error the base itself has no tenant
  void ({} as User).tenantId;
});

test('constraints by attribute', () => {
  Model('a', { x: integer(), y: text() }, { unique: [['x', 'y']], schema: 'main' });
  Model(
    'a',
    { x: integer(), y: text() },
    { foreignKeys: [{ columns: ['x', 'y'], references: 'b.x,y', onDelete: 'cascade' }] },
  );
  Model('a', { x: integer(), y: text() }).constrain((c) => ({
    checks: { positive: c.x.gt(0) },
    indexes: [index(c.x, c.createdAt.desc()).unique().where(c.y.eq('x')).named('a_x')],
  }));
  // @ts-expect-error no such attribute
  Model('a', { x: integer() }, { unique: [['y']] });
  // @ts-expect-error no such attribute
  Model('a', { x: integer() }, { foreignKeys: [{ columns: ['y'], references: 'b.y' }] });
  // @ts-expect-error no such attribute
  Model('a', { x: integer() }).constrain((c) => ({ checks: { y: c.y.gt(0) } }));
  // @ts-expect-error a column of numbers is no check
  Model('a', { x: integer() }).constrain((c) => ({ checks: { x: c.x } }));
  // @ts-expect-error an index is made by index()
  Model('a', { x: integer() }).constrain((c) => ({ indexes: [c.x] }));
});

test('extend: a table of its own', () => {
  const admin = new Admin({ name: 'x', password: 'x', level: 1, posts: [new Post({ title: 'x' })] });
  const user: User = admin;
  expectTypeOf(admin.level).toEqualTypeOf<number>();
  expectTypeOf(admin.greeting).toEqualTypeOf<string>();
  expectTypeOf(Admin.tableName).toEqualTypeOf<'admins'>();
  expectTypeOf(Admin.plural).toEqualTypeOf<string>();
  expectTypeOf(Admin.c.level.gt(1)).toEqualTypeOf(Admin.c.name.eq('x'));
  // @ts-expect-error level is needed
  void new Admin({ name: 'x', password: 'x' });
  // @ts-expect-error what the base needs is needed
  void new Admin({ level: 1 });
  // @ts-expect-error a user is no admin
  const promoted: Admin = user;
  return promoted;
});

test('extend: rows of the base', () => {
  const editor = new Editor({ name: 'x', password: 'x', desk: null });
  expectTypeOf(editor.role).toEqualTypeOf<'editor'>();
  expectTypeOf(Editor.tableName).toEqualTypeOf<'users'>();
  const user: User = editor;
  // @ts-expect-error what tells its rows is set by itself
  void new Editor({ name: 'x', password: 'x', role: 'editor' });
  // @ts-expect-error what tells its rows is not changed
  editor.role = 'reader';
  // @ts-expect-error an editor is no admin
  const admin: Admin = editor;
  return { user, admin };
});

test('extend: a table of its own and a discriminator', () => {
  class Chief extends extend(User, 'chiefs', { rank: integer() }, { role: 'editor' }) {}
  const chief = new Chief({ name: 'x', password: 'x', rank: 1 });
  expectTypeOf(chief.role).toEqualTypeOf<'editor'>();
  // @ts-expect-error what tells its rows is set by itself
  void new Chief({ name: 'x', password: 'x', rank: 1, role: 'editor' });
});

test('extend: of what extends, with relations of its own', () => {
  class Owner extends extend(Admin, 'owners', {
    share: integer(),
    deputyId: integer<UserId>().nullable().references('users.id'),
    get deputy() {
      return one(User, { by: 'deputyId' }).nullable();
    },
  }) {}
  const owner = new Owner({ name: 'x', password: 'x', level: 1, share: 1, deputy: {} as Admin });
  const admin: Admin = owner;
  expectTypeOf(owner.rank()).toEqualTypeOf<string>();
  expectTypeOf(owner.deputy).toEqualTypeOf<One<User | null>>();
  select(Owner).with({ posts: true, deputy: true });
  // @ts-expect-error level is needed two levels down
  void new Owner({ name: 'x', password: 'x', share: 1 });
  return admin;
});

test('register() takes models', () => {
  Model.register(Admin, Editor);
  // @ts-expect-error an entity is no model
  Model.register({} as Admin);
});

test('the entity of a model', () => {
  expectTypeOf<InstanceOf<typeof User>>().toEqualTypeOf<User>();
  expectTypeOf<InstanceOf<typeof Editor>>().toEqualTypeOf<Editor>();
});

test('a base of its own has nothing shared', () => {
  class Alone extends declarativeBase()('alone', { id: integer().primaryKey() }) {}
  // @ts-expect-error no shared column
  void ({} as Alone).createdAt;
});
