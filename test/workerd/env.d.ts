// The globals of Workers and of the web do not agree in every detail; the sources are written for the web's.
declare module 'cloudflare:workers' {
  export const env: {
    readonly DB: import('@cloudflare/workers-types').D1Database;
    readonly VALUES_RUNS: string;
    readonly REBUILD_RUNS: string;
    readonly PAIR_RUNS: string;
    readonly MIGRATIONS: string;
    readonly SEED: string;
    readonly SESSION_RUNS: string;
    readonly SESSION_SEED: string;
    readonly SESSION_PATH: string;
  };
}
