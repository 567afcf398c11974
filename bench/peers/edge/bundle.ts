import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { FakeD1, type TapeAnswer } from './tape.ts';
import type { Work } from './serve.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const alias = { 'cinnabar': at('../../../src/index.ts'), 'cinnabar/d1': at('../../../adapters/d1/index.ts') };

/** A Worker as it is sent to the edge: minified, and what it weighs without what measures it. */
export interface Bundle {
  readonly code: string;
  readonly gzip: number;
  /** What its work told when it was recorded. */
  readonly told: string;
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: at('.'), loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    alias,
  });
  return outputFiles[0]!.text;
}

/** Bundles a contender, with the answers of a database to what it sends. */
export async function bundleWorker(name: string): Promise<Bundle> {
  const entry = JSON.stringify(`./workers/${name}.ts`);
  const plain = await bundle(`export { work } from ${entry}`);
  const tape: Record<string, string> = {};
  const { work } = (await import(`data:text/javascript,${encodeURIComponent(plain)}`)) as { readonly work: Work };
  const database = seeded();
  let told = '';
  // A second time, for what a first use alone sends.
  for (let time = 0; time < 2; time++) {
    database.exec('delete from users where id > 10');
    told = JSON.stringify(await work(new FakeD1((sql, values) => play(database, sql, values, tape))));
  }
  const served = `import { work } from ${entry}; import { serve } from './serve.ts';
    export default serve(work, ${JSON.stringify(tape)});`;
  return { code: await bundle(served), gzip: gzipSync(plain, { level: 9 }).length, told };
}

function seeded(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`create table users (id integer primary key, name text not null);
    create table posts (id integer primary key, title text not null, user_id integer not null references users (id));
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) insert into users select i, 'user ' || i from n;
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 30) insert into posts select i, 'post ' || i, (i + 2) / 3 from n;`);
  return database;
}

function play(
  database: DatabaseSync,
  sql: string,
  values: readonly unknown[],
  tape: Record<string, string>,
): TapeAnswer {
  const statement = database.prepare(sql);
  const columns = statement.columns().map(({ name }) => name);
  statement.setReturnArrays(true);
  const bound = values.map((value) => (Number.isInteger(value) ? BigInt(value as number) : value)) as SQLInputValue[];
  const rows = statement.all(...bound) as unknown as unknown[][];
  const answer = { columns, rows, changes: sql.startsWith('insert') ? 1 : 0 };
  tape[sql] = JSON.stringify(answer);
  return answer;
}
