import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { root } from '../guards/project.ts';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 180_000 });
beforeAll(ensureBuilt, 120_000);

const wrangler = `name = "app"
compatibility_date = "2026-07-30"

[[d1_databases]]
binding = "DB"
database_name = "app"
database_id = "app"
migrations_dir = "sql"
`;

test('`wrangler d1 migrations apply` runs what `cinnabar sql --wrangler` writes, triggers and all', async () => {
  await using project = await TestProject.create({
    'cinnabar.config.ts': config,
    'models.ts': models('name: text()'),
    'wrangler.toml': wrangler,
    'migrations/1_a.ts': revisionFile('aa11', [], `create table users (id integer primary key, name text not null)`),
    'migrations/2_b.ts': revisionFile('bb22', ['aa11'], `insert into users (name) values ('Ann; "who"')`),
    'migrations/3_c.ts': revisionFile(
      'cc33',
      ['bb22'],
      `create trigger t after insert on users begin update users set name = upper(name) where id = new.id; end; insert into users (name) values ('bob')`,
    ),
  });
  const run = (...args: string[]): ReturnType<TestProject['runWith']> =>
    project.runWith(process.execPath, [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'd1', ...args, '--local']);
  expect(await project.json('sql', '--wrangler', 'sql')).toEqual({
    written: ['sql/0001_aa11_make_aa11.sql', 'sql/0002_bb22_make_bb22.sql', 'sql/0003_cc33_make_cc33.sql'],
  });
  const applied = await run('migrations', 'apply', 'app');
  expect(applied.code, applied.out + applied.err).toBe(0);
  const { out } = await run(
    'execute',
    'app',
    '--json',
    '--command',
    'select name from users union all select id from cinnabar_revisions',
  );
  const [{ results }] = JSON.parse(out) as [{ results: { name: string }[] }];
  expect(results.map(({ name }) => name)).toEqual(['Ann; "who"', 'BOB', 'aa11', 'bb22', 'cc33']);
});
