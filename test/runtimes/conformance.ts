// Runs the conformance suite on a driver, given by its name and an address, in the runtime that runs this, and prints how
// each case went.
import process from 'node:process';
import type { Driver } from 'cinnabar';
import { type ConformanceResult, runConformance } from 'cinnabar/testing';

/** Opens a driver for one case. */
type Open = () => Driver;

interface Closable {
  close(): unknown;
}

const opened: Closable[] = [];
function keep<C extends Closable>(client: C): C {
  opened.push(client);
  return client;
}

// Each imports its client by itself: no runtime has them all.
const drivers: Readonly<Record<string, (address: string) => Promise<Open>>> = {
  'libsql': async (url) => {
    const [{ createClient }, { libsql }] = await Promise.all([import('@libsql/client'), import('cinnabar/libsql')]);
    // A client that failed may keep a file locked until it is collected.
    if (url === ':memory:') return () => libsql(keep(createClient({ url })));
    if (url.startsWith('file:')) return () => libsql(keep(createClient({ url: `${url}-${opened.length}.db` })));
    const driver = libsql(keep(createClient({ url })));
    return () => driver;
  },
  'libsql-replica': async (address) => {
    const [{ createClient }, { libsql }] = await Promise.all([import('@libsql/client'), import('cinnabar/libsql')]);
    const [url = '', syncUrl = ''] = address.split(' ');
    const client = keep(createClient({ url, syncUrl }));
    await client.sync();
    const driver = libsql(client);
    return () => driver;
  },
  'libsql-web': async (url) => {
    const [{ createClient }, { libsql }] = await Promise.all([import('@libsql/client/web'), import('cinnabar/libsql')]);
    const driver = libsql(keep(createClient({ url })));
    return () => driver;
  },
  'node-sqlite': async (path) => {
    const [{ DatabaseSync }, { nodeSqlite }] = await Promise.all([
      import('node:sqlite'),
      import('cinnabar/node-sqlite'),
    ]);
    const database = keep(new DatabaseSync(path));
    database.exec('pragma synchronous = off');
    return () => nodeSqlite(database, { lockTimeout: 50 });
  },
  'pg': async (connectionString) => {
    const [{ Pool }, { pg }] = await Promise.all([import('pg'), import('cinnabar/pg')]);
    const pool = new Pool({ connectionString, pipeline: true });
    keep({ close: () => pool.end() });
    return () => pg(pool);
  },
  'pg-one-by-one': async (connectionString) => {
    const [{ Pool }, { pg }] = await Promise.all([import('pg'), import('cinnabar/pg')]);
    const pool = new Pool({ connectionString });
    keep({ close: () => pool.end() });
    return () => pg(pool, { onWarning: () => {} });
  },
  'postgres': async (url) => {
    const [{ default: client }, { postgres }] = await Promise.all([import('postgres'), import('cinnabar/postgres')]);
    const sql = client(url, { onnotice: () => {} });
    keep({ close: () => sql.end({ timeout: 1 }) });
    return () => postgres(sql);
  },
  'neon': async (address) => {
    const [client, { neon }] = await Promise.all([import('@neondatabase/serverless'), import('cinnabar/neon')]);
    const [url = '', endpoint = ''] = address.split(' ');
    client.neonConfig.fetchEndpoint = () => endpoint;
    const driver = neon(client.neon(url));
    return () => driver;
  },
  'neon-pool': async (address) => {
    const [client, { neonPool }] = await Promise.all([import('@neondatabase/serverless'), import('cinnabar/neon')]);
    const [connectionString = '', proxy = ''] = address.split(' ');
    Object.assign(client.neonConfig, { wsProxy: () => proxy, useSecureWebSocket: false, pipelineConnect: false });
    const pool = new client.Pool({ connectionString });
    keep({ close: () => pool.end() });
    return () => neonPool(pool);
  },
  'pglite': async () => {
    const [{ PGlite }, { pglite }] = await Promise.all([import('@electric-sql/pglite'), import('cinnabar/pglite')]);
    const database = keep(await PGlite.create());
    return () => pglite(database, { lockTimeout: 1000 });
  },
};

async function main([name = '', address = '']: readonly string[]): Promise<void> {
  const results: ConformanceResult[] = [];
  const open = await drivers[name]?.(address);
  if (!open) throw new Error(`no driver is called ${name}`);
  await runConformance(open, (result) =>
    results.push({ ...result, error: result.error instanceof Error ? result.error.stack : undefined }),
  );
  for (const client of opened) await client.close();
  console.log(JSON.stringify(results));
}

await main(process.argv.slice(2));
