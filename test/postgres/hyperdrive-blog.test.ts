import { Miniflare, type Response } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleWorker } from '../support/bundle-worker.ts';
import { postgresDatabase, psql } from '../support/postgres.ts';

const url = postgresDatabase();
let worker: Miniflare;
beforeAll(async () => {
  const target = new URL(url());
  target.password ||= 'none';
  const entry = new URL('../../worker-examples/hyperdrive-blog/src/worker.ts', import.meta.url);
  worker = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker(entry) }],
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    hyperdrives: { HYPERDRIVE: target.href },
    bindings: { CREATE_TABLES: 'yes' },
  });
  // The first request of the isolate also creates the tables.
  expect((await send('GET', '/api/posts')).status).toBe(200);
}, 60_000);
afterAll(() => worker.dispose());

function send(method: string, path: string, body?: object): Promise<Response> {
  const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return worker.dispatchFetch(`http://blog${path}`, { method, ...init });
}

interface Told {
  readonly status: number;
  readonly trips: number;
  readonly json: Readonly<Record<string, unknown>>;
}

async function tell(answer: Promise<Response>): Promise<Told> {
  const { status, headers } = await answer;
  const text = await (await answer).text();
  return {
    status,
    trips: Number(headers.get('x-round-trips')),
    json: (text === '' ? {} : JSON.parse(text)) as Told['json'],
  };
}

const hello = { title: 'Hello', body: 'From the edge.', author: 'Ann', tags: ['edge', 'sql'] };

test('a post is written, read, changed and deleted, in as many round trips as the example says', async () => {
  const made = await tell(send('POST', '/api/posts', hello));
  expect(made).toMatchObject({ status: 201, trips: 2, json: { title: 'Hello', version: 1, author: { name: 'Ann' } } });
  const id = String(made.json['id']);
  expect(await tell(send('GET', `/api/posts/${id}`))).toMatchObject({ status: 200, trips: 1, json: made.json });
  expect(await tell(send('GET', '/api/posts?tag=sql'))).toMatchObject({ status: 200, trips: 1, json: { page: 1 } });

  const change = { version: 1, title: 'Hello again' };
  expect(await tell(send('PATCH', `/api/posts/${id}`, change))).toMatchObject({ status: 200, trips: 2 });
  expect(await tell(send('PATCH', `/api/posts/${id}`, change))).toMatchObject({
    status: 409,
    json: { error: { code: 'StaleDataError' } },
  });
  expect(await psql(url(), 'select title, version::int from posts')).toEqual([['Hello again', 2]]);
  expect(await tell(send('DELETE', `/api/posts/${id}`))).toMatchObject({ status: 204, trips: 2 });
  expect(await psql(url(), 'select count(*)::int from posts')).toEqual([[0]]);
});

test('many requests at once, each on a connection of its own; none stays open', async () => {
  const writes = Array.from({ length: 20 }, (_, at) =>
    tell(send('POST', '/api/posts', { ...hello, title: `Post ${at}`, author: `Author ${at % 4}` })),
  );
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(writes.map(() => 201));
  expect(
    await psql(url(), `select count(*)::int, count(distinct author_id)::int from posts where title like 'Post %'`),
  ).toEqual([[20, 4]]);
  const open = `select count(*)::int from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  while (Number((await psql(url(), open))[0]?.[0]) > 0);
});

test('what is wrong is said, and nothing of it is written', async () => {
  const again = { ...hello, title: 'Post 1', author: 'Author 1' };
  expect(await tell(send('POST', '/api/posts', again))).toMatchObject({
    status: 409,
    json: { error: { code: 'UniqueViolation', attributes: ['authorId', 'title'] } },
  });
  expect(await tell(send('POST', '/api/posts', { title: 1 }))).toMatchObject({ status: 400, trips: 0 });
  expect(await tell(send('GET', '/api/posts/999999'))).toMatchObject({ status: 404 });
  expect(await tell(send('PUT', '/api/posts'))).toMatchObject({ status: 404, trips: 0 });
});
