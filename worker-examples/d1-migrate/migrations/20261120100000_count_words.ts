import { data, execute, revision } from 'cinnabar/migrate';

export default revision({
  id: 'c81d9e40',
  parents: ['5f0c2a17'],
  message: 'count words',
  up: [
    execute('alter table "notes" add column "words" integer not null default 0'),
    data('count the words of what is there', async (db) => {
      for (const [id, body] of await db.rows('select "id", "body" from "notes"')) {
        const words = String(body).split(/\s+/).filter(Boolean).length;
        await db.execute(`update "notes" set "words" = ${words} where "id" = ${Number(id)}`);
      }
    }),
  ],
  down: [execute('alter table "notes" drop column "words"')],
});
