import { beforeAll, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../runtimes/built.ts';
import { config, models, revisionFile, TestProject } from './project.ts';

vi.setConfig({ testTimeout: 60_000 });
beforeAll(ensureBuilt, 120_000);

const tables = `create table "authors" ("id" integer constraint "pk_authors" primary key, "name" text not null);
create table "books" ("id" integer constraint "pk_books" primary key, "title" text not null, "author_id" integer not null,
  constraint "fk_books_author_id_authors" foreign key ("author_id") references "authors" ("id") on delete cascade)`;

test('pull writes models of which the database differs in nothing', async () => {
  await using project = await TestProject.create({
    'cinnabar.config.ts': config,
    'models.ts': models('name: text()'),
    'migrations/1_a.ts': revisionFile('aa11', [], tables),
  });
  await project.json('upgrade');
  expect((await project.run('check')).code).toBe(3);
  expect((await project.run('pull', '-o', 'models.ts')).err).toContain(
    'models.ts is there already: --force writes over it',
  );
  expect((await project.run('pull')).out).toContain(`export class Book extends Model('books'`);
  expect(await project.json('pull', '-o', 'models.ts', '--force')).toEqual({ written: 'models.ts' });
  const written = await project.read('models.ts');
  expect(written).toContain('many(Book');
  expect(written).not.toContain('cinnabar_');
  expect(await project.run('check')).toMatchObject({ code: 0 });
});

test('erd draws the models, or what the database has', async () => {
  await using project = await TestProject.create({
    'cinnabar.config.ts': config,
    'models.ts': models('name: text()'),
    'migrations/1_a.ts': revisionFile('aa11', [], tables),
  });
  await project.json('upgrade');
  expect((await project.run('erd')).out).toMatch(/^erDiagram\n[^]*users/);
  expect((await project.run('erd', '--database')).out).toMatch(/authors[^]*books/);
  expect(await project.json('erd', '-o', 'schema.svg')).toEqual({ written: 'schema.svg' });
  expect(await project.read('schema.svg')).toMatch(/^<svg [^]*users[^]*<\/svg>\s*$/);
  expect(await project.run('erd', '--format', 'png')).toMatchObject({ code: 2 });
});
