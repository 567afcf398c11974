import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

const good = {
  'cinnabar.config.ts': config,
  'models.ts': models('name: text()'),
  'migrations/1_a.ts': revisionFile('aa11', [], 'create table users (id integer primary key, name text not null)'),
};
const engine = (text: string): string => `export default { engine: () => { ${text} } };\n`;

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
