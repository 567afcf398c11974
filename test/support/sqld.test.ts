import { expect, test } from 'vitest';
import { startSqld } from './sqld.ts';

async function query(url: string, sql: string): Promise<unknown> {
  const body = JSON.stringify({ requests: [{ type: 'execute', stmt: { sql } }, { type: 'close' }] });
  const answer = await fetch(`${url}/v2/pipeline`, { method: 'POST', body });
  return answer.json();
}

test('a server answers, is empty, and is gone after stop', async () => {
  const server = await startSqld();
  const answer = await query(server.url, 'select count(*) from sqlite_schema');
  expect(answer).toMatchObject({ results: [{ response: { result: { rows: [[{ value: '0' }]] } } }, {}] });

  await server.stop();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow('fetch failed');
  await server.stop();
});

test('stopping one server leaves another alone', async () => {
  await using stays = await startSqld();
  const goes = await startSqld();
  await query(stays.url, 'create table t (x)');
  await goes.stop();
  expect(await query(stays.url, 'select * from t')).toMatchObject({ results: [{ type: 'ok' }, { type: 'ok' }] });
});

test('the WebSocket address opens', async () => {
  await using server = await startSqld();
  const socket = new WebSocket(server.wsUrl, 'hrana3');
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  socket.close();
});
