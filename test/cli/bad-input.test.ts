import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, main, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

const good = {
  'cinnabar.config.ts': config,
  'models.ts': models('name: text()'),
  'migrations/1_a.ts': revisionFile('aa11', [], 'create table users (id integer primary key, name text not null)'),
};
const engine = (text: string): string => `export default { engine: () => { ${text} } };\n`;

const unreachable = `import { createClient } from '${import.meta.resolve('@libsql/client')}';
import { createEngine } from 'cinnabar';
import { libsql } from 'cinnabar/libsql';

export default { engine: () => createEngine(libsql(createClient({ url: 'http://127.0.0.1:2' }))) };
`;

type Case = readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  message: RegExp,
  code?: number,
];

const cases: readonly Case[] = [
  [
    'no configuration',
    {},
    ['upgrade'],
    /there is no cinnabar\.config\.ts here, nor in a folder above: `cinnabar init` writes one/,
  ],
  [
    'a configuration that is not where it is said to be',
    {},
    ['upgrade', '-c', 'no.ts'],
    /no cinnabar\.config\.ts at no\.ts/,
  ],
  [
    'a configuration that throws',
    { 'cinnabar.config.ts': `throw new Error('bad luck');` },
    ['upgrade'],
    /cinnabar\.config\.ts could not be read: bad luck/,
  ],
  [
    'a configuration that is no TypeScript',
    { 'cinnabar.config.ts': 'export default {{' },
    ['upgrade'],
    /cinnabar\.config\.ts could not be read: /,
  ],
  [
    'a configuration without a way to the database',
    { 'cinnabar.config.ts': 'export default {}' },
    ['upgrade'],
    /has no 'engine'/,
  ],
  [
    'an engine that throws',
    { 'cinnabar.config.ts': engine(`throw new Error('no way');`) },
    ['upgrade'],
    /'engine' of the configuration failed: no way/,
  ],
  [
    'an engine that is none',
    { 'cinnabar.config.ts': engine('return 1;') },
    ['upgrade'],
    /'engine' of the configuration gives no engine/,
  ],
  [
    'models that do not import',
    { ...good, 'models.ts': `import './gone.ts';` },
    ['check'],
    /cinnabar\.config\.ts could not be read: .*gone\.ts/,
  ],
  [
    'no models',
    { ...good, 'cinnabar.config.ts': config.replace('metadata: Model.metadata,', '') },
    ['check'],
    /the configuration names no models/,
  ],
  [
    'models of another shape',
    { ...good, 'models.ts': 'export const Model = { metadata: 1 };' },
    ['check'],
    /the configuration names no models/,
  ],
  [
    'models without a table',
    { ...good, 'models.ts': `import { declarativeBase } from 'cinnabar';\nexport const Model = declarativeBase();` },
    ['check'],
    /there is no table in 'metadata' of the configuration: import the modules of all models there/,
  ],
  [
    'models that throw',
    { ...good, 'models.ts': `export const Model = {};\n\nthrow new Error('bad luck');` },
    ['check'],
    /cinnabar\.config\.ts could not be read: bad luck \(models\.ts:3\)/,
  ],
  [
    'a revision with a mistake in its syntax',
    { ...good, 'migrations/2_b.ts': 'export default revision({{' },
    ['upgrade'],
    /migrations\/2_b\.ts could not be read: .* \(migrations\/2_b\.ts:1\)/,
  ],
  [
    'a folder of revisions that is a file',
    { 'cinnabar.config.ts': config, 'models.ts': models('name: text()'), 'migrations': '' },
    ['upgrade'],
    /migrations is a file, and has to be the folder of the revisions/,
  ],
  [
    'a database that is none',
    { ...good, 'app.db': 'a text, and not what SQLite writes. '.repeat(40) },
    ['current'],
    /the database refuses the statement: file is not a database/,
  ],
  [
    'a database that cannot be reached',
    { ...good, 'cinnabar.config.ts': unreachable },
    ['upgrade'],
    /there is no connection to the server \(.*ECONNREFUSED.*\): does the database run, and is its address in the configuration right\?/,
  ],
  [
    'a file that only may be read',
    { ...good, 'cinnabar.config.ts': config.replace(`'app.db'`, `'app.db', { readOnly: true }`) },
    ['upgrade'],
    /'engine' of the configuration failed: unable to open database file/,
  ],
  [
    'a revision that imports nothing',
    { ...good, 'migrations/2_b.ts': '' },
    ['upgrade'],
    /migrations\/2_b\.ts exports no revision: it has to end in `export default revision\(\{ … \}\)`/,
  ],
  [
    'a revision that throws',
    { ...good, 'migrations/2_b.ts': `throw new Error('oh');` },
    ['upgrade'],
    /migrations\/2_b\.ts could not be read: oh/,
  ],
  [
    'a revision with a step that is none',
    { ...good, 'migrations/2_b.ts': revisionFile('bb22', ['aa11'], 'x').replace('execute("x")', '7') },
    ['upgrade'],
    /could not be read: revision 'bb22': step 1 of 'up' is a number/,
  ],
  [
    'two with one id',
    { ...good, 'migrations/2_b.ts': revisionFile('aa11', [], 'select 1') },
    ['upgrade'],
    /1_a\.ts and 2_b\.ts both have the id 'aa11': give one of them another/,
  ],
  [
    'a cycle',
    {
      ...good,
      'migrations/2_b.ts': revisionFile('bb22', ['cc33'], 'select 1'),
      'migrations/3_c.ts': revisionFile('cc33', ['bb22'], 'select 1'),
    },
    ['upgrade'],
    /'(?:bb22', 'cc33|cc33', 'bb22)' come after each other in a circle: correct the parents of one/,
  ],
  [
    'a parent that is gone',
    { ...good, 'migrations/2_b.ts': revisionFile('bb22', ['zz'], 'select 1') },
    ['upgrade'],
    /revision 'bb22' has the parent 'zz', and there is no such revision: is its file missing/,
  ],
  [
    'an unknown target',
    good,
    ['upgrade', 'nowhere'],
    /there is no revision 'nowhere': the newest is 'aa11'\. `cinnabar history` lists all/,
  ],
  [
    'SQL that the database refuses',
    { ...good, 'migrations/2_b.ts': revisionFile('bb22', ['aa11'], 'insert into nowhere values (1)') },
    ['upgrade'],
    /revision 'bb22' \(up\): the database refuses the statement: no such table: nowhere/,
  ],
  ['a command that is none', good, ['upgarde'], /unknown command 'upgarde'[^]*Did you mean upgrade/, 2],
  ['an option that is none', good, ['upgrade', '--forse'], /unknown option '--forse'/, 2],
  ['a target that is missing', good, ['downgrade'], /missing required argument 'target'/, 2],
  ['an answer that is none', good, ['upgrade', '--resume', 'maybe'], /--resume is 'done' or 'again'/, 2],
  [
    'a driver that is none',
    {},
    ['init', '--driver', 'oracle'],
    /argument 'oracle' is invalid\. Allowed choices are node-sqlite/,
    2,
  ],
  ['nobody to ask', {}, ['init'], /say which database: --driver node-sqlite/, 2],
  [
    'a configuration that is there already',
    good,
    ['init', '--driver', 'd1'],
    /cinnabar\.config\.ts is there already: nothing was written/,
  ],
  [
    'a rename that is none',
    good,
    ['revision', '-a', '-m', 'x', '--rename', ':a'],
    /the database lacks aa11|--rename is like/,
  ],
  ['a shell that it does not know', good, ['completion', 'tcsh'], /name a shell: bash, zsh, fish/, 2],
];

describe('one clear message, no stack, nothing changed', () => {
  test.for(cases)('for %s', async ([, files, args, message, code = 1]) => {
    await using project = await TestProject.create(files);
    const answer = await project.run(...args);
    expect(answer.err).toMatch(message);
    expect(answer).toMatchObject({ code, out: answer.out.startsWith('↑ aa11') ? answer.out : '' });
    expect(answer.err).not.toMatch(/\n\s+at |node:internal|Error:/);
    if (code === 1 && args[0] === 'upgrade' && args.length === 1) {
      const json = await project.run(...args, '--json');
      expect(json.code).toBe(1);
      expect(JSON.parse(json.out)).toMatchObject({ error: { message: expect.stringMatching(message) as string } });
    }
  });
});

test('what a configuration prints is no part of the answer', async () => {
  await using project = await TestProject.create({
    ...good,
    'cinnabar.config.ts': `${config}\nconsole.log('hello'); console.info('you');\n`,
  });
  const { out, err } = await project.run('heads', '--json');
  expect(JSON.parse(out)).toMatchObject([{ id: 'aa11' }]);
  expect(err).toBe('hello\nyou\n');
});

test('a client that never ends, or never answers, does not keep a command from saying what was wrong', async () => {
  await using project = await TestProject.create({
    ...good,
    'cinnabar.config.ts': `export default { engine: () => { throw new Error('no way'); } };\n`,
    'ending.config.ts': config.replace('metadata:', 'close: () => new Promise(() => {}),\n  metadata:'),
    'never.config.ts': 'export default { engine: () => new Promise(() => {}) };\n',
  });
  const ending = await project.run('upgrade', 'nowhere', '-c', 'ending.config.ts');
  expect(ending).toMatchObject({ code: 1, err: expect.stringContaining(`there is no revision 'nowhere'`) as string });
  const never = await project.run('current', '-c', 'never.config.ts');
  expect(never).toMatchObject({
    code: 1,
    err: '✗ the command did not end: something that it waits for never comes\n',
  });
});

test('paths in a configuration are from its folder, and those of a command from where it is called', async () => {
  await using project = await TestProject.create({ ...good, 'a/ü b/note.txt': '' });
  await project.json('upgrade');
  const below = (...args: string[]): ReturnType<TestProject['runWith']> =>
    project.runWith('bash', ['-c', `cd 'a/ü b' && '${process.execPath}' '${main}' "$@"`, 'cinnabar', ...args]);
  expect(await below('current')).toMatchObject({ code: 0, out: 'aa11 make aa11\n' });
  const { out } = await below('revision', '-m', 'Übergröße');
  expect(out).toMatch(/^\+ \.\.\/\.\.\/migrations\/\d+_übergröße\.ts/);
  expect(await below('erd', '-o', 'new/Bild.svg')).toMatchObject({ code: 0 });
  expect(await project.read('a/ü b/new/Bild.svg')).toMatch(/^<svg/);
  await expect(project.read('a/ü b/app.db')).rejects.toThrow('ENOENT');
});

test('a run that is interrupted ends after its revision, and the next goes on there', async () => {
  await using project = await TestProject.create({
    ...good,
    'migrations/2_b.ts': `import { data, revision } from 'cinnabar/migrate';
export default revision({
  id: 'bb22',
  parents: ['aa11'],
  up: [data('wait', async () => {
    process.kill(process.pid, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
  })],
});
`,
    'migrations/3_c.ts': revisionFile('cc33', ['bb22'], `insert into users (name) values ('Ann')`),
  });
  const { code, out, err } = await project.run('upgrade');
  expect(code).toBe(130);
  expect(out).toMatch(/^↑ aa11 \d+ ms\n↑ bb22 \d+ ms\n$/);
  expect(err).toContain(
    `✗ the signal stopped the run: 'aa11', 'bb22' were done, and nothing of the others; the same command goes on from there`,
  );
  expect(await project.json('upgrade', '--wait', '1')).toMatchObject({ ran: ['cc33'] });
});

test('a database that another holds is waited for, and then it is said who', async () => {
  await using project = await TestProject.create(good);
  await project.json('upgrade');
  await project.write({ 'migrations/2_b.ts': revisionFile('bb22', ['aa11'], 'select 1') });
  const database = new DatabaseSync(join(project.folder, 'app.db'));
  database.exec(`insert into cinnabar_lease values (1, 'ci-7:123#x', ${Date.now() + 3_600_000})`);
  database.close();
  const { code, err } = await project.run('upgrade', '--wait', '1');
  expect(code).toBe(1);
  expect(err).toMatch(
    /^waiting: ci-7:123 is migrating this database\n✗ ci-7:123 is migrating this database, and was not done in 1 s/,
  );
});

test('a half-applied revision is gone on with, and one that tells nothing says the next command', async () => {
  await using project = await TestProject.create({
    ...good,
    'migrations/2_b.ts': revisionFile('bb22', ['aa11'], 'select 1')
      .replace('execute("select 1")', `apart("insert into users (name) values ('once')")`)
      .replace('{ execute,', '{ apart, execute,'),
  });
  await project.json('upgrade');
  project.sql(`update cinnabar_revisions set step = 0, begun = 1, finished_at = null where id = 'bb22'`);
  expect((await project.run('current')).out).toContain('half done: bb22');
  const { err } = await project.run('upgrade');
  expect(err).toMatch(
    /'bb22' was cut off in step 1 of 1 .*: look, then `cinnabar upgrade bb22 --resume done`, or `--resume again`/,
  );
  await project.json('upgrade', 'bb22', '--resume', 'done');
  expect(project.sql('select count(*) as n from users')).toEqual([{ n: 1 }]);
  expect(await project.json('current')).toMatchObject({ current: ['bb22'] });
});

test('what a configuration leaves open does not keep a command from ending', async () => {
  await using project = await TestProject.create({
    ...good,
    'cinnabar.config.ts': `${config}\nsetInterval(() => {}, 1000);\n`,
  });
  expect(await project.run('heads')).toMatchObject({ code: 0, out: 'aa11 make aa11\n' });
});

test('a sentence about a key is no credential', async () => {
  await using project = await TestProject.create({
    'cinnabar.config.ts': config,
    'models.ts': models(
      'name: text()',
      `export class Note extends Model('notes', { id: integer().primaryKey(), user: text().references('users.name') }) {}`,
    ),
  });
  expect((await project.run('diff')).err).toContain('which is no key: make it unique()');
});

test('no credential is ever shown', async () => {
  const secrets = ['hunter2', 'tok-en-123', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig'];
  const text = `could not reach postgres://ann:${secrets[0]}@db.example:5432/app?authToken=${secrets[1]} with ${secrets[2]}, password=${secrets[0]}`;
  for (const files of [
    { 'cinnabar.config.ts': engine(`throw new Error(${JSON.stringify(text)});`) },
    { 'cinnabar.config.ts': `throw new Error(${JSON.stringify(text)});` },
    { ...good, 'migrations/2_b.ts': `throw new Error(${JSON.stringify(text)});` },
  ]) {
    await using project = await TestProject.create(files);
    for (const args of [['upgrade'], ['upgrade', '--json'], ['current']]) {
      const { out, err } = await project.run(...args);
      expect(out + err).toContain('could not reach');
      for (const secret of secrets) expect(out + err).not.toContain(secret);
    }
  }
});
