import { childOf, each, names, numbers, parentOf, type Contender } from './contender.ts';
import type { Files } from './project.ts';

const columns = 'boolean, enumeration, integer, json, many, one, text, timestamp';

const declaration = (at: number, models: number): string => `
export class M${at} extends Model('m${at}', {
  id: integer().primaryKey(),
  name: text(),
  email: text().unique().nullable(),
  rank: integer().default(0),
  active: boolean().default(true),
  meta: json<{ words: number }>().default({ words: 0 }),
  role: enumeration('reader', 'editor').default('reader'),
  createdAt: timestamp().default(() => new Date()),
  ownerId: integer().references('m${parentOf(at, models)}.id'),
  get owner() { return one(M${parentOf(at, models)}, { by: 'ownerId' }) },
  get items() { return many(M${childOf(at, models)}, { by: 'ownerId' }) },
}) {}
`;

const load = (model: string): string => `
  const [loaded] = await session.query(${model}).where(${model}.c.name.eq('x')).with({ items: { items: true } }).all();
  const deep: string | undefined = loaded?.items.items[0]?.items.items[0]?.name;`;

const rows = (model: string): string => `
  const rows: { id: number; name: string; role: 'reader' | 'editor' }[] = await session.all(
    select({ id: ${model}.c.id, name: ${model}.c.name, role: ${model}.c.role })
      .from(${model}).where(${model}.c.rank.gt(1)).orderBy(${model}.c.name).limit(10),
  );`;

const both = (model: string): string => `${load(model)}${rows(model)}\n  return { deep, rows };`;

const imports = `import { insert, select, serialize, update, type Session } from 'cinnabar';
export const used = [insert, select, serialize, update];\n`;

const query = (at: number, statements: (model: string) => string): string =>
  `export async function q${at}(session: Session) {${statements(`M${at}`)}\n}\n`;

/** Models in one file, and in another a function over each with the given statements. */
export function inTwoFiles(models: number, statements: (model: string) => string): Files {
  return {
    'models.ts': `import { declarativeBase, ${columns} } from 'cinnabar';
const Model = declarativeBase();
${each(models, (at) => declaration(at, models))}`,
    'queries.ts': `${imports}import { ${names(models, 'M')} } from './models.js';
${each(models, (at) => query(at, statements))}`,
  };
}

/** All models in one file, all queries in another: as the peers are written. */
export const cinnabar: Contender = {
  name: 'cinnabar',
  program: (models) => inTwoFiles(models, both),
};

/** A file for each model and one for its queries, in import cycles: as a large program is written. */
export const cinnabarInFiles: Contender = {
  name: 'cinnabar, a file a model',
  program: (models) => {
    const files: Record<string, string> = {
      'base.ts': `import { declarativeBase } from 'cinnabar';\nexport const Model = declarativeBase();\n`,
    };
    for (const at of numbers(models)) {
      const others = new Set([parentOf(at, models), childOf(at, models)]);
      const near = [...others].map((other) => `import { M${other} } from './m${other}.js';\n`).join('');
      files[`m${at}.ts`] =
        `import { ${columns} } from 'cinnabar';\nimport { Model } from './base.js';\n${near}${declaration(at, models)}`;
      files[`q${at}.ts`] = `${imports}import { M${at} } from './m${at}.js';\n${query(at, both)}`;
    }
    return files;
  },
};

/** What one thing done with a model costs, beside the model itself. */
export const shapes: Readonly<Record<string, (model: string) => string>> = {
  'nothing': () => '',
  'new': (model) => `\n  return new ${model}({ name: 'x' });`,
  'an attribute': (model) => `\n  return ${model}.c.name.eq('x');`,
  'get': (model) => `\n  return session.get(${model}, 1);`,
  'query': (model) => `\n  return session.query(${model}).all();`,
  'filterBy': (model) => `\n  return session.query(${model}).filterBy({ name: 'x' }).all();`,
  'loadOnly': (model) => `\n  return (await session.query(${model}).loadOnly('name').one()).name;`,
  'with, one level': (model) =>
    `\n  return (await session.query(${model}).with({ items: true }).one()).items.items[0]?.name;`,
  'with, two levels': load,
  'await a relation': (model) => `\n  return (await (await session.query(${model}).one()).items)[0]?.name;`,
  'select columns': rows,
  'insert': (model) => `\n  return session.run(insert(${model}).values({ name: 'x', ownerId: 1 }));`,
  'update': (model) => `\n  return session.run(update(${model}).set({ name: 'x' }).allRows());`,
  'serialize': (model) =>
    `\n  return serialize(await session.query(${model}).with({ items: true }).one(), { items: true }).items[0]?.name;`,
};
