// The same program in the words of peers. They are installed apart from the library: npm ci --prefix bench
import { childOf, each, names, parentOf, type Contender } from './contender.ts';

export const drizzle: Contender = {
  name: 'drizzle 1.0.0-rc.5',
  needs: { name: 'drizzle-orm', from: 'bench' },
  program: (models) => ({
    'models.ts': `import { defineRelations } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
${each(
  models,
  (at) => `
export const m${at} = sqliteTable('m${at}', {
  id: integer().primaryKey(),
  name: text().notNull(),
  email: text().unique(),
  rank: integer().notNull().default(0),
  active: integer({ mode: 'boolean' }).notNull().default(true),
  meta: text({ mode: 'json' }).$type<{ words: number }>().notNull().default({ words: 0 }),
  role: text({ enum: ['reader', 'editor'] }).notNull().default('reader'),
  createdAt: integer({ mode: 'timestamp_ms' }).notNull().$defaultFn(() => new Date()),
  ownerId: integer().notNull(),
});
`,
)}
export const relations = defineRelations({ ${names(models, 'm')} }, (r) => ({
${each(
  models,
  (at) => `  m${at}: {
    owner: r.one.m${parentOf(at, models)}({ from: r.m${at}.ownerId, to: r.m${parentOf(at, models)}.id, optional: false }),
    items: r.many.m${childOf(at, models)}({ from: r.m${at}.id, to: r.m${childOf(at, models)}.ownerId }),
  },
`,
)}}));
`,
    'queries.ts': `import { gt } from 'drizzle-orm';
import type { SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy';
import { ${names(models, 'm')}, type relations } from './models.js';
type Database = SqliteRemoteDatabase<unknown, typeof relations>;
${each(
  models,
  (at) => `
export async function q${at}(db: Database) {
  const [loaded] = await db.query.m${at}.findMany({ where: { name: 'x' }, with: { items: { with: { items: true } } } });
  const deep: string | undefined = loaded?.items[0]?.items[0]?.name;
  const rows: { id: number; name: string; role: 'reader' | 'editor' }[] = await db
    .select({ id: m${at}.id, name: m${at}.name, role: m${at}.role })
    .from(m${at}).where(gt(m${at}.rank, 1)).orderBy(m${at}.name).limit(10);
  return { deep, rows };
}
`,
)}`,
  }),
};

export const kysely: Contender = {
  name: 'kysely 0.29.9',
  needs: { name: 'kysely', from: 'bench' },
  program: (models) => ({
    'models.ts': `import type { Generated, JSONColumnType } from 'kysely';
${each(
  models,
  (at) => `
export interface M${at} {
  id: Generated<number>;
  name: string;
  email: string | null;
  rank: Generated<number>;
  active: Generated<number>;
  meta: JSONColumnType<{ words: number }>;
  role: Generated<'reader' | 'editor'>;
  createdAt: Generated<string>;
  ownerId: number;
}
`,
)}
export interface Database {
${each(models, (at) => `  m${at}: M${at};\n`)}}
`,
    'queries.ts': `import type { Kysely } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/sqlite';
import type { Database } from './models.js';
${each(models, (at) => {
  const child = childOf(at, models);
  const grandchild = childOf(child, models);
  return `
export async function q${at}(db: Kysely<Database>) {
  const [loaded] = await db.selectFrom('m${at}').selectAll('m${at}').where('m${at}.name', '=', 'x')
    .select((eb) => jsonArrayFrom(
      eb.selectFrom('m${child}').selectAll('m${child}').whereRef('m${child}.ownerId', '=', 'm${at}.id')
        .select((eb) => jsonArrayFrom(
          eb.selectFrom('m${grandchild} as inner').selectAll('inner').whereRef('inner.ownerId', '=', 'm${child}.id'),
        ).as('items')),
    ).as('items')).execute();
  const deep: string | undefined = loaded?.items[0]?.items[0]?.name;
  const rows: { id: number; name: string; role: 'reader' | 'editor' }[] = await db.selectFrom('m${at}')
    .select(['id', 'name', 'role']).where('rank', '>', 1).orderBy('name').limit(10).execute();
  return { deep, rows };
}
`;
})}`,
  }),
};
