import { bigint, declarativeBase, enumeration, extend, integer, many, one, text } from 'cinnabar';
import type { TestDatabase } from '../../support/database.ts';

export const Model = declarativeBase();

export class User extends Model('users', {
  id: integer().primaryKey(),
  name: text(),
  managerId: integer().nullable().references('users.id'),
  get manager() {
    return one(User, { by: 'managerId' }).nullable();
  },
  get reports() {
    return many(User, { by: 'managerId' });
  },
  get posts() {
    return many(Post, { by: 'authorId' });
  },
  get ranked() {
    return many(Post, { by: 'authorId', orderBy: 'views' });
  },
  get profile() {
    return one(Profile, { inverse: 'userId' }).nullable();
  },
}) {}

export class Profile extends Model('profiles', {
  id: integer().primaryKey(),
  bio: text(),
  userId: integer().unique().references('users.id'),
  get user() {
    return one(User);
  },
}) {}

export class Post extends Model('posts', {
  id: integer().primaryKey(),
  title: text(),
  views: integer().default(0),
  authorId: integer().references('users.id'),
  editorId: integer().nullable().references('users.id'),
  get author() {
    return one(User, { by: 'authorId' });
  },
  get editor() {
    return one(User, { by: 'editorId' }).nullable();
  },
  get tags() {
    return many(Tag, { through: 'post_tags' });
  },
}) {}

export class Tag extends Model('tags', {
  id: bigint().primaryKey(),
  label: text(),
  get posts() {
    return many(Post, { through: 'post_tags' });
  },
}) {}

/** Two trees: Ann over Bob and Cid, Bob over Dot; Eve alone. Ann has three posts, Bob one. */
export async function givenUsers(db: TestDatabase): Promise<void> {
  await db.run(
    `insert into users (id, name, manager_id) values (1, 'Ann', null), (2, 'Bob', 1), (3, 'Cid', 1), (4, 'Dot', 2), (5, 'Eve', null)`,
    `insert into profiles (id, bio, user_id) values (7, 'writes', 1), (8, 'reads', 4)`,
    `insert into posts (id, title, views, author_id, editor_id) values (1, 'One', 30, 1, 2), (2, 'Two', 10, 1, null), (3, 'Three', 20, 1, 1), (4, 'Four', 5, 2, 1)`,
    `insert into tags (id, label) values (1, 'sql'), (2, 'edge'), (9007199254740993, 'big')`,
    `insert into post_tags (post_id, tag_id) values (1, 2), (1, 1), (3, 9007199254740993), (4, 1)`,
  );
  await db.advanceKeys();
}

/** The list of one whole number a row, as each dialect binds it. */
export const WHOLE_NUMBERS = {
  sqlite: '(select value from json_each(?1))',
  postgres: '(select (value ->> 0)::bigint from json_array_elements($1::text::json) as rows(value))',
};

/** A list of text and a whole number. */
export const TEXT_AND_NUMBER = {
  sqlite: '(select value ->> 0, value ->> 1 from json_each(?1))',
  postgres: '(select value ->> 0, (value ->> 1)::bigint from json_array_elements($1::text::json) as rows(value))',
};

export const Keyed = declarativeBase();

export class Project extends Keyed('projects', {
  tenant: text().primaryKey(),
  id: integer().primaryKey({ generated: false }),
  name: text(),
  get tasks() {
    return many(Task);
  },
  get members() {
    return many(Member, { through: 'project_members' });
  },
}) {}

export class Task extends Keyed(
  'tasks',
  {
    id: integer().primaryKey(),
    title: text(),
    tenant: text().nullable(),
    projectId: integer().nullable(),
    get project() {
      return one(Project).nullable();
    },
  },
  { foreignKeys: [{ columns: ['tenant', 'projectId'], references: 'projects' }] },
) {}

export class Member extends Keyed('members', {
  region: text().primaryKey(),
  number: integer().primaryKey({ generated: false }),
  get projects() {
    return many(Project, { through: 'project_members' });
  },
}) {}

export async function givenProjects(db: TestDatabase): Promise<void> {
  await db.run(
    `insert into projects (tenant, id, name) values ('a', 1, 'A1'), ('a', 2, 'A2'), ('b', 1, 'B1')`,
    `insert into tasks (id, title, tenant, project_id) values (1, 'x', 'a', 1), (2, 'y', 'b', 1), (3, 'z', 'a', 1), (4, 'w', null, 1), (5, 'v', null, null)`,
    `insert into members (region, number) values ('eu', 1), ('eu', 2), ('us', 1)`,
    `insert into project_members (project_tenant, project_id, member_region, member_number) values ('a', 1, 'eu', 1), ('a', 1, 'us', 1), ('b', 1, 'eu', 1)`,
  );
  await db.advanceKeys();
}

export const Zoo = declarativeBase();

export class Keeper extends Zoo('keepers', {
  id: integer().primaryKey(),
  name: text(),
  get animals() {
    return many(Animal);
  },
  get trucks() {
    return many(Truck, { by: 'driverId' });
  },
}) {}

export class Animal extends Zoo('animals', {
  id: integer().primaryKey(),
  kind: enumeration('animal', 'dog', 'bird'),
  name: text(),
  keeperId: integer().nullable().references('keepers.id'),
  get keeper() {
    return one(Keeper).nullable();
  },
}) {}

export class Dog extends extend(Animal, { kind: 'dog' }, { barks: integer().nullable() }) {}
export class Bird extends extend(Animal, 'birds', { wings: integer() }, { kind: 'bird' }) {}

export class Vehicle extends Zoo('vehicles', { id: integer().primaryKey(), plate: text() }) {}
export class Truck extends extend(Vehicle, 'trucks', {
  load: integer(),
  driverId: integer().nullable().references('keepers.id'),
  get driver() {
    return one(Keeper, { by: 'driverId' }).nullable();
  },
}) {}
Zoo.register(Dog, Bird, Truck);

export async function givenZoo(db: TestDatabase): Promise<void> {
  await db.run(
    `insert into keepers (id, name) values (1, 'Kim'), (2, 'Lee')`,
    `insert into animals (id, kind, name, keeper_id, barks) values (1, 'animal', 'Ant', 1, null), (2, 'dog', 'Rex', 1, 9), (3, 'bird', 'Tit', 2, null), (4, 'dog', 'Fly', null, null)`,
    `insert into birds (id, wings) values (3, 2)`,
    `insert into vehicles (id, plate) values (1, 'car'), (2, 'truck')`,
    `insert into trucks (id, load, driver_id) values (2, 7, 1)`,
  );
  await db.advanceKeys();
}
