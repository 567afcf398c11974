import { DatabaseSync } from 'node:sqlite';
import { createAll, createEngine } from 'cinnabar';
import { compare } from 'cinnabar/migrate';
import { nodeSqlite } from 'cinnabar/node-sqlite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { build, schemaSpecs } from '../property/schema-cases.ts';

const runs = Number(process.env['SCHEMA_RUNS'] ?? 20);
const seed = Number(process.env['SEED'] ?? Math.trunc(Math.random() * 2 ** 31));

test(
  `a schema that was created differs from its models in nothing (SEED=${seed})`,
  { timeout: 60_000 + runs * 1000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(schemaSpecs(1, 12), async (specs) => {
        const metadata = build(specs);
        const engine = createEngine(nodeSqlite(new DatabaseSync(':memory:')));
        await createAll(engine, metadata);
        const trips = engine.roundTrips;
        const { operations, questions } = await compare(engine, metadata);
        expect(operations).toEqual([]);
        expect(questions).toEqual([]);
        expect(engine.roundTrips - trips).toBe(1);
      }),
      { numRuns: runs, seed },
    );
  },
);
