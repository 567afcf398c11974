import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { createAll, createEngine, Session } from 'cinnabar';
import { pull, snapshotOf } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { build, schemaSpecs } from '../property/schema-cases.ts';
import { sqliteDialect } from '../../src/dialect/sqlite/index.ts';
import { load, pulled, sample } from './pull-cases.ts';

function open(...sql: readonly string[]) {
  const db = new DatabaseSync(':memory:');
  for (const text of sql) db.exec(text);
  return createEngine(nodeSqlite(db));
}

test('Chinook: models with both sides of every relation, and rows through them', async () => {
  const engine = open(sample('chinook.sqlite'));
  const { models } = await pulled(engine);
  const { Artist, Employee, Playlist, Track } = models;
  const session = new Session(engine);
  const [artist] = (await session
    .query(Artist)
    .with({ albums: { tracks: { genre: true, playlists: true } } })
    .all()) as any[];
  expect(artist.albums.items.map(({ title }: any) => title)).toEqual(['Low Tide', 'High Tide']);
  const [ebb] = artist.albums.items[0].tracks.items;
  expect([ebb.name, ebb.unitPrice, ebb.genre.value.name, ebb.playlists.items[0].name]).toEqual([
    'Ebb',
    0.99,
    'Rock',
    'Sea',
  ]);
  const [boss] = (await session.query(Employee).with({ employeesByReportsTo: true }).all()) as any[];
  expect(boss.employeesByReportsTo.items.map(({ firstName }: any) => firstName)).toEqual(['Nils', 'Ines']);
  const sea = (await session.query(Playlist).filterBy({ name: 'Sea' }).with({ tracks: true }).one()) as any;
  expect(sea.tracks.items.length).toBe(3);
  sea.tracks.add(new Track({ name: 'Wave', mediaTypeId: 1, milliseconds: 1000, unitPrice: 0.5 }));
  await session.commit();
  expect(await session.query(Track).where(Track.c.playlists.some()).count()).toBe(5);
});

test('Northwind: checks, partial indexes, keys of text and a view that stays', async () => {
  const engine = open(sample('northwind.sqlite'));
  const { code, models } = await pulled(engine);
  expect(code).toContain("// The view 'current_products' has no model: it is left as it is.");
  const { Order, Territory } = models;
  const session = new Session(engine);
  const orders = (await session
    .query(Order)
    .with({ customer: true, orderDetails: { product: true }, shipper: true })
    .all()) as any[];
  expect(orders[0].customer.value.companyName).toBe('Alder and Sons');
  expect(orders[0].orderDetails.items.map((line: any) => line.product.value.productName)).toEqual([
    'Black Tea',
    'Saffron',
  ]);
  expect(orders[2].customer.value).toBe(null);
  const hill = (await session
    .query(Territory)
    .filterBy({ territoryId: '01581' })
    .with({ employees: true })
    .one()) as any;
  expect(hill.employees.items.length).toBe(2);
});

test('names that are words of the language, or nothing at all, become others', async () => {
  const engine = open(
    `create table "class" ("id" integer primary key, "constructor" text, "then" int, "1st" text, "a-b" text, "aB" text, "" text)`.replace(
      ', "" text',
      '',
    ),
    `create table "date" ("date" text primary key not null, "class" int references "class")`,
    `create table models ("x" integer primary key, "model" int references models, "from" int references "date"("date"))`,
    `create table bare (a int, b int, foreign key (a) references "class")`,
    `create table pairs (l int, r text, primary key (r, l)) without rowid`,
    `create table refers (id integer primary key, r text, l int, unique (r, l), foreign key (r, l) references pairs (r, l) on delete cascade)`,
    `create table friends (user_id int not null references models, friend_id int not null references models, primary key (user_id, friend_id))`,
    `create virtual table words using fts5(body)`,
    "create table ticks (`a``b` text default ('`${x}\\'), check (\"a`b\" <> '${`'))",
  );
  const { code, models } = await pulled(engine);
  expect(Object.keys(models)).toEqual(
    expect.arrayContaining(['Model', 'Class', 'DateRow', 'ModelRow', 'Pair', 'Refer']),
  );
  expect(code).toContain(
    `get friends() {\n    return many(ModelRow, { through: 'friends', by: 'userId', inverse: 'friendId' });`,
  );
  expect(code).toContain("// The table 'words' has no model");
  const { Pair, Refer } = models;
  const session = new Session(engine);
  session.add(new Refer({ pair: new Pair({ l: 1, r: 'x' }) }));
  await session.commit();
  expect(await session.query(Pair).where(Pair.c.refer.has()).count()).toBe(1);
});

test('keys that SQLite would let be NULL, or that are no INTEGER, and several to one table', async () => {
  const engine = open(
    'create table people (id integer primary key, name text)',
    'create table profiles (person_id bigint primary key references people, bio text)',
    'create table tickets (id integer primary key, person_id int not null references people, created_by int references people, "approvedBy" int references people)',
    'create table lines (ticket_id int references tickets on delete cascade, line int, primary key (ticket_id, line))',
  );
  const { code, models } = await pulled(engine);
  expect(code).toContain(`declared(integer(), { sqlite: 'bigint' }).primaryKey({ generated: false })`);
  for (const name of ['person', 'createdByPerson', 'approvedByPerson']) expect(code).toContain(`get ${name}() {`);
  const { Line, Person, Profile, Ticket } = models;
  const session = new Session(engine);
  const ann = new Person({ name: 'Ann' });
  session.add(new Profile({ person: ann, bio: 'x' }));
  session.add(new Line({ line: 1, ticket: new Ticket({ person: ann, createdByPerson: ann }) }));
  await session.commit();
  const [person] = (await session
    .query(Person)
    .with({ profile: true, ticketsByCreatedBy: { lines: true } })
    .all()) as any[];
  expect(person.ticketsByCreatedBy.items[0].lines.items[0].line).toBe(1);
  expect(person.profile.value.bio).toBe('x');
});

test('what is pulled is TypeScript that a strict compiler takes', { timeout: 60_000 }, async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = `${root}.scratch/pulled-types`;
  const engine = open(sample('chinook.sqlite'));
  const { code } = await pulled(engine);
  const other = (await pulled(open(sample('northwind.sqlite')))).code;
  execFileSync('mkdir', ['-p', folder]);
  writeFileSync(`${folder}/chinook.ts`, code);
  writeFileSync(`${folder}/northwind.ts`, other);
  writeFileSync(
    `${folder}/use.ts`,
    `import { Album, Artist } from './chinook.ts';
const album = new Album({ title: 'x', artist: new Artist({ name: null }) });
const id: number = album.artistId;
// @ts-expect-error a title is text
album.title = id;`,
  );
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { isolatedDeclarations: false, declaration: false, paths: { cinnabar: ['../../src/index.ts'] } },
      include: ['.'],
    }),
  );
  try {
    execFileSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    expect((error as { stdout: string }).stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('random schemas are pulled, and differ from their models in nothing', { timeout: 120_000 }, async () => {
  let tables = 0;
  await fc.assert(
    fc.asyncProperty(schemaSpecs(1, 8), async (specs) => {
      const metadata = build(specs);
      const engine = open();
      await createAll(engine, metadata);
      await pulled(engine);
      tables += specs.length;
    }),
    { numRuns: Number(process.env['PULL_RUNS'] ?? 25), endOnFailure: true },
  );
  expect(tables).toBeGreaterThan(25);
});

test('a saved snapshot is pulled as the database is', async () => {
  const metadata = build(fc.sample(schemaSpecs(3, 3), { numRuns: 1, seed: 1 })[0]!);
  const snapshot = JSON.parse(JSON.stringify(snapshotOf(metadata, sqliteDialect))) as ReturnType<typeof snapshotOf>;
  expect(Object.keys(await load(pull(snapshot))).length).toBe(4);
});

test('a carriage return in a name stays one, where text of a module would lose it', async () => {
  const { code } = await pulled(open('create table "a" ("id" integer primary key, "x\ry" integer check ("x\ry" > 0))'));
  expect(code).toContain('\\r');
  expect(code).not.toContain('\r');
});
