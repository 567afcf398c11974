import { execute, revision } from 'cinnabar/migrate';

export default revision({
  id: '5f0c2a17',
  parents: [],
  message: 'create notes',
  up: [
    execute('create table "notes" ("id" integer constraint "pk_notes" primary key, "body" text not null)'),
    execute(`insert into "notes" ("body") values ('Written before there was a count of words.')`),
  ],
  down: [execute('drop table "notes"')],
});
