import { expectTypeOf, test } from 'vitest';
import {
  declarativeBase,
  deleteFrom,
  integer,
  rowFilter,
  select,
  text,
  type Engine,
  type Expr,
  type Session,
} from 'cinnabar';

const Model = declarativeBase();
const Owned = Model.with({ tenantId: integer() });
class Note extends Owned('notes', { id: integer().primaryKey(), title: text() }) {}
class Tag extends Model('tags', { id: integer().primaryKey() }) {}

declare const session: Session;
declare const engine: Engine;
const tenant = rowFilter('tenant', { id: integer(), role: text().nullable() });
const alive = rowFilter('alive');

test('a rule has the columns of the model, or of the base, and the values', () => {
  tenant.on(Note, (note, { id, role }) => {
    expectTypeOf(note.title).toExtend<Expr<string, 'notes'>>();
    expectTypeOf(id).toExtend<Expr<number>>();
    expectTypeOf(role).toExtend<Expr<string | null>>();
    return note.tenantId.eq(id);
  });
  tenant.on(Owned, (row, { id }) => row.tenantId.eq(id));
  // @ts-expect-error a tag has no tenant
  tenant.on(Tag, (tag, { id }) => tag.tenantId.eq(id));
  // @ts-expect-error the base without the column
  tenant.on(Model, (row, { id }) => row.tenantId.eq(id));
  // @ts-expect-error no such value
  tenant.on(Note, (note, { tenantId }) => note.tenantId.eq(tenantId));
  // @ts-expect-error a number is no condition
  tenant.on(Note, () => 1);
});

test('values are those of the columns', () => {
  tenant.set(session, { id: 1, role: null });
  tenant.set(engine, { id: 1, role: 'x' });
  // @ts-expect-error a text is no id
  tenant.set(session, { id: 'x', role: null });
  // @ts-expect-error all are needed
  tenant.set(session, { id: 1 });
  // @ts-expect-error of a session or an engine
  tenant.set(Note, { id: 1, role: null });
});

test('lift() gives back what it was given', () => {
  const query = session.query(Note);
  expectTypeOf(alive.lift(query)).toEqualTypeOf(query);
  const statement = select({ id: Note.c.id });
  expectTypeOf(alive.lift(statement)).toEqualTypeOf(statement);
  const write = deleteFrom(Note).allRows();
  expectTypeOf(alive.lift(write)).toEqualTypeOf(write);
  // @ts-expect-error an entity is no query
  alive.lift(new Note({ title: 'x', tenantId: 1 }));
});
