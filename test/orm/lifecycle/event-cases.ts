import { declarativeBase, EventError, extend, integer, many, on, one, text, type Session } from 'cinnabar';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../../support/database.ts';

const Model = declarativeBase();

class Person extends Model('people', {
  id: integer().primaryKey(),
  name: text(),
  slug: text().defaultSql(''),
  kind: text().default('person'),
  get letters() {
    return many(Letter, { cascade: 'delete' });
  },
}) {
  shout: string | undefined;
}
class Boss extends extend(Person, { kind: 'boss' }, {}) {}
class Letter extends Model('letters', {
  id: integer().primaryKey(),
  text: text(),
  personId: integer().references('people.id'),
  get person() {
    return one(Person);
  },
}) {}
class Entry extends Model('entries', { id: integer().primaryKey(), what: text() }) {}
Model.register(Boss);

/** What is told of entities and sessions, when, and what a handler may do. */
export function eventCases(open: OpenDriver): void {
  let db: TestDatabase;
  let session: Session;
  let told: string[];
  const ends: (() => void)[] = [];
  const listen = (off: () => void): void => void ends.push(off);
  const note =
    (what: string) =>
    (given?: unknown): void =>
      void told.push(given instanceof Person ? `${what} ${given.name}` : what);
  beforeEach(async () => {
    db = await freshDatabase(await open(), Model.metadata);
    await db.run(
      `insert into people (id, name, slug, kind) values (1, 'Ann', 'ann', 'person'), (2, 'Bob', 'bob', 'boss')`,
    );
    await db.run(`insert into letters (id, text, person_id) values (1, 'Hi', 1)`);
    await db.advanceKeys();
    session = db.session();
    told = [];
  });
  afterEach(() => {
    for (const off of ends.splice(0)) off();
  });

  describe('a commit', () => {
    const everything = [
      'beforeCommit',
      'beforeFlush',
      'afterFlush',
      'afterCommit',
      'beforeInsert',
      'afterInsert',
      'beforeUpdate',
      'afterUpdate',
      'beforeDelete',
      'afterDelete',
    ] as const;

    test('takes what is pending when it is called, whoever listens to other models and sessions', async () => {
      listen(on(Entry, 'beforeInsert', note('an entry')));
      listen(on(db.session(), 'beforeCommit', note('another session')));
      const ann = (await session.get(Person, 1))!;
      ann.name = 'Anna';
      const commit = session.commit();
      ann.name = 'Annie';
      await commit;
      expect(await db.values('select name from people where id = 1')).toEqual(['Anna']);
      await session.commit();
      expect(await db.values('select name from people where id = 1')).toEqual(['Annie']);
      expect(told).toEqual([]);
    });

    test('tells of itself and of its entities in order, in one trip', async () => {
      for (const event of everything) listen(on(session, event as 'beforeInsert', note(event)));
      const [ann, bob] = [(await session.get(Person, 1))!, (await session.get(Person, 2))!];
      ann.name = 'Ada';
      session.delete(bob);
      session.add(new Person({ name: 'Cid' }));

      const { trips } = await db.record(() => session.commit());

      expect(trips).toBe(1);
      expect(told).toEqual([
        'beforeCommit',
        'beforeFlush',
        'beforeInsert Cid',
        'beforeUpdate Ada',
        'beforeDelete Bob',
        'afterInsert Cid',
        'afterUpdate Ada',
        'afterDelete Bob',
        'afterFlush',
        'afterCommit',
      ]);
      told.length = 0;
      await session.commit();
      expect(told).toEqual(['beforeCommit', 'afterCommit']);
    });

    test('tells those of the engine first, then of the base, of its bases, of the model, of the session', async () => {
      listen(on(session, 'beforeInsert', note('session')));
      listen(on(Boss, 'beforeInsert', note('boss')));
      listen(on(Person, 'beforeInsert', note('person')));
      listen(on(Model, 'beforeInsert', note('base')));
      listen(on(db.engine, 'beforeInsert', note('engine')));
      listen(on(Letter, 'beforeInsert', note('letter')));
      session.add(new Boss({ name: 'Cid' }));
      await session.commit();
      expect(told).toEqual(['engine Cid', 'base Cid', 'person Cid', 'boss Cid', 'session Cid']);
      told.length = 0;
      const other = db.session();
      other.add(new Person({ name: 'Dot' }));
      await other.commit();
      expect(told).toEqual(['engine Dot', 'base Dot', 'person Dot']);
    });

    test('waits for handlers, and writes what they change', async () => {
      listen(
        on(Person, 'beforeInsert', async (person) => {
          await Promise.resolve();
          person.slug = person.name.toLowerCase();
        }),
      );
      listen(on(Person, 'beforeUpdate', (person) => void (person.slug = `${person.slug}-2`)));
      const cid = new Person({ name: 'Cid' });
      session.add(cid);
      (await session.get(Person, 1))!.name = 'Ada';
      expect((await db.record(() => session.commit())).trips).toBe(1);
      expect(await db.values('select slug from people order by id')).toEqual(['ann-2', 'bob', 'cid']);
    });

    test('goes on with what handlers add, delete and change, whose handlers run too', async () => {
      db.allowMoreTrips('a handler reads what it deletes');
      listen(on(Person, 'beforeDelete', (person, at) => at.add(new Entry({ what: `deleted ${person.name}` }))));
      listen(on(Entry, 'beforeInsert', (entry) => void (entry.what += '!')));
      listen(on(session, 'beforeFlush', async (at) => at.delete((await at.get(Person, 2))!)));
      (await session.get(Person, 1))!.name = 'Ada';
      await session.commit();
      expect(await db.values('select what from entries')).toEqual(['deleted Bob!']);
      expect(await db.values('select name from people')).toEqual(['Ada']);
    });

    test('tells of what goes with a parent, where it is in memory', async () => {
      listen(on(Letter, 'beforeDelete', note('letter')));
      listen(on(Letter, 'afterDelete', note('gone')));
      const ann = await session.query(Person).filterBy({ id: 1 }).with({ letters: true }).one();
      session.delete(ann);
      await session.commit();
      expect(told).toEqual(['letter', 'gone']);
    });

    test('is refused by a handler that throws before it; nothing is sent', async () => {
      listen(
        on(Person, 'beforeUpdate', () => {
          throw new Error('no');
        }),
      );
      (await session.get(Person, 1))!.name = 'Ada';
      const { error, calls } = await db.failure(() => session.commit());
      expect(String(error)).toBe('Error: no');
      expect(calls).toBe(0);
      expect(await db.values('select name from people where id = 1')).toEqual(['Ann']);
    });

    test('stays, whatever a handler does after it', async () => {
      listen(
        on(session, 'afterCommit', () => {
          throw new Error('mail is down');
        }),
      );
      listen(on(session, 'afterUpdate', () => Promise.reject(new Error('cache is down'))));
      const ann = (await session.get(Person, 1))!;
      ann.name = 'Ada';
      const { error } = await db.failure(() => session.commit());
      expect(error).toBeInstanceOf(EventError);
      expect(error).toMatchObject({ code: 'EventError', outcome: 'committed', retryable: false });
      expect(((error as Error).cause as AggregateError).errors.map(String)).toEqual([
        'Error: cache is down',
        'Error: mail is down',
      ]);
      expect(await db.values('select name from people where id = 1')).toEqual(['Ada']);
      ends.splice(0).forEach((off) => off());
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('that fails tells nothing after it', async () => {
      listen(on(session, 'afterCommit', note('committed')));
      listen(on(session, 'afterInsert', note('inserted')));
      listen(on(session, 'afterRollback', note('rolled back')));
      session.add(new Person({ id: 1, name: 'taken' }));
      expect((await db.failure(() => session.commit())).error).toMatchObject({ code: 'UniqueViolation' });
      expect(told).toEqual([]);
      await session.rollback();
      expect(told).toEqual(['rolled back']);
    });

    test('cannot be begun, ended or rolled back by its own handlers', async () => {
      listen(on(session, 'beforeCommit', (at) => at.commit()));
      const { error } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'SessionBusyError' });
    });

    test('ends where handlers go on making work', async () => {
      listen(on(Entry, 'beforeInsert', (_, at) => at.add(new Entry({ what: 'more' }))));
      session.add(new Entry({ what: 'first' }));
      const { error, calls } = await db.failure(() => session.commit());
      expect(error).toMatchObject({ code: 'ConfigurationError', model: 'Entry' });
      expect(calls).toBe(0);
    });
  });

  describe('load', () => {
    test('is told of each entity that is made of a row, once', async () => {
      listen(on(Person, 'load', (person) => void (person.shout = person.name.toUpperCase())));
      listen(on(Boss, 'load', note('boss')));
      const [ann, bob] = await session.query(Person).orderBy(Person.c.id.asc()).all();
      await session.query(Person).all();
      expect([ann!.shout, bob!.shout, told]).toEqual(['ANN', 'BOB', ['boss Bob']]);
      expect((await db.record(() => session.commit())).calls).toBe(0);
    });

    test('changes no column and waits for nothing', async () => {
      listen(on(Person, 'load', (person) => void (person.name = 'x')));
      await expect(session.get(Person, 1)).rejects.toMatchObject({
        code: 'ConfigurationError',
        model: 'Person',
        attributes: ['name'],
      });
      ends.splice(0).forEach((off) => off());
      // @ts-expect-error -- a handler of load returns at once
      listen(on(Person, 'load', async () => Promise.resolve()));
      await expect(session.get(Person, 1)).rejects.toThrow(/returned a promise/);
      ends.splice(0).forEach((off) => off());
      expect((await session.get(Person, 1))!.name).toBe('Ann');
    });
  });

  describe('a transaction', () => {
    test('tells of each flush, and of its commit once that is known', async () => {
      if (!session.isInteractive()) return;
      for (const event of ['beforeCommit', 'beforeFlush', 'afterFlush', 'afterCommit', 'afterRollback'] as const)
        listen(on(session, event, note(event)));
      await session.transaction(async (tx) => {
        tx.add(new Entry({ what: 'a' }));
        await tx.flush();
        tx.add(new Entry({ what: 'b' }));
        told.push('work');
      });
      expect(told).toEqual([
        'beforeFlush',
        'afterFlush',
        'work',
        'beforeCommit',
        'beforeFlush',
        'afterFlush',
        'afterCommit',
      ]);
    });

    test('is rolled back by what a handler of a flush throws, and not by what one of its commit does', async () => {
      if (!session.isInteractive()) return;
      listen(on(session, 'afterRollback', note('rolled back')));
      const off = on(session, 'afterInsert', () => {
        throw new Error('no');
      });
      const work = async (tx: Session<true>): Promise<void> => {
        tx.add(new Entry({ what: 'a' }));
        await tx.flush();
      };
      await expect(session.transaction(work)).rejects.toThrow('no');
      off();
      expect([told, await db.values('select what from entries')]).toEqual([['rolled back'], []]);
      listen(
        on(session, 'afterCommit', () => {
          throw new Error('late');
        }),
      );
      await expect(session.transaction(work)).rejects.toMatchObject({ code: 'EventError', outcome: 'committed' });
      expect(await db.values('select what from entries')).toEqual(['a']);
      expect((await session.query(Entry).all()).length).toBe(1);
    });
  });

  test('a handler that was taken off is called no more', async () => {
    const off = on(session, 'beforeCommit', note('called'));
    await session.commit();
    off();
    off();
    await session.commit();
    expect(told).toEqual(['called']);
  });

  test('targets and events that are none are refused', () => {
    // @ts-expect-error -- no such event
    expect(() => on(Person, 'beforeSave', note(''))).toThrow(
      "on(): no event 'beforeSave' here; there are beforeInsert,",
    );
    // @ts-expect-error -- a session's event
    expect(() => on(Person, 'beforeCommit', note(''))).toThrow("no event 'beforeCommit' here");
    expect(() => on(Date, 'beforeInsert', note(''))).toThrow('on(): expected a model class');
    // @ts-expect-error -- a function
    expect(() => on(session, 'beforeCommit', 'x')).toThrow("on('beforeCommit'): expected a function, got a string");
  });
}
