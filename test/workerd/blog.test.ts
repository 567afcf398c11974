import { createEngine, dropAll, createAll } from 'cinnabar';
import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, test } from 'vitest';
import { Model } from '../../worker-examples/d1-blog/src/models.ts';
import type { PostJson } from '../../worker-examples/d1-blog/src/posts.ts';
import worker from '../../worker-examples/d1-blog/src/worker.ts';

interface Answer {
  readonly status: number;
  readonly trips: number;
  readonly headers: Headers;
  readonly text: string;
  // What the API answers is the business of each test.
  readonly json: any;
}

async function send(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const init = body === undefined ? { method } : { method, body: text, headers: { 'content-type': type } };
  const answer = await worker.fetch(new Request(`http://blog.test${path}`, init), { DB: env.DB, CREATE_TABLES: 'yes' });
  const received = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: answer.status,
    trips: Number(answer.headers.get('x-round-trips')),
    headers: answer.headers,
    text: received,
    json: isJson ? JSON.parse(received) : undefined,
  };
}

const hello = { title: 'Hello', body: 'From the edge.\n\nTwice.', author: 'Ann', tags: ['edge', 'sql'] };

async function write(post: object = {}): Promise<PostJson> {
  const { status, json, text } = await send('POST', '/api/posts', { ...hello, ...post });
  expect(status, text).toBe(201);
  return json as PostJson;
}

const rows = async (table: string): Promise<number> =>
  (await env.DB.prepare(`select count(*) as n from "${table}"`).first<number>('n')) ?? -1;

const labels = (post: PostJson): string[] => post.tags.map((tag) => tag.label).toSorted();

beforeEach(async () => {
  const engine = createEngine(d1(env.DB));
  await dropAll(engine, Model.metadata);
  await createAll(engine, Model.metadata);
  // So that the tables are known to be there, which the first request of an isolate looks after.
  await send('GET', '/');
});

describe('writing', () => {
  test('a post with a new author and new tags is one read and one unit', async () => {
    const { status, trips, headers, json } = await send('POST', '/api/posts', hello);
    expect(status).toBe(201);
    expect(trips).toBe(2);
    expect(headers.get('location')).toBe('/api/posts/1');
    expect(json).toEqual({
      id: 1,
      title: 'Hello',
      body: 'From the edge.\n\nTwice.',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      updatedAt: null,
      version: 1,
      authorId: 1,
      author: { id: 1, name: 'Ann', createdAt: expect.any(String) },
      tags: [
        { id: 1, label: 'edge', createdAt: expect.any(String) },
        { id: 2, label: 'sql', createdAt: expect.any(String) },
      ],
    });
    expect(await send('GET', '/api/posts/1')).toMatchObject({ status: 200, trips: 1, json });
  });

  test('an author and tags that are there already are used again', async () => {
    await write();
    const second = await write({ title: 'Second', tags: ['SQL ', 'sql', 'new'] });
    expect(second.authorId).toBe(1);
    expect(labels(second)).toEqual(['new', 'sql']);
    expect([await rows('authors'), await rows('tags'), await rows('post_tags')]).toEqual([1, 3, 4]);
  });

  test('without tags', async () => {
    expect((await write({ tags: [] })).tags).toEqual([]);
    expect((await write({ title: 'Other', tags: undefined })).tags).toEqual([]);
  });

  test('a title that the author has used is refused, and nothing is written', async () => {
    await write();
    const { status, json } = await send('POST', '/api/posts', { ...hello, tags: ['unseen'] });
    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'UniqueViolation', attributes: ['authorId', 'title'] });
    expect([await rows('posts'), await rows('tags')]).toEqual([1, 2]);
    expect((await write({ author: 'Bob' })).author.name).toBe('Bob');
  });

  test('ten at once that all bring the same new author and tag', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => send('POST', '/api/posts', { ...hello, title: `Post ${at}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201));
    expect([await rows('posts'), await rows('authors'), await rows('tags')]).toEqual([10, 1, 2]);
  });

  test.for([
    ['no JSON', '{"title":', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['a body too large', JSON.stringify({ ...hello, body: 'x'.repeat(100_001) }), 413],
  ] as const)('%s is refused before any I/O', async ([, body, status]) => {
    expect(await send('POST', '/api/posts', body)).toMatchObject({ status, trips: 0 });
  });

  test('another type than JSON is refused', async () => {
    expect((await send('POST', '/api/posts', JSON.stringify(hello), 'text/plain')).status).toBe(415);
  });

  test('every wrong field is named', async () => {
    const wrong = { title: ' ', body: 7, author: 'x'.repeat(81), tags: ['ok', ''], isAdmin: true, __proto__: 1 };
    const { status, trips, json } = await send('POST', '/api/posts', wrong);
    expect([status, trips]).toEqual([400, 0]);
    expect(json.error.code).toBe('InvalidInput');
    expect(Object.keys(json.error.fields).toSorted()).toEqual(['author', 'body', 'isAdmin', 'tags', 'title']);
  });

  test.for([['__proto__'], ['constructor'], ['toString']] as const)('a field called %s is refused', async ([name]) => {
    const { status } = await send('POST', '/api/posts', `{"${name}": "x", ${JSON.stringify(hello).slice(1)}`);
    expect(status).toBe(400);
    expect(await rows('posts')).toBe(0);
  });

  test('text that a database cannot hold exactly is refused or comes back the same', async () => {
    for (const title of ['a\u0000b', '\uD800', '💥 ünï', "'); drop table posts; --"]) {
      const { status, json } = await send('POST', '/api/posts', JSON.stringify({ ...hello, title }));
      if (status === 201) expect(json.title).toBe(title);
      else expect([title, status]).toEqual([title, 400]);
      if (status === 201) expect((await send('GET', `/api/posts/${json.id}`)).json.title).toBe(title);
    }
  });
});

describe('changing', () => {
  test('the version that was read is needed, and goes up', async () => {
    const { id } = await write();
    const { status, trips, json } = await send('PATCH', `/api/posts/${id}`, { version: 1, title: 'Changed' });
    expect([status, trips]).toEqual([200, 2]);
    expect(json).toMatchObject({ title: 'Changed', version: 2, updatedAt: expect.any(String) });
    expect((await send('GET', `/api/posts/${id}`)).json).toEqual(json);
  });

  test('a stale version is refused, with the one there is', async () => {
    const { id } = await write();
    await send('PATCH', `/api/posts/${id}`, { version: 1, title: 'First' });
    const { status, json } = await send('PATCH', `/api/posts/${id}`, { version: 1, title: 'Second' });
    expect(status).toBe(409);
    expect(json.error).toMatchObject({ code: 'StaleDataError', version: 2 });
    expect((await send('GET', `/api/posts/${id}`)).json.title).toBe('First');
  });

  test('of many that change one version at once, one wins', async () => {
    const { id } = await write();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => send('PATCH', `/api/posts/${id}`, { version: 1, title: `Title ${at}` })),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, ...Array.from({ length: 7 }, () => 409)]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await send('GET', `/api/posts/${id}`)).json).toEqual(winner?.json);
  });

  test('tags are replaced, and that too needs the version', async () => {
    const { id } = await write();
    const { json } = await send('PATCH', `/api/posts/${id}`, { version: 1, tags: ['sql', 'new'] });
    expect(labels(json)).toEqual(['new', 'sql']);
    expect(json.version).toBe(2);
    expect(labels((await send('GET', `/api/posts/${id}`)).json)).toEqual(['new', 'sql']);
    expect((await send('PATCH', `/api/posts/${id}`, { version: 1, tags: [] })).status).toBe(409);
    expect((await send('PATCH', `/api/posts/${id}`, { version: 2, tags: [] })).json.tags).toEqual([]);
  });

  test('a title that is taken is refused', async () => {
    await write();
    const { id } = await write({ title: 'Other' });
    const { status, json } = await send('PATCH', `/api/posts/${id}`, { version: 1, title: 'Hello' });
    expect([status, json.error.code]).toEqual([409, 'UniqueViolation']);
  });

  test.for([[{}], [{ version: 0 }], [{ version: '1' }], [{ version: 1, author: 'Bob' }], [{ version: 1, title: '' }]])(
    'refused: %j',
    async ([changes]) => {
      const { id } = await write();
      expect(await send('PATCH', `/api/posts/${id}`, changes)).toMatchObject({ status: 400, trips: 0 });
    },
  );

  test('what is not there', async () => {
    expect((await send('PATCH', '/api/posts/9', { version: 1 })).status).toBe(404);
    expect((await send('GET', '/api/posts/9')).status).toBe(404);
    expect((await send('DELETE', '/api/posts/9')).status).toBe(404);
    expect((await send('GET', '/api/posts/999999999999999')).status).toBe(404);
  });

  test('deleting takes the links with it', async () => {
    const { id } = await write();
    expect(await send('DELETE', `/api/posts/${id}`)).toMatchObject({ status: 204, trips: 2, text: '' });
    expect([await rows('posts'), await rows('post_tags'), await rows('tags')]).toEqual([0, 0, 2]);
    expect((await send('DELETE', `/api/posts/${id}`)).status).toBe(404);
  });
});

describe('reading', () => {
  test('pages, newest first, each in one round trip', async () => {
    for (let at = 1; at <= 23; at += 1) await write({ title: `Post ${at}` });
    const pages = await Promise.all([1, 2, 3, 4].map((page) => send('GET', `/api/posts?page=${page}`)));
    expect(pages.map(({ json }) => [json.posts.length, json.page, json.hasMore])).toEqual([
      [10, 1, true],
      [10, 2, true],
      [3, 3, false],
      [0, 4, false],
    ]);
    expect(pages.map(({ trips }) => trips)).toEqual([1, 1, 1, 1]);
    const titles = pages.flatMap(({ json }) => json.posts.map((post: PostJson) => post.title) as string[]);
    expect(titles).toEqual(Array.from({ length: 23 }, (_, at) => `Post ${23 - at}`));
    const second = await send('GET', '/?page=2');
    expect(second.text).toContain('href="/"');
    expect(second.text).toContain('href="/?page=3"');
  });

  test('by tag', async () => {
    await write();
    await write({ title: 'Untagged', tags: [] });
    const { json, trips } = await send('GET', '/api/posts?tag=SQL');
    expect(trips).toBe(1);
    expect(json.posts).toHaveLength(1);
    expect(labels(json.posts[0])).toEqual(['edge', 'sql']);
  });

  test('the page shows posts, authors, tags, and what it sent', async () => {
    await write();
    const { status, trips, headers, text } = await send('GET', '/');
    expect([status, trips]).toEqual([200, 1]);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    for (const part of ['Hello', 'Ann', '<p>Twice.</p>', 'href="/?tag=edge"', '1 round trip</strong>', '3 statements'])
      expect(text).toContain(part);
    expect(text).toContain('select &quot;posts&quot;');
  });

  test('an empty blog, the style, and HEAD', async () => {
    expect((await send('GET', '/')).text).toContain('There are no posts here yet');
    expect((await send('GET', '/?tag=none')).text).toContain('None here.');
    expect((await send('GET', '/style.css')).headers.get('content-type')).toContain('text/css');
    expect(await send('HEAD', '/')).toMatchObject({ status: 200, text: '', trips: 1 });
  });

  test('no such address, no such method', async () => {
    expect(await send('GET', '/nowhere')).toMatchObject({ status: 404, trips: 0 });
    expect((await send('GET', '/api/nowhere')).json.error.code).toBe('NotFound');
    expect((await send('GET', '/api/posts/1;drop')).status).toBe(404);
    const { status, headers } = await send('PUT', '/api/posts', hello);
    expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
  });
});

describe('attacks', () => {
  const attacks = [
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `' onmouseover='alert(1)`,
    `'; drop table posts; --`,
    `" or 1=1 --`,
    `\${alert(1)}`,
    `%27%20or%201=1`,
    `</title><svg onload=alert(1)>`,
  ];

  test.for(attacks.map((attack) => [attack]))('%s is text, in every field and on every page', async ([attack]) => {
    const tag = attack!.slice(0, 30).trim().toLowerCase();
    const post = await write({ title: attack, body: attack, author: attack, tags: [tag] });
    expect([post.title, post.body, post.author.name, labels(post)]).toEqual([attack, attack, attack, [tag]]);
    await write();
    const query = new URLSearchParams({ tag });
    const found = await send('GET', `/api/posts?${query}`);
    expect(found.json.posts.map(({ title }: PostJson) => title)).toEqual([attack]);
    for (const path of ['/', `/?${query}`]) {
      const { status, text } = await send('GET', path);
      expect(status).toBe(200);
      expect(text).not.toMatch(/<(?:script|img|svg)/i);
      expect(text).not.toMatch(/<[^>]* on\w+=/i);
      expect(text).toContain('href="/?tag=');
    }
    expect(await rows('posts')).toBe(2);
  });

  test.for([['0'], ['-1'], ['1.5'], ['1e3'], ['1; drop table posts'], ['9999999'], ["1' or '1'='1"], ['']] as const)(
    'page=%s is refused before any I/O',
    async ([page]) => {
      await write();
      const query = new URLSearchParams({ page });
      expect(await send('GET', `/api/posts?${query}`)).toMatchObject({ status: 400, trips: 0 });
      expect(await send('GET', `/?${query}`)).toMatchObject({ status: 400, trips: 0 });
      expect(await rows('posts')).toBe(1);
    },
  );

  test('a tag that is a pattern is no pattern', async () => {
    await write();
    expect((await send('GET', '/api/posts?tag=%25')).json.posts).toEqual([]);
    expect((await send('GET', '/api/posts?tag=_ql')).json.posts).toEqual([]);
  });
});
