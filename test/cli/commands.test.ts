import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

interface Written {
  readonly written: string;
  readonly id: string;
}

const linear = {
  'cinnabar.config.ts': config,
  'models.ts': models('name: text()'),
  'migrations/1_a.ts': revisionFile(
    'aa11',
    [],
    'create table users (id integer primary key, name text not null)',
    'drop table users',
  ),
  'migrations/2_b.ts': revisionFile('bb22', ['aa11'], `insert into users (name) values ('Ann')`, 'delete from users'),
};
const branched = {
  ...linear,
  'migrations/3_c.ts': revisionFile(
    'cc33',
    ['aa11'],
    `insert into users (name) values ('Bob')`,
    `delete from users where name = 'Bob'`,
  ),
};

describe('revision --autogenerate', () => {
  test('writes what leads from the database to the models, and nothing where nothing does', async () => {
    await using project = await TestProject.create({
      'cinnabar.config.ts': config,
      'models.ts': models('name: text()'),
    });
    const { written, id } = await project.json<Written>('revision', '-a', '-m', 'Create users!');
    expect(written).toMatch(/^migrations\/\d{14}_create_users\.ts$/);
    expect(await project.read(written)).toContain(`id: '${id}',\n  parents: [],\n  message: 'Create users!',\n  up,`);
    expect(await project.read('migrations/index.ts')).toMatch(
      /import r1 from '\.\/\d+_create_users\.ts';\n\nexport default \[r1\];\n$/,
    );
    expect(await project.json('upgrade')).toEqual({ direction: 'up', ran: [id], heads: [id] });
    expect(await project.json('revision', '-a', '-m', 'again')).toEqual({ written: null });
    expect((await project.run('check')).code).toBe(0);
  });

  test('asks about a rename where nobody can answer by an error that says how, and keeps the data', async () => {
    await using project = await TestProject.create({
      'cinnabar.config.ts': config,
      'models.ts': models('name: text()'),
    });
    await project.json('revision', '-a', '-m', 'one');
    await project.json('upgrade');
    project.sql(`insert into users (name) values ('Ann')`);
    await project.write({ 'models.ts': models('title: text()') });
    const refused = await project.run('revision', '-a', '-m', 'two');
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`'users.name' is gone, and 'title' is new: say \`--rename users.name:title\``);
    expect(await project.revisions()).toHaveLength(1);
    await project.json('revision', '-a', '-m', 'two', '--rename', 'users.name:title');
    await project.json('upgrade');
    expect(project.sql('select title from users')).toEqual([{ title: 'Ann' }]);
  });

  test('refuses to compare a database that is behind', async () => {
    await using project = await TestProject.create(linear);
    const { code, err } = await project.run('revision', '-a', '-m', 'more');
    expect({ code, err }).toEqual({
      code: 1,
      err: '✗ the database lacks aa11, bb22: `cinnabar upgrade` first, and then compare\n',
    });
  });

  test('what loses data runs only when it is named', async () => {
    await using project = await TestProject.create({
      'cinnabar.config.ts': config,
      'models.ts': models('name: text(), age: integer().nullable()'),
    });
    await project.json('revision', '-a', '-m', 'one');
    await project.json('upgrade');
    await project.write({ 'models.ts': models('name: text()') });
    await project.json('revision', '-a', '-m', 'two');
    const refused = await project.run('upgrade');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/may lose what is in users\.age.*`--consent users\.age`/);
    expect((await project.run('upgrade', '--consent', 'users.name')).code).toBe(1);
    expect((await project.run('upgrade', '--consent', 'users.age')).code).toBe(0);
  });
});

describe('upgrade and downgrade', () => {
  test('go to a target, and say where the database is', async () => {
    await using project = await TestProject.create(linear);
    expect((await project.run('upgrade', '+1')).out).toMatch(
      /^↑ aa11 \d+ ms\n1 revision applied; the database is at aa11\.\n$/,
    );
    expect((await project.run('current')).out).toBe('aa11 make aa11\n1 to apply: bb22\n');
    expect((await project.run('upgrade')).out).toMatch(/^↑ bb22/);
    expect((await project.run('upgrade')).out).toBe('Nothing to do: the database is at bb22.\n');
    expect((await project.run('downgrade', 'base')).out).toMatch(
      /2 revisions taken back; the database is at base\.\n$/,
    );
    expect((await project.run('current')).out).toBe('base: nothing is applied\n2 to apply: aa11, bb22\n');
  });

  test('--dry-run prints and changes nothing', async () => {
    await using project = await TestProject.create(linear);
    const { out, code } = await project.run('upgrade', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('-- ↑ aa11: make aa11\ncreate table users (id integer primary key, name text not null);\n');
    expect(await project.json('current')).toMatchObject({ current: [], pending: ['aa11', 'bb22'] });
  });
});

describe('branches', () => {
  test('history draws them, merge joins them', async () => {
    await using project = await TestProject.create(branched);
    await project.json('upgrade', 'cc33');
    expect((await project.run('history')).out).toBe(
      ['◆  cc33 (head, current) make cc33', '│ ○  bb22 (head) make bb22', '├─╯', '●  aa11 make aa11', ''].join('\n'),
    );
    expect((await project.run('heads')).out).toBe('bb22 make bb22\ncc33 make cc33\n');
    expect((await project.run('upgrade')).err).toContain(
      `there are several heads: 'bb22', 'cc33'. Join them with \`cinnabar merge\``,
    );
    const { id } = await project.json<Written>('merge', '--id', 'dd44');
    expect(id).toBe('dd44');
    await project.json('upgrade');
    expect((await project.run('history')).out).toBe(
      [
        '◆  dd44 (head, current) merge bb22 and cc33',
        '├─╮',
        '│ ●  cc33 make cc33',
        '● │  bb22 make bb22',
        '├─╯',
        '●  aa11 make aa11',
        '',
      ].join('\n'),
    );
    expect((await project.run('merge')).err).toContain('there is one head: nothing to merge');
  });

  test('a branch has a name, and begins where it is told', async () => {
    await using project = await TestProject.create(linear);
    await project.json('revision', '-m', 'audit', '--id', 'ee55', '--parent', 'aa11', '--label', 'audit');
    await project.json('revision', '-m', 'more', '--id', 'ff66', '--parent', 'audit@head', '--depends-on', 'bb22');
    expect(await project.json('upgrade', 'audit@head')).toMatchObject({ ran: ['aa11', 'bb22', 'ee55', 'ff66'] });
  });
});

describe('check', () => {
  test.for([
    ['a column more', 'alter table users add column age integer', '- column users.age'],
    ['a table more', 'create table extra (id integer primary key)', '- table extra'],
    ['an index more', 'create index by_name on users (name)', '- index by_name of users'],
    ['a table less', 'drop table users', '+ table users'],
    ['a column renamed', 'alter table users rename column name to label', '+ column users.name'],
  ] as const)('fails for %s, and names it', async ([, change, line]) => {
    await using project = await TestProject.create({
      'cinnabar.config.ts': config,
      'models.ts': models('name: text()'),
    });
    await project.json('revision', '-a', '-m', 'one');
    await project.json('upgrade');
    project.sql(change);
    const { code, out } = await project.run('check');
    expect(code).toBe(3);
    expect(out.split('\n').map((text) => text.replace(/:.*/, ''))).toContain(line);
    const json = await project.run('check', '--json');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({ clean: false, pending: [], findings: [] });
    expect((await project.run('diff')).out).toContain(line);
    expect((await project.run('diff', '--sql')).out).toMatch(/;\n/);
  });

  test('fails for what is not applied, and for what was edited', async () => {
    await using project = await TestProject.create(linear);
    await project.json('upgrade', 'aa11');
    expect((await project.run('check')).out).toContain('○ bb22 is not applied');
    await project.write({
      'migrations/1_a.ts': revisionFile('aa11', [], 'create table users (id integer primary key)'),
    });
    const { code, out } = await project.run('check');
    expect(code).toBe(3);
    expect(out).toContain(`! 'aa11' was edited after it was applied`);
    expect(await project.json('stamp', '--accept', 'aa11')).toMatchObject({ accepted: ['aa11'] });
    expect((await project.run('check')).out).not.toContain('edited');
  });
});

describe('stamp', () => {
  test('says where the database is, and runs nothing', async () => {
    await using project = await TestProject.create(linear);
    expect(await project.json('stamp', 'head')).toMatchObject({ added: ['aa11', 'bb22'] });
    expect(project.sql(`select name from sqlite_master where name = 'users'`)).toEqual([]);
    expect(await project.json('stamp', 'aa11')).toMatchObject({ removed: ['bb22'] });
    expect(await project.json('stamp', 'base')).toMatchObject({ removed: ['aa11'] });
    expect((await project.run('stamp')).code).toBe(2);
  });

  test('--forget takes out what there is no code for', async () => {
    await using project = await TestProject.create(linear);
    await project.json('upgrade');
    project.sql(`update cinnabar_revisions set id = 'gone' where id = 'bb22'`);
    expect((await project.run('upgrade')).err).toMatch(
      /'gone' is applied in the database.*`cinnabar stamp --forget gone`/,
    );
    expect(await project.json('stamp', '--forget', 'gone')).toMatchObject({ removed: ['gone'] });
    expect(await project.json('current')).toMatchObject({ current: ['aa11'], findings: [] });
  });
});

describe('sql', () => {
  test('in ranges, either way, makes the same database as running them', async () => {
    await using project = await TestProject.create(linear);
    for (const range of [[], ['aa11:head'], ['bb22:aa11'], ['aa11:bb22']]) {
      const { out, code } = await project.run('sql', ...range);
      expect(code).toBe(0);
      expect(out).toContain('cinnabar_revisions');
    }
    const whole = (await project.run('sql', 'head')).out;
    expect(whole).toMatch(/^\.bail on\n-- aa11: make aa11\nbegin immediate;\n/);
    const back = (await project.run('sql', 'head:base')).out;
    expect(back.indexOf('delete from users;')).toBeLessThan(back.indexOf('drop table users;'));
    // What the shell of SQLite is told is for nobody else.
    const bare = (await project.run('sql', 'head', '--bare')).out;
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(`${project.folder}/app.db`);
    database.exec(bare);
    expect(() => database.exec(bare)).toThrow(/UNIQUE constraint failed: cinnabar_revisions\.id/);
    database.close();
  });
});

describe('squash', () => {
  test('puts one in the place of several, for old databases and new ones', async () => {
    await using project = await TestProject.create({
      ...linear,
      'migrations/3_c.ts': revisionFile(
        'cc33',
        ['bb22'],
        `insert into users (name) values ('Bob')`,
        `delete from users where name = 'Bob'`,
      ),
    });
    await project.json('upgrade', 'bb22');
    expect(await project.json('squash', 'aa11:bb22', '--id', 'ss99', '-m', 'begin')).toMatchObject({
      replaces: ['aa11', 'bb22'],
    });
    expect((await project.revisions()).map((name) => name.replace(/^\d{14}/, ''))).toEqual(['_begin.ts', '3_c.ts']);
    expect(await project.read('migrations/3_c.ts')).toContain(`parents: ["ss99"]`);
    expect(await project.json('upgrade')).toMatchObject({ ran: ['cc33'], heads: ['cc33'] });
    expect(project.sql('select name from users order by id')).toEqual([{ name: 'Ann' }, { name: 'Bob' }]);
    expect(project.sql('select id from cinnabar_revisions order by id')).toEqual([{ id: 'cc33' }, { id: 'ss99' }]);
    expect(await project.json('downgrade', 'base')).toMatchObject({ ran: ['cc33', 'ss99'] });
    expect(await project.json('upgrade')).toMatchObject({ ran: ['ss99', 'cc33'] });
  });

  test('refuses a database that has some of them', async () => {
    await using project = await TestProject.create(linear);
    await project.json('upgrade', 'aa11');
    await project.json('squash', 'base:head', '--id', 'ss99');
    expect((await project.run('upgrade')).err).toMatch(/'ss99' replaces revisions of which this database lacks 'bb22'/);
  });
});

test('a configuration leaves objects out, and rewrites what leads to the models', async () => {
  await using project = await TestProject.create({
    'models.ts': models('name: text()', `export class Note extends Model('notes', { id: integer().primaryKey() }) {}`),
    'cinnabar.config.ts': config.replace(
      'metadata:',
      `ignore: ({ name }) => name.startsWith('job_'),
  rewrite: (operations) => operations.filter((operation) => !('table' in operation && operation.table.name === 'notes')),
  metadata:`,
    ),
  });
  project.sql('create table job_queue (id integer primary key)');
  await project.json('revision', '-a', '-m', 'one');
  const [file] = await project.revisions();
  expect(await project.read(`migrations/${file}`)).not.toMatch(/notes|job_queue/);
  expect((await project.run('current', '--check')).code).toBe(3);
  await project.json('upgrade');
  expect((await project.run('current', '--check', '--json')).code).toBe(0);
  expect(await project.json('check')).toMatchObject({ clean: true });
  expect(await project.json('diff')).toMatchObject({ differences: [] });
});

test('each of several databases has a configuration and a folder of its own', async () => {
  const second = config.replace(`'app.db'`, `'log.db'`).replace('metadata:', `revisions: 'log',\n  metadata:`);
  await using project = await TestProject.create({
    'models.ts': models('name: text()'),
    'cinnabar.config.ts': config,
    'log.config.ts': second,
  });
  for (const name of ['cinnabar', 'log']) {
    await project.json('revision', '-a', '-m', name, '--id', name, '-c', `${name}.config.ts`);
    expect(await project.json('upgrade', '-c', `${name}.config.ts`)).toMatchObject({ ran: [name] });
  }
  expect(await project.json('history')).toMatchObject([{ id: 'cinnabar' }]);
});
