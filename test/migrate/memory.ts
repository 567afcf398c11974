import { DatabaseSync } from 'node:sqlite';
import { createEngine, type Engine } from 'cinnabar';
import { nodeSqlite } from 'cinnabar/node-sqlite';

/** An engine on an empty database in memory. */
export function memoryEngine(): Engine {
  return createEngine(nodeSqlite(new DatabaseSync(':memory:')));
}
