import { DatabaseSync } from 'node:sqlite';
import { createEngine } from 'cinnabar';
import { erdMermaid, erdSvg, reflect } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import { expect, test } from 'vitest';
import { sample } from './pull-cases.ts';

const schema = (...sql: readonly string[]) => {
  const db = new DatabaseSync(':memory:');
  for (const text of sql) db.exec(text);
  return reflect(createEngine(nodeSqlite(db)));
};

test('Mermaid says who refers to whom, how many, and whether they must', async () => {
  expect(
    erdMermaid(
      await schema(
        'create table users (id integer primary key, email text unique not null)',
        'create table "the posts" (id integer primary key, author_id int not null references users, editor_id int references users, size numeric(10,2))',
        'create table profiles (user_id integer primary key references users)',
      ),
    ),
  ).toBe(`erDiagram
  users ||--o{ t2 : "author_id"
  users |o--o{ t2 : "editor_id"
  users ||--o| profiles : "user_id"
  users {
    integer id PK
    text email UK
  }
  t2["the posts"] {
    integer id PK
    int author_id FK
    int editor_id FK "null"
    numeric(10_2) size "null"
  }
  profiles {
    integer user_id PK, FK
  }
`);
});

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

test('words of Mermaid are no names in it', async () => {
  expect(
    erdMermaid(
      await schema(
        'create table class (id integer primary key, pk text)',
        'create table "To" (id integer primary key, class_id int references class)',
      ),
    ),
  ).toBe(`erDiagram
  t1 |o--o{ t2 : "class_id"
  t1["class"] {
    integer id PK
    text pk_ "null"
  }
  t2["To"] {
    integer id PK
    int class_id FK "null"
  }
`);
});

test('the picture holds every table, column and key, and no box lies over another', async () => {
  for (const name of ['chinook.sqlite', 'northwind.sqlite']) {
    const found = await schema(sample(name), 'create table "<&>" ("a""b" text references "<&>")');
    const svg = erdSvg(found);
    const boxes = [...svg.matchAll(/class="box" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map(
      ([, x, y, width, height]): Rect => ({ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }),
    );
    const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!;
    expect(boxes.length).toBe(found.tables.length);
    expect(svg.split('class="link').length - 1).toBe(found.tables.flatMap(({ foreignKeys }) => foreignKeys).length);
    expect(svg).toContain('&lt;&amp;&gt;');
    boxes.forEach((one, at) => {
      expect(one.x + one.width).toBeLessThanOrEqual(Number(size[1]));
      expect(one.y + one.height).toBeLessThanOrEqual(Number(size[2]));
      for (const other of boxes.slice(at + 1)) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect(apart).toBe(true);
      }
    });
  }
});

test('a table stands beside the nearest of those that refer to it', async () => {
  const svg = erdSvg(
    await schema(
      'create table a (id integer primary key)',
      'create table kind (id integer primary key)',
      'create table b (id integer primary key, a_id int references a)',
      'create table c (id integer primary key, b_id int references b, kind_id int references kind)',
    ),
  );
  const boxes = [...svg.matchAll(/class="box" x="([\d.]+)"[\s\S]*?>(a|b|c|kind)</g)];
  const left = new Map(boxes.map(([, x, name]) => [name, Number(x)]));
  expect(left.get('kind')).toBe(left.get('b'));
  expect(left.get('a')).toBeLessThan(left.get('b')!);
  expect(left.get('b')).toBeLessThan(left.get('c')!);
});

test('a schema without tables is an empty picture', async () => {
  const empty = await schema();
  expect(erdMermaid(empty)).toBe('erDiagram\n');
  expect(erdSvg(empty)).toContain('<title>0 tables</title>');
});
