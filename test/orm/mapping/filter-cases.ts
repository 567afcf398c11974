import {
  alias,
  batchLoad,
  count,
  createEngine,
  declarativeBase,
  deleteFrom,
  exists,
  extend,
  insert,
  integer,
  joinedLoad,
  jsonLoad,
  many,
  one,
  recursiveLoad,
  rowFilter,
  select,
  selectInLoad,
  Session,
  text,
  union,
  update,
  upsert,
} from 'cinnabar';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();
const Owned = Model.with({ tenantId: integer() });

class User extends Owned('users', {
  id: integer().primaryKey(),
  name: text(),
  get notes() {
    return many(Note, { by: 'authorId' });
  },
}) {}

class Note extends Owned('notes', {
  id: integer().primaryKey(),
  title: text(),
  deleted: integer().default(0),
  authorId: integer().nullable().references('users.id'),
  parentId: integer().nullable().references('notes.id'),
  get author() {
    return one(User, { by: 'authorId' }).nullable();
  },
  get parent() {
    return one(Note, { by: 'parentId' }).nullable();
  },
  get replies() {
    return many(Note, { by: 'parentId' });
  },
  get tags() {
    return many(Tag, { through: 'note_tags' });
  },
}) {}

class Tag extends Owned('tags', {
  id: integer().primaryKey(),
  label: text(),
  get notes() {
    return many(Note, { through: 'note_tags' });
  },
}) {}

/** Without the columns of a tenant. */
class Setting extends Model('settings', { id: integer().primaryKey(), name: text() }) {}

const tenant = rowFilter('tenant', { id: integer() }).on(Owned, (row, { id }) => row.tenantId.eq(id));
const alive = rowFilter('alive').on(Note, (note) => note.deleted.eq(0));

interface Row {
  readonly tenant: number;
  readonly ref: number | null;
  readonly parent: number | null;
  readonly deleted: boolean;
}
interface World {
  readonly users: readonly number[];
  readonly notes: readonly Row[];
  readonly tags: readonly number[];
  readonly links: readonly (readonly [number, number])[];
}

/** Rows of two tenants that refer to each other across. */
const worlds: fc.Arbitrary<World> = fc.record({
  users: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 4 }),
  notes: fc.array(
    fc.record({
      tenant: fc.integer({ min: 1, max: 2 }),
      ref: fc.option(fc.integer({ min: 0, max: 1 })),
      parent: fc.option(fc.integer({ min: 0, max: 3 })),
      deleted: fc.boolean(),
    }),
    { minLength: 4, maxLength: 7 },
  ),
  tags: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 2, maxLength: 3 }),
  links: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1 })), {
    maxLength: 6,
    selector: (pair) => pair.join(),
  }),
});

async function fill(db: TestDatabase, { users, notes, tags, links }: World): Promise<void> {
  const ref = (at: number | null): string => (at === null ? 'null' : String(at + 1));
  const rows = (table: string, columns: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`insert into ${table} (${columns}) values ${values.join(', ')}`];
  await db.run(
    'delete from note_tags',
    'update notes set parent_id = null',
    'delete from notes',
    'delete from users',
    'delete from tags',
    ...rows(
      'users',
      'id, tenant_id, name',
      users.map((of, at) => `(${at + 1}, ${of}, 'u${at}')`),
    ),
    ...rows(
      'notes',
      'id, tenant_id, title, deleted, author_id',
      notes.map((row, at) => `(${at + 1}, ${row.tenant}, 'n${at}', ${Number(row.deleted)}, ${ref(row.ref)})`),
    ),
    ...notes.flatMap((row, at) =>
      row.parent === null ? [] : [`update notes set parent_id = ${ref(row.parent)} where id = ${at + 1}`],
    ),
    ...rows(
      'tags',
      'id, tenant_id, label',
      tags.map((of, at) => `(${at + 1}, ${of}, 't${at}')`),
    ),
    ...rows(
      'note_tags',
      'note_id, tag_id',
      links.map(([note, tag]) => `(${note + 1}, ${tag + 1})`),
    ),
  );
}

/** Filters of sessions: a row that is not seen comes back on no path. */
export function filterCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
  });
  const sessionOf = (id: number): Session => {
    const session = db.session();
    tenant.set(session, { id });
    return session;
  };
  /** Ann (1) and Eve (2) of two tenants, with a note each; Ann's second note is deleted, and Eve's replies to her first. */
  const givenTwo = (): Promise<void> =>
    fill(db, {
      users: [1, 2],
      notes: [
        { tenant: 1, ref: 0, parent: null, deleted: false },
        { tenant: 1, ref: 1, parent: 0, deleted: true },
        { tenant: 2, ref: 0, parent: 0, deleted: false },
        { tenant: 1, ref: 1, parent: 2, deleted: false },
      ],
      tags: [1, 2],
      links: [
        [0, 0],
        [0, 1],
        [2, 0],
      ],
    });

  describe('every path', () => {
    /** All that a session can be brought to show, in the ways there are. */
    const paths: Readonly<Record<string, (session: Session) => Promise<readonly (Note | User | Tag)[]>>> = {
      'a query, counted alike': async (session) => {
        const notes = await session.query(Note).all();
        expect(await session.query(Note).count()).toBe(notes.length);
        expect(await session.query(Note).limit(100).count()).toBe(notes.length);
        expect(await session.query(Note).exists()).toBe(notes.length > 0);
        return notes;
      },
      'a stream': async (session) => {
        const found: Note[] = [];
        for await (const note of session.query(Note).stream()) found.push(note);
        return found;
      },
      'get, of every key': async (session) => {
        const found = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((id) => session.get(Note, id)));
        return found.filter((note) => note !== null);
      },
      'eager loads': async (session) => {
        const users = await session
          .query(User)
          .with({ notes: { parent: { author: true }, replies: { tags: { notes: true } }, author: true } })
          .all();
        const found: (Note | User | Tag | null | undefined)[] = [];
        for (const user of users) {
          found.push(user);
          for (const note of user.notes.items) {
            found.push(note, note.author.value, note.parent.value, note.parent.value?.author.value);
            for (const reply of note.replies.items) {
              found.push(reply);
              for (const tag of reply.tags.items) found.push(tag, ...tag.notes.items);
            }
          }
        }
        return found.filter((item) => item !== null && item !== undefined);
      },
      'every way to load': async (session) => {
        const found: (Note | User | Tag | null)[] = [];
        for (const way of [joinedLoad, jsonLoad, selectInLoad, batchLoad]) {
          const users = await session
            .query(User)
            .with({ notes: way({ tags: way(true), parent: way({ author: way(true) }) }) })
            .all();
          for (const user of users) {
            found.push(user);
            for (const note of user.notes.items) {
              const parent = note.parent.value;
              found.push(note, ...note.tags.items, parent, parent && parent.author.value);
            }
          }
        }
        const roots = await session
          .query(Note)
          .with({ replies: recursiveLoad(2) })
          .all();
        for (const root of roots) for (const reply of root.replies.items) found.push(reply, ...reply.replies.items);
        return found.filter((item) => item !== null);
      },
      'lazy loads': async (session) => {
        const found: (Note | User | Tag)[] = [];
        for (const note of await session.query(Note).all()) {
          found.push(...(await note.replies), ...(await note.tags), note);
          const related = [await note.author, await note.parent];
          for (const item of related) if (item) found.push(item);
        }
        return found;
      },
      'a part of a relation': async (session) => {
        const users = await session
          .query(User)
          .with({ notes: select(Note).orderBy(Note.c.id.desc()).limit(2) })
          .all();
        return users.flatMap((user) => [...user.notes.subset]);
      },
      'conditions over relations': async (session) => {
        const some = await session.query(User).where(User.c.notes.some()).with({ notes: true }).all();
        for (const user of some) expect(user.notes.items).not.toEqual([]);
        const none = await session.query(User).where(User.c.notes.none()).with({ notes: true }).all();
        for (const user of none) expect(user.notes.items).toEqual([]);
        const replied = await session.query(Note).where(Note.c.replies.some()).with({ replies: true }).all();
        for (const note of replied) expect(note.replies.items).not.toEqual([]);
        const tagged = await session.query(Note).where(Note.c.tags.some()).with({ tags: true }).all();
        for (const note of tagged) expect(note.tags.items).not.toEqual([]);
        const written = await session.query(Note).where(Note.c.author.has()).with({ author: true }).all();
        for (const note of written) expect(note.author.value).not.toBeNull();
        return [...some, ...none, ...replied, ...tagged, ...written];
      },
      'members of joined rows': async (session) => {
        const parent = alias(Note, 'parent');
        const rows = await session.all(
          select({ note: Note, user: User, parent })
            .from(Note)
            .leftJoin(User, User.c.id.eq(Note.c.authorId))
            .leftJoin(parent, parent.c.id.eq(Note.c.parentId)),
        );
        const inner = await session.all(
          select({ user: User, note: Note }).from(User).innerJoin(Note, User.c.id.eq(Note.c.authorId)),
        );
        return [
          ...rows.flatMap((row) => [row.note, row.user, row.parent]),
          ...inner.flatMap((row) => [row.user, row.note]),
        ].filter((item) => item !== null);
      },
      'subqueries, common table expressions and unions': async (session) => {
        const ids = select({ id: Note.c.id }).from(Note);
        const inner = ids.subquery('inner_notes');
        const named = ids.cte('named_notes');
        const keys = await Promise.all([
          session.all(select({ id: inner.c.id }).from(inner)),
          session.all(select({ id: named.c.id }).from(named)),
          session.all(union(ids, ids)),
          session.all(select({ id: User.c.id }).from(User).where(exists(ids))),
        ]);
        const lifted = await tenant.lift(alive.lift(db.session().query(Note))).all();
        const byKey = new Map(lifted.map((note) => [note.id, note]));
        const [first, ...others] = keys.slice(0, 3).map((rows) => rows.map(({ id }) => id).toSorted((a, b) => a - b));
        for (const other of others) expect(other).toEqual(first);
        if (first!.length === 0) expect(keys[3]).toEqual([]);
        return first!.map((id) => byKey.get(id)!);
      },
    };

    test.for(Object.entries(paths))('%s', { timeout: 120_000 }, async ([, path]) => {
      await fc.assert(
        fc.asyncProperty(worlds, fc.integer({ min: 1, max: 2 }), async (world, id) => {
          await fill(db, world);
          for (const item of await path(sessionOf(id))) {
            expect(item.tenantId).toBe(id);
            if (item instanceof Note) expect(item.deleted).toBe(0);
          }
        }),
        { numRuns: 25 },
      );
    });

    test('updates and deletes of a session', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(worlds, fc.integer({ min: 1, max: 2 }), async (world, id) => {
          await fill(db, { ...world, links: [] });
          const session = sessionOf(id);
          const seen = world.notes.filter((note) => note.tenant === id && !note.deleted).length;

          expect(await session.run(update(Note).set({ title: 'x' }).allRows())).toBe(seen);
          expect(await db.values(`select count(*) from notes where title = 'x'`)).toEqual([seen]);
          await session.run(update(Note).set({ parentId: null }).allRows());
          const gone = await session.all(deleteFrom(Tag).allRows().returning());
          for (const tag of gone) expect(tag.tenantId).toBe(id);
          expect(await db.values('select count(*) from tags')).toEqual([world.tags.filter((of) => of !== id).length]);
        }),
        { numRuns: 25 },
      );
    });
  });

  test('the condition is in the statement, with its values beside it', async () => {
    const session = sessionOf(1);
    const { sql, trips } = await db.record(() => session.query(User).with({ notes: true }).all());

    expect(trips).toBe(1);
    const first = db.by({ sqlite: '?1', postgres: '$1::text::bigint' });
    expect(sql[0]).toBe(
      `select "users"."tenant_id", "users"."id", "users"."name" from "users" where "users"."tenant_id" = ${first}`,
    );
    for (const condition of ['"users"."tenant_id" = ', '"notes"."tenant_id" = ', '"notes"."deleted" = '])
      expect(sql[1]).toContain(condition);
  });

  test('a session that lacks the values is refused before any I/O, by every call', async () => {
    await givenTwo();
    const session = db.session();
    const calls: (() => Promise<unknown>)[] = [
      () => session.query(Note).all(),
      () => session.query(Note).count(),
      () => session.get(Note, 1),
      () => session.all(select({ n: count() }).from(Note)),
      () =>
        session.all(
          select({ id: Setting.c.id })
            .from(Setting)
            .where(exists(select({ id: Note.c.id }).from(Note))),
        ),
      () => session.run(update(Note).set({ title: 'x' }).allRows()),
      () => session.run(deleteFrom(Tag).allRows()),
      () => session.batch([select(Setting), select(Note)]),
    ];
    for (const call of calls) {
      const { error, calls: sent } = await db.failure(call);
      expect(error).toMatchObject({
        code: 'ConfigurationError',
        message: expect.stringContaining(`'tenant'`) as string,
      });
      expect((error as Error).message).toContain('lift()');
      expect(sent).toBe(0);
    }
    expect(await session.query(Setting).all()).toEqual([]);
  });

  test('lifted from one query, and from the relations that it loads', async () => {
    await givenTwo();
    const session = sessionOf(1);
    const titles = (notes: readonly Note[]): string[] => notes.map(({ title }) => title).toSorted();

    expect(titles(await session.query(Note).all())).toEqual(['n0', 'n3']);
    expect(titles(await alive.lift(session.query(Note)).all())).toEqual(['n0', 'n1', 'n3']);
    expect(titles(await tenant.lift(db.session().query(Note)).all())).toEqual(['n0', 'n2', 'n3']);
    expect(await tenant.lift(alive.lift(db.session().query(Note))).count()).toBe(4);
    const [ann] = await tenant
      .lift(db.session().query(User))
      .orderBy(User.c.id)
      .with({ notes: { replies: true } })
      .all();
    expect(titles(ann!.notes.items)).toEqual(['n0', 'n2']);
    expect(titles(ann!.notes.items[0]!.replies.items)).toEqual(['n2']);
    for (const way of [joinedLoad, jsonLoad, selectInLoad]) {
      const query = tenant.lift(alive.lift(db.session().query(User))).orderBy(User.c.id);
      const [first] = await query.with({ notes: way(true) }).all();
      expect(titles(first!.notes.items)).toEqual(['n0', 'n2']);
    }
    const select0 = tenant.lift(select(Note).where(Note.c.id.eq(3)).with({ parent: true }));
    expect(titles((await db.session().all(select0)).map((note) => note.parent.value!))).toEqual(['n0']);
    expect(await session.run(alive.lift(update(Note).set({ deleted: 0 }).where(Note.c.id.eq(2))))).toBe(1);
    expect(titles(await session.query(Note).all())).toEqual(['n0', 'n1', 'n3']);
  });

  test('values of an engine are those of its sessions', async () => {
    await givenTwo();
    const engine = createEngine(db.driver);
    tenant.set(engine, { id: 2 });

    expect((await new Session(engine).query(Note).all()).map(({ title }) => title)).toEqual(['n2']);
    const other = new Session(engine);
    tenant.set(other, { id: 1 });
    expect(await other.query(Note).count()).toBe(2);
  });

  test('a reference to a row that is not seen is null, and is not written', async () => {
    await givenTwo();
    const session = sessionOf(1);
    const note = (await session.get(Note, 4))!;

    expect(await note.author).toBeNull();
    expect(await note.parent).toBeNull();
    note.title = 'changed';
    await session.commit();
    expect(await db.rows('select title, author_id, parent_id from notes where id = 4')).toEqual([['changed', 2, 3]]);
  });

  test('an upsert does not change a row that is not seen', async () => {
    await givenTwo();
    const upsert = (id: number) =>
      insert(Tag)
        .values({ id, label: 'new', tenantId: 1 })
        .onConflict('id')
        .update((x) => ({ label: x.label }));

    expect(await sessionOf(1).run(upsert(1))).toBe(1);
    expect(await sessionOf(1).run(upsert(2))).toBe(0);
    expect(await db.rows('select label, tenant_id from tags order by id')).toEqual([
      ['new', 1],
      ['t1', 2],
    ]);
  });

  test('an upsert of entities says so where a row is not seen', async () => {
    await givenTwo();
    const rows = [{ id: 2, label: 'new', tenantId: 1 }];
    const { error } = await db.failure(() => upsert(sessionOf(1), Tag, rows, { on: ['id'] }));
    expect(error).toMatchObject({ code: 'InvalidValueError', model: 'Tag', attributes: ['id'] });
    expect(await db.values('select label from tags order by id')).toEqual(['t0', 't1']);
  });

  test('what cannot be filtered is refused', async () => {
    const session = sessionOf(1);
    const joined = select({ note: Note.c.title, user: User.c.name })
      .from(Note)
      .rightJoin(User, User.c.id.eq(Note.c.authorId));
    const { error, calls } = await db.failure(() => session.all(joined));

    expect(error).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('subquery()') as string,
    });
    expect(calls).toBe(0);
  });
}

const Zoo = declarativeBase();
class Animal extends Zoo('animals', { id: integer().primaryKey(), kind: text(), name: text() }) {}
class Dog extends extend(Animal, { kind: 'dog' }, { barks: integer().nullable() }) {}
class Bird extends extend(Animal, 'birds', { wings: integer() }, { kind: 'bird' }) {}
Zoo.register(Dog, Bird);
class Loose extends Zoo('loose', { id: integer().primaryKey() }) {}
rowFilter('none').on(Loose, () => undefined as never);
const quiet = rowFilter('quiet').on(Dog, (dog) => dog.barks.lt(5));

/** A filter of a subclass leaves the other classes alone. */
export function filterOfSubclassCases(open: OpenDriver): void {
  test('in queries of the base, too', async () => {
    const db = await freshDatabase(await open(), Zoo.metadata);
    await db.run(
      `insert into animals (id, kind, name, barks) values (1, 'ant', 'Ant', null), (2, 'dog', 'Rex', 9), (3, 'dog', 'Fly', 1), (4, 'bird', 'Tit', null)`,
      'insert into birds values (4, 2)',
    );
    const names = async (found: Promise<readonly Animal[]>): Promise<string[]> => (await found).map(({ name }) => name);

    expect(await names(db.session().query(Animal).orderBy(Animal.c.id).all())).toEqual(['Ant', 'Fly', 'Tit']);
    expect(await names(db.session().query(Dog).all())).toEqual(['Fly']);
    expect(await names(db.session().query(Bird).all())).toEqual(['Tit']);
    expect(await db.session().get(Animal, 2)).toBeNull();
    expect(await names(quiet.lift(db.session().query(Dog)).orderBy(Dog.c.id).all())).toEqual(['Rex', 'Fly']);
  });

  test('a filter of a class with a table of its own is one of its base', () => {
    expect(() => rowFilter('x').on(Bird, (bird) => bird.wings.eq(2))).toThrow(/filter Animal/);
  });

  test('mistakes are named', () => {
    const byId = rowFilter('by', { id: integer() });
    expect(() => byId.on({} as never, () => Animal.c.id.eq(1))).toThrow(/expected a model class/);
    expect(() => byId.on(Animal, undefined as never)).toThrow(/in a function/);
    expect(() => byId.on(Zoo, () => Animal.c.id.eq(1))).toThrow(/no columns of its own/);
    expect(() => rowFilter('bad', { id: 1 as never })).toThrow(/'id' is a column/);
    expect(() => byId.lift({} as never)).toThrow(/takes a query/);
  });

  test('values are checked where they are set, and set once', async () => {
    const db = await freshDatabase(await open(), Zoo.metadata);
    const byId = rowFilter('by', { id: integer() });
    const session = db.session();
    for (const bad of [{}, { id: undefined }, { id: null }, { id: 'x' }, undefined])
      expect(() => byId.set(session, bad as never)).toThrow(
        expect.objectContaining({ code: 'InvalidValueError' }) as Error,
      );
    expect(() => byId.set(session, { id: 1, other: 2 } as never)).toThrow(/no value 'other'/);
    byId.set(session, { id: 1 });
    expect(() => byId.set(session, { id: 2 })).toThrow(/make another session/);
  });

  test('a condition that is none is refused, not left out', async () => {
    const db = await freshDatabase(await open(), Zoo.metadata);
    const { error, calls } = await db.failure(() => db.session().query(Loose).all());
    expect(error).toMatchObject({ code: 'ConfigurationError', message: expect.stringContaining(`'none'`) as string });
    expect(calls).toBe(0);
  });
}
