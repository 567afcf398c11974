import { declarativeBase, integer, many, one, text, type Session } from 'cinnabar';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshDatabase, type OpenDriver, type TestDatabase } from '../support/database.ts';

// Programs that change natural keys of two levels, beside a plain graph that knows nothing of keys: what a row refers to
// is what its object refers to, whatever changes its name meanwhile.

/** What the foreign keys do by themselves where what they refer to changes. */
export type OnUpdate = 'cascade' | 'no action';

/** Organisations by their code, departments by the code and a number, people in departments. */
export function keyModels(onUpdate: OnUpdate) {
  const Model = declarativeBase();
  class Org extends Model('orgs', {
    code: text().primaryKey(),
    title: text(),
    get depts() {
      return many(Dept);
    },
  }) {}
  class Dept extends Model(
    'depts',
    {
      orgCode: text().primaryKey(),
      number: integer().primaryKey({ generated: false }),
      title: text(),
      get org() {
        return one(Org);
      },
      get staff() {
        return many(Person);
      },
    },
    { foreignKeys: [{ columns: ['orgCode'], references: 'orgs', onUpdate }] },
  ) {}
  class Person extends Model(
    'people',
    {
      id: integer().primaryKey(),
      title: text(),
      orgCode: text().nullable(),
      deptNumber: integer().nullable(),
      get dept() {
        return one(Dept).nullable();
      },
    },
    { foreignKeys: [{ columns: ['orgCode', 'deptNumber'], references: 'depts', onUpdate }] },
  ) {}
  return { Model, Org, Dept, Person };
}
type Models = ReturnType<typeof keyModels>;

const at = fc.nat(8);
const step = fc.oneof(
  fc.record({ do: fc.constant('new org' as const) }),
  fc.record({ do: fc.constant('new dept' as const), at }),
  fc.record({ do: fc.constant('new person' as const), at }),
  fc.record({ do: fc.constant('rename org' as const), at }),
  fc.record({ do: fc.constant('swap orgs' as const), at, with: at }),
  fc.record({ do: fc.constant('renumber' as const), at }),
  fc.record({ do: fc.constant('swap numbers' as const), at, with: at }),
  fc.record({ do: fc.constant('move dept' as const), at, to: at }),
  fc.record({ do: fc.constant('move person' as const), at, to: at }),
  fc.record({ do: fc.constant('leave' as const), at }),
  fc.record({ do: fc.constant('retitle' as const), at, of: fc.constantFrom('orgs', 'depts', 'people') }),
  fc.record({ do: fc.constant('commit' as const) }),
  fc.record({ do: fc.constant('another session' as const), loads: fc.constantFrom('rows', 'relations') }),
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
/** Random programs, longer ones too. */
export const programs: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 4, maxLength: 24 });

interface PlainOrg {
  code: string;
  title: string;
}
interface PlainDept {
  org: PlainOrg;
  number: number;
  title: string;
}
interface PlainPerson {
  readonly key: string;
  title: string;
  dept: PlainDept | undefined;
}

/** One database, one session after the other, and the graph that they have to have stored. */
export class KeyWorld {
  readonly #db: TestDatabase;
  readonly #models: Models;
  #session: Session;
  readonly orgs: [PlainOrg, InstanceType<Models['Org']>][] = [];
  readonly depts: [PlainDept, InstanceType<Models['Dept']>][] = [];
  readonly people: [PlainPerson, InstanceType<Models['Person']>][] = [];
  #next = 0;

  constructor(db: TestDatabase, models: Models) {
    this.#db = db;
    this.#models = models;
    this.#session = db.session();
  }

  static async emptied(db: TestDatabase): Promise<void> {
    await db.run('delete from people', 'delete from depts', 'delete from orgs');
  }

  async take(given: Step): Promise<void> {
    const { Org, Dept, Person } = this.#models;
    const name = `n${++this.#next}`;
    const of = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(list.length, 1)];
    switch (given.do) {
      case 'new org': {
        const org = new Org({ code: name, title: name });
        this.#session.add(org);
        this.orgs.push([{ code: name, title: name }, org]);
        return;
      }
      case 'new dept': {
        const parent = of(this.orgs, given.at);
        if (!parent) return;
        const number = this.#next;
        const dept = new Dept({ orgCode: parent[1].code, number, title: name, org: parent[1] });
        this.#session.add(dept);
        this.depts.push([{ org: parent[0], number, title: name }, dept]);
        return;
      }
      case 'new person': {
        const parent = of(this.depts, given.at);
        const person = new Person({ title: name, ...(parent && { dept: parent[1] }) });
        this.#session.add(person);
        this.people.push([{ key: name, title: name, dept: parent?.[0] }, person]);
        return;
      }
      case 'rename org': {
        const org = of(this.orgs, given.at);
        if (org) for (const each of org) each.code = name;
        return;
      }
      case 'swap orgs': {
        const [one, other] = [of(this.orgs, given.at), of(this.orgs, given.with)];
        if (!one || !other) return;
        for (const side of [0, 1] as const) [one[side].code, other[side].code] = [other[side].code, one[side].code];
        return;
      }
      case 'renumber': {
        const dept = of(this.depts, given.at);
        if (dept) for (const each of dept) each.number = this.#next;
        return;
      }
      case 'swap numbers': {
        const [one, other] = [of(this.depts, given.at), of(this.depts, given.with)];
        if (!one || !other) return;
        for (const side of [0, 1] as const)
          [one[side].number, other[side].number] = [other[side].number, one[side].number];
        return;
      }
      case 'move dept': {
        const [dept, org] = [of(this.depts, given.at), of(this.orgs, given.to)];
        if (!dept || !org) return;
        dept[0].org = org[0];
        dept[1].org.set(org[1]);
        return;
      }
      case 'move person':
      case 'leave': {
        const person = of(this.people, given.at);
        const dept = given.do === 'leave' ? undefined : of(this.depts, given.to);
        if (!person) return;
        person[0].dept = dept?.[0];
        person[1].dept.set(dept?.[1] ?? null);
        return;
      }
      case 'retitle': {
        const found = of<readonly { title: string }[]>(this[given.of as 'orgs'], given.at);
        for (const each of found ?? []) each.title = name;
        return;
      }
      case 'commit':
        return this.commit();
      case 'another session':
        await this.commit();
        return this.#open(given.loads === 'relations');
    }
  }

  async commit(): Promise<void> {
    const { trips } = await this.#db.record(() => this.#session.commit());
    expect(trips).toBeLessThanOrEqual(1);
    await this.#check();
  }

  /** What is stored is the graph; what is in memory is what is stored, and nothing of it is pending. */
  async #check(): Promise<void> {
    const sorted = (rows: readonly (readonly unknown[])[]): string[] =>
      rows.map((row) => JSON.stringify(row.map((cell) => (typeof cell === 'number' ? `${cell}` : cell)))).toSorted();
    const stored = {
      orgs: sorted(await this.#db.rows('select code, title from orgs')),
      depts: sorted(await this.#db.rows('select org_code, number, title from depts')),
      people: sorted(await this.#db.rows('select org_code, dept_number, title from people')),
    };
    expect(stored).toEqual({
      orgs: sorted(this.orgs.map(([{ code, title }]) => [code, title])),
      depts: sorted(this.depts.map(([{ org, number, title }]) => [org.code, number, title])),
      people: sorted(this.people.map(([{ dept, title }]) => [dept?.org.code ?? null, dept?.number ?? null, title])),
    });
    expect({
      orgs: sorted(this.orgs.map(([, { code, title }]) => [code, title])),
      depts: sorted(this.depts.map(([, { orgCode, number, title }]) => [orgCode, number, title])),
      people: sorted(this.people.map(([, { orgCode, deptNumber, title }]) => [orgCode, deptNumber, title])),
    }).toEqual(stored);
    expect((await this.#db.record(() => this.#session.commit())).calls).toBe(0);
  }

  /** Another session, with the same entities, and their relations known or not. */
  async #open(isWhole: boolean): Promise<void> {
    const { Org, Dept, Person } = this.#models;
    const session = this.#db.session();
    const orgs: readonly InstanceType<Models['Org']>[] = isWhole
      ? await session
          .query(Org)
          .with({ depts: { staff: true } })
          .all()
      : await session.query(Org).all();
    const depts = await session.query(Dept).all();
    const people = await session.query(Person).all();
    const known = <T extends { title: string }>(title: string, list: readonly T[]): T =>
      list.find((each) => each.title === title)!;
    for (const pair of this.orgs) pair[1] = known(pair[0].title, orgs);
    for (const pair of this.depts) pair[1] = known(pair[0].title, depts);
    for (const pair of this.people) pair[1] = known(pair[0].title, people);
    this.#session = session;
  }
}

/** What rows refer to by keys that change, whether the database keeps them in step or the unit does. */
export function keyProgramCases(open: OpenDriver, runs: number, kinds: readonly OnUpdate[]): void {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  test.for(kinds)(
    `rows go with the keys that they refer to, on update %s (SEED=${seed})`,
    { timeout: 600_000 },
    async (onUpdate) => {
      const models = keyModels(onUpdate);
      const db = await freshDatabase(await open(), models.Model.metadata);
      let commits = 0;
      await fc.assert(
        fc.asyncProperty(programs, async (program) => {
          await KeyWorld.emptied(db);
          const world = new KeyWorld(db, models);
          for (const step of program) await world.take(step);
          await world.commit();
          commits++;
        }),
        { numRuns: runs, seed },
      );
      expect(commits).toBeGreaterThanOrEqual(runs);
    },
  );
}
