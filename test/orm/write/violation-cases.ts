import {
  createAll,
  declarativeBase,
  deleteFrom,
  insert,
  integer,
  isCinnabarError,
  Session,
  sql,
  text,
  update,
  type AnyWrite,
  type CinnabarError,
  type Engine,
} from 'cinnabar';
import { describe, expect, test } from 'vitest';
import { freshDatabase, type OpenDriver } from '../../support/database.ts';

const Model = declarativeBase();

class Person extends Model(
  'people',
  {
    id: integer().primaryKey(),
    mail: text().named('email_address').unique(),
    team: text(),
    place: integer().named('place_no'),
    age: integer(),
  },
  { unique: [['team', 'place']] },
).constrain((c) => ({ checks: { adult: c.age.gte(18) } })) {}

class Seat extends Model('seats', {
  row: integer().named('row_no').primaryKey({ generated: false }),
  letter: text().primaryKey(),
  personId: integer().nullable().references('people.id'),
}) {}

/** The table of notes takes no NULL; the program believes that it does. */
const Stored = declarativeBase();
Stored('notes', { id: integer().primaryKey(), body: text().named('body_text') });
const Believed = declarativeBase();
class Note extends Believed('notes', { id: integer().primaryKey(), body: text().named('body_text').nullable() }) {}

/** What no message and no detail may say. */
const SECRET = 'jane.doe@secret.example';
const NUMBER = 77_123_456;

type Name = 'table' | 'columns' | 'constraint' | 'model' | 'attributes';
type Known = { readonly [K in Name]?: CinnabarError[K] };

interface Violation {
  readonly what: string;
  readonly code: string;
  /** Leaves it pending. */
  readonly pend: (session: Session) => void | Promise<void>;
  readonly write: () => AnyWrite;
  /** What is known on each: of the database by its answer, of the program by the table that this names. */
  readonly says: Readonly<Record<'sqlite' | 'postgres', Known>>;
}

const mail = { table: 'people', columns: ['email_address'], model: 'Person', attributes: ['mail'] };
const place = { table: 'people', columns: ['team', 'place_no'], model: 'Person', attributes: ['team', 'place'] };
const key = { table: 'people', columns: ['id'], model: 'Person', attributes: ['id'] };
const seat = { table: 'seats', columns: ['row_no', 'letter'], model: 'Seat', attributes: ['row', 'letter'] };
const body = { table: 'notes', columns: ['body_text'], model: 'Note', attributes: ['body'] };
const adult = { constraint: 'ck_people_adult' };
const owner = { table: 'seats', constraint: 'fk_seats_person_id_people', model: 'Seat' };

const person = (values: Partial<ConstructorParameters<typeof Person>[0]> = {}) => ({
  mail: 'b@x.example',
  team: 'b',
  place: 1,
  age: 30,
  ...values,
});
const taken = { mail: SECRET, team: 'a', place: NUMBER } as const;

const violations: readonly Violation[] = [
  {
    what: 'a value of a unique column',
    code: 'UniqueViolation',
    pend: (session) => session.add(new Person(person({ mail: taken.mail }))),
    write: () => insert(Person).values(person({ mail: taken.mail })),
    says: { sqlite: mail, postgres: { ...mail, constraint: 'uq_people_email_address' } },
  },
  {
    what: 'a value of a unique column, in one of several rows',
    code: 'UniqueViolation',
    pend: (session) => session.addAll([new Person(person()), new Person(person({ mail: taken.mail, place: 2 }))]),
    write: () => insert(Person).values(person(), person({ mail: taken.mail, place: 2 })),
    says: { sqlite: mail, postgres: { ...mail, constraint: 'uq_people_email_address' } },
  },
  {
    what: 'values of two columns that are unique together',
    code: 'UniqueViolation',
    pend: (session) => session.add(new Person(person({ team: taken.team, place: taken.place }))),
    write: () => insert(Person).values(person({ team: taken.team, place: taken.place })),
    says: { sqlite: place, postgres: { ...place, constraint: 'uq_people_team_place_no' } },
  },
  {
    what: 'a primary key',
    code: 'UniqueViolation',
    pend: (session) => session.add(new Person(person({ id: NUMBER }))),
    write: () => insert(Person).values(person({ id: NUMBER })),
    says: { sqlite: key, postgres: { ...key, constraint: 'pk_people' } },
  },
  {
    what: 'a primary key of two columns',
    code: 'UniqueViolation',
    pend: (session) => session.add(new Seat({ row: NUMBER, letter: 'A' })),
    write: () => insert(Seat).values({ row: NUMBER, letter: 'A' }),
    says: { sqlite: seat, postgres: { ...seat, constraint: 'pk_seats' } },
  },
  {
    what: 'an update of a unique column',
    code: 'UniqueViolation',
    pend: async (session) => {
      const other = await session.query(Person).filterBy({ team: 'other' }).one();
      other.mail = taken.mail;
    },
    write: () => update(Person).set({ mail: taken.mail }).where(Person.c.team.eq('other')),
    says: { sqlite: mail, postgres: { ...mail, constraint: 'uq_people_email_address' } },
  },
  {
    what: 'a row that refers to none',
    code: 'ForeignKeyViolation',
    pend: (session) => session.add(new Seat({ row: 1, letter: 'B', personId: NUMBER + 1 })),
    write: () => insert(Seat).values({ row: 1, letter: 'B', personId: NUMBER + 1 }),
    // SQLite counts what is missing, and knows at the end of the statement only that there is some.
    says: { sqlite: {}, postgres: { ...owner, columns: ['person_id'], attributes: ['personId'] } },
  },
  {
    what: 'a row that is referred to and deleted',
    code: 'ForeignKeyViolation',
    pend: async (session) => session.delete((await session.get(Person, NUMBER))!),
    write: () => deleteFrom(Person).where(Person.c.id.eq(NUMBER)),
    // The key that the reply quotes is that of the row that was to go, and no column of the table that it names.
    says: { sqlite: {}, postgres: { ...owner, attributes: [] } },
  },
  {
    what: 'NULL where the database takes none',
    code: 'NotNullViolation',
    pend: (session) => session.add(new Note({ body: null })),
    write: () => insert(Note).values({ body: null }),
    says: { sqlite: body, postgres: body },
  },
  {
    what: 'a CHECK',
    code: 'CheckViolation',
    pend: (session) => session.add(new Person(person({ mail: 'c@x.example', age: 17 }))),
    write: () =>
      update(Person)
        .set({ age: sql<number>`17` })
        .where(Person.c.id.eq(NUMBER)),
    // SQLite tells the name of the constraint alone. PostgreSQL does not tell which columns the rule reads.
    says: { sqlite: adult, postgres: { ...adult, table: 'people', model: 'Person', attributes: [] } },
  },
];

/** What the database refuses: typed, under the names of the database and of the program, and without values. */
export function violationCases(open: OpenDriver): void {
  async function given() {
    const db = await freshDatabase(await open(), Model.metadata);
    await createAll(db.engine, Stored.metadata);
    const session = db.session();
    session.add(new Person({ id: NUMBER, age: 18, ...taken }));
    session.add(new Seat({ row: NUMBER, letter: 'A', personId: NUMBER }));
    session.add(new Person({ id: 900, mail: 'other@x.example', team: 'other', place: 9, age: 40 }));
    await session.commit();
    return { db, counts: () => db.rows('select (select count(*) from people), (select count(*) from seats)') };
  }

  async function refusal(work: () => Promise<unknown>): Promise<CinnabarError> {
    const error = await work().catch((caught: unknown) => caught);
    expect(isCinnabarError(error)).toBe(true);
    return error as CinnabarError;
  }

  function expectRefusal(error: CinnabarError, code: string, known: Known): void {
    const { table, columns, constraint, model, attributes, outcome, retryable } = error;
    const said = { code: error.code, outcome, retryable, table, columns, constraint, model, attributes };
    const names = { table: undefined, columns: undefined, constraint: undefined, model: undefined };
    expect(said).toEqual({
      ...names,
      attributes: undefined,
      ...known,
      code,
      outcome: 'not committed',
      retryable: false,
    });
    const { cause: _, ...details } = error;
    for (const value of [SECRET, String(NUMBER)]) expect(error.message + JSON.stringify(details)).not.toContain(value);
  }

  describe('what the database refuses', () => {
    test.for(violations)('$what: a session says what, and nothing is written', async (violation) => {
      const { db, counts } = await given();
      const before = await counts();
      const session = db.session();
      await violation.pend(session);
      const { calls, result } = await db.record(() => refusal(() => session.commit()));
      expectRefusal(result, violation.code, db.by(violation.says));
      expect(calls).toBe(1);
      expect(await counts()).toEqual(before);
    });

    test.for(violations)('$what: a statement of its own says the same', async ({ write, code, says }) => {
      const { db, counts } = await given();
      const before = await counts();
      const runners: ((engine: Engine, statement: AnyWrite) => Promise<unknown>)[] = [
        (engine, statement) => engine.run(statement),
        (engine, statement) => engine.batch([statement]),
        (engine, statement) => new Session(engine).run(statement),
      ];
      for (const run of runners) {
        const error = await refusal(() => run(db.engine, write()));
        expectRefusal(error, code, db.by(says));
      }
      expect(await counts()).toEqual(before);
    });
  });
}
