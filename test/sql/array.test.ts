import { describe, expect, test } from 'vitest';
import { array, bytes, createAll, createEngine, double, integer, MetaData, range, table, vector } from 'cinnabar';
import { libsqlMemory } from '../support/libsql.ts';
import { arrayCases } from './array-cases.ts';

describe('libsql in memory', () => arrayCases(libsqlMemory()));

test('what SQLite has not is refused by the names of its columns, before any I/O', async () => {
  const metadata = new MetaData();
  table(
    'stays',
    {
      id: integer().primaryKey(),
      nights: range(integer()),
      weights: array(double()),
      at: vector(3),
      raw: array(bytes()),
    },
    { metadata },
  );
  const engine = createEngine(libsqlMemory()());
  await expect(createAll(engine, metadata)).rejects.toMatchObject({
    code: 'ConfigurationError',
    message: [
      '4 mistakes in the schema:',
      '- stays.nights: sqlite has no range()',
      '- stays.weights: sqlite has no array()',
      '- stays.at: sqlite has no vector()',
      '- stays.raw: sqlite has no array()',
    ].join('\n'),
  });
});
