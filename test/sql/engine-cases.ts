import {
  createEngine,
  createAll,
  deleteFrom,
  insert,
  isCinnabarError,
  type LogEvent,
  or,
  select,
  Session,
  sql,
  update,
} from 'cinnabar';
import { recordingDriver } from 'cinnabar/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';
import { givenItems, Item, Model, Shelf } from './models.ts';

const HOSTILE = [
  `'; drop table items; --`,
  `" or 1=1 --`,
  '\\',
  `''`,
  '?1',
  '$1',
  ':name',
  '/* */',
  '%_',
  '${1}',
  '\u2028',
  '😀',
  '',
  'null',
  '-1',
];

/** The engine, and the promises that all statements share. */
export function engineCases(open: OpenDriver): void {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await givenItems(db);
  });

  describe('the text of a statement', () => {
    const statements = (value: string) => [
      select({ id: Item.c.id }).where(Item.c.name.eq(value)),
      select({ id: Item.c.id }).where(Item.c.name.in([value, 'ant'])),
      select({ id: Item.c.id }).where(Item.c.name.like(value), Item.c.name.between(value, value)),
      select({ shown: sql<string>`${value} || ${Item.c.name}` }).from(Item),
      select(Item).filterBy({ name: value }),
      update(Item).set({ name: value }).where(Item.c.id.eq(1)).returning({ name: Item.c.name }),
      insert(Shelf).values({ label: value }, { label: value }).returning(),
      insert(Shelf)
        .values({ id: 1, label: value })
        .onConflict('id')
        .update(() => ({ label: value }))
        .returning(),
      deleteFrom(Item)
        .where(Item.c.name.eq(value), or(Item.c.name.ne(value), Item.c.name.is(value)))
        .returning(),
    ];

    test('never depends on a value', async () => {
      const plain = await db.record(() => db.engine.batch(statements('plain')));
      for (const value of HOSTILE) {
        const hostile = await db.record(() => db.engine.batch(statements(value)));
        expect(hostile.sql).toEqual(plain.sql);
      }
      expect(await db.values('select count(*) from items')).toEqual([3]);
    });

    test('nor on how many values a list has', async () => {
      const texts = new Set<string>();
      for (const length of [0, 1, 2, 100, 10_000]) {
        const ids = Array.from({ length }, (_, at) => at);
        const { result, sql: sent } = await db.record(() =>
          db.engine.all(select({ id: Item.c.id }).where(Item.c.id.in(ids))),
        );
        texts.add(sent[0]!);
        expect(result).toHaveLength(Math.min(4, Math.max(0, length - 1)));
      }

      expect(texts).toEqual(
        new Set(['select "items"."id" from "items" where "items"."id" in (select value from json_each(?1))']),
      );
    });

    test('a list of doubles comes in few lengths', async () => {
      const texts = new Set<string>();
      for (let length = 1; length <= 90; length++) {
        const rates = Array.from({ length }, (_, at) => at / 10);
        const { result, sql: sent } = await db.record(() =>
          db.engine.all(select({ id: Item.c.id }).where(Item.c.rate.in(rates))),
        );
        texts.add(sent[0]!);
        expect(result).toHaveLength(Math.min(4, length - 1));
      }

      expect(texts.size).toBeLessThan(15);
    });

    test('values come back as they went, hostile or not', async () => {
      for (const value of HOSTILE) {
        expect(await db.engine.all(insert(Shelf).values({ label: value }).returning({ label: Shelf.c.label }))).toEqual(
          [{ label: value }],
        );
        expect(await db.engine.all(select({ label: Shelf.c.label }).where(Shelf.c.label.eq(value)).limit(1))).toEqual([
          { label: value },
        ]);
        expect(
          await db.engine.all(
            select({ label: Shelf.c.label })
              .where(Shelf.c.label.in([value]))
              .limit(1),
          ),
        ).toEqual([{ label: value }]);
      }
    });
  });

  describe('limits', () => {
    test('more parameters than the driver takes are refused before any I/O', async () => {
      const { parameters } = db.driver.limits;
      const some = (count: number) =>
        select({ id: Item.c.id }).where(or(...Array.from({ length: count }, (_, at) => Item.c.id.eq(at))));
      const { error, calls } = await db.failure(() => db.engine.all(some(parameters + 1)));

      expect(isCinnabarError(error, 'LimitExceeded') && error.message).toBe(
        `a statement has ${parameters + 1} parameters; the database takes ${parameters}. Split it into several`,
      );
      expect(calls).toBe(0);
      expect(await db.engine.all(some(100))).toHaveLength(4);
    });

    test('so are more columns', async () => {
      const { columns } = db.driver.limits;
      const shape = (count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`c${at}`, Item.c.id]));
      const { error, calls } = await db.failure(() => db.engine.all(select(shape(columns + 1))));

      expect(isCinnabarError(error, 'LimitExceeded') && error.message).toContain(
        `${columns + 1} columns; the database takes ${columns}`,
      );
      expect(calls).toBe(0);
      expect(Object.keys((await db.engine.all(select(shape(100)).limit(1)))[0]!)).toHaveLength(100);
    });

    test('and more bytes of text, counted as bytes', async ({ skip }) => {
      const { statementBytes } = db.driver.limits;
      skip(db.driver.dialect.ddl.nameBytes !== undefined, 'names are too short for so much text');
      const name = 'é'.repeat(Math.ceil(statementBytes / 2));
      const { error, calls } = await db.failure(() => db.engine.all(select({ [name]: Item.c.id.plus(1) })));

      expect(isCinnabarError(error, 'LimitExceeded') && error.message).toContain('bytes of SQL; the database takes');
      expect(calls).toBe(0);
    });
  });

  describe('calls', () => {
    test('several statements are one trip, in order, of one snapshot', async () => {
      const { result, trips } = await db.record(() =>
        db.engine.batch([
          select({ label: Shelf.c.label }).where(Shelf.c.id.eq(1)),
          update(Shelf).set({ label: 'new' }).where(Shelf.c.id.eq(1)).returning({ label: Shelf.c.label }),
          select({ label: Shelf.c.label }).where(Shelf.c.id.eq(1)),
        ]),
      );

      expect(trips).toBe(1);
      expect(result).toEqual([[{ label: 'top' }], [{ label: 'new' }], [{ label: 'new' }]]);
      expect(await db.engine.batch([])).toEqual([]);
    });

    test('a failure of one undoes all', async () => {
      const { error } = await db.failure(() =>
        db.engine.batch([
          update(Shelf).set({ label: 'new' }).where(Shelf.c.id.eq(1)).returning(),
          insert(Shelf).values({ id: 1, label: 'x' }).returning(),
        ]),
      );

      expect(isCinnabarError(error, 'UniqueViolation')).toBe(true);
      expect(await db.values('select label from shelves where id = 1')).toEqual(['top']);
    });

    test('the log tells what was sent, and no values', async () => {
      const events: LogEvent[] = [];
      const engine = createEngine(db.driver, { log: (event) => events.push(event) });
      await engine.all(select({ id: Item.c.id }).where(Item.c.name.eq('canary')));
      await engine.run(insert(Shelf).values({ label: 'canary' }));
      await engine.run(insert(Shelf).values({ id: 1, label: 'canary' })).catch(() => {});

      expect(events.map(({ mode, trips, statements }) => ({ mode, trips, statements }))).toEqual([
        {
          mode: 'read',
          trips: 1,
          statements: [{ sql: 'select "items"."id" from "items" where "items"."name" = ?1', parameters: 1 }],
        },
        {
          mode: 'write',
          trips: 1,
          statements: [{ sql: 'insert into "shelves" ("label") values (?1)', parameters: 1 }],
        },
        {
          mode: 'write',
          trips: 1,
          statements: [{ sql: 'insert into "shelves" ("id", "label") values (?1, ?2)', parameters: 2 }],
        },
      ]);
      expect(isCinnabarError(events[2]!.error, 'UniqueViolation')).toBe(true);
      expect(events.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
      expect(JSON.stringify(events)).not.toContain('canary');
    });

    test('no error and no log shows a value', async () => {
      const canary = 'canary-4f1e';
      const events: unknown[] = [];
      const engine = createEngine(db.driver, { log: (event) => events.push(event) });
      const session = new Session(engine);
      const failures = [
        () => engine.run(insert(Shelf).values({ id: 1, label: canary })),
        () => engine.run(insert(Item).values({ id: 9, name: canary, shelfId: 99 })),
        () => engine.run(insert(Item).values({ name: { canary } as never })),
        () => engine.run(insert(Item).values({ name: `${canary}\0` })),
        () => engine.run(insert(Item).values({ name: `${canary}\uD800` })),
        () =>
          engine.run(
            update(Item)
              .set({ qty: canary as never })
              .allRows(),
          ),
        () => engine.run(update(Item).set({ price: canary }).allRows()),
        () =>
          engine.run(
            update(Item)
              .set({ meta: { [canary]: undefined } })
              .allRows(),
          ),
        () => engine.all(select({ x: sql`nope(${canary})` })),
        () => engine.all(select({ x: sql`json_extract(${canary}, '$')` })),
        () => engine.all(select({ x: sql`abs(${canary}) +` })),
        () => engine.all(select({ id: Item.c.id }).where(Item.c.qty.in([canary as never]))),
        () => engine.all(select(Item).filterBy({ qty: canary as never })),
        () => session.get(Item, canary as never),
        () => session.commit(),
      ];
      session.add(new Shelf({ id: 1, label: canary }));
      for (const work of failures) {
        const { error } = await db.failure(async () => work());
        expect(isCinnabarError(error)).toBe(true);
        expect(everything(error)).not.toContain(canary);
      }
      expect(everything(events)).not.toContain(canary);
    });

    test('trips are those that left: what is refused before has none', async () => {
      const driver = recordingDriver(db.driver);
      const engine = createEngine(driver);
      await createAll(engine, Model.metadata);
      await engine.all(select(Item)).catch(() => {});
      await engine.all(select({ x: sql`nope(1)` })).catch(() => {});
      await engine.all(select(Item), { deadline: Date.now() - 1 }).catch(() => {});

      expect(engine.roundTrips).toBe(3);
    });

    test('relations are for sessions', async () => {
      const { error, calls } = await db.failure(() => db.engine.all(select(Item).with({} as never)));

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        'with(): relations are loaded by a Session; the rows of an engine are plain',
      );
      expect(calls).toBe(0);
    });

    test('a closed engine is closed', async () => {
      const engine = createEngine(db.driver);
      await engine.close();
      await engine.close();
      const { error, calls } = await db.failure(() => engine.all(select(Item)));

      expect(isCinnabarError(error, 'ConfigurationError') && error.message).toBe(
        'the engine is closed; create another',
      );
      expect(calls).toBe(0);
    });

    test('what is no driver is refused', () => {
      expect(() => createEngine({} as never)).toThrow('createEngine(): expected a driver');
    });
  });
}

/** All that a logger could find in a value: own and inherited names, causes, stacks. */
function everything(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.has(value)) return '';
  seen.add(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)}: ${everything(Reflect.get(value, key), seen)}`)
    .join('\n');
}
