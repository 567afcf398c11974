export { neon, type NeonSql } from './http.ts';
export { neonPool, type NeonPool } from './pool.ts';
