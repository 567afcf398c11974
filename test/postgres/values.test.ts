import {
  array,
  bigint,
  boolean,
  bytes,
  type Column,
  double,
  enumeration,
  inet,
  integer,
  interval,
  numeric,
  plainDate,
  plainDateTime,
  plainTime,
  range,
  text,
  timestamp,
  uuid,
} from 'cinnabar';
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';
import { pg } from 'cinnabar/pg';
import { postgresCodec } from '../../src/dialect/postgres/codecs.ts';
import { specOf } from '../../src/sql/functions/typed.ts';
import { postgresDatabase } from '../support/postgres.ts';
import { holds, valueCounts } from '../values/holds.ts';
import { valueOf } from '../values/kind.ts';
import { kinds } from '../values/kinds.ts';
import { Random } from '../values/random.ts';
import { LABELS } from '../values/scalar-kinds.ts';

const url = postgresDatabase();
let pool: Pool | undefined;
afterAll(() => pool?.end());
const open = () => pg((pool ??= new Pool({ connectionString: url(), pipeline: true })));

test('values come back as they went', { timeout: 600_000 }, async () => {
  const [, count] = valueCounts(process.env);
  await holds('pg', open(), {
    ...process.env,
    count,
    rows: 40,
    // A jsonb says all digits of a number, so that a double of them is a bigint there.
    without: ['jsonBigint'],
    // A month is thirty days there, and a day 24 hours.
    unequal: ['interval'],
    unordered: ['boolean', 'uuid', 'json', 'bytes', 'ownBytes'],
  });
});

// Keys are compared as the database writes them, whether they were read or given.
test.for(
  Object.entries({
    integer: integer(),
    bigint: bigint(),
    double: double(),
    text: text(),
    boolean: boolean(),
    short: numeric(18, 6),
    huge: numeric(38, 0),
    timestamp: timestamp(),
    plainDateTime: plainDateTime(),
    plainDate: plainDate(),
    plainTime: plainTime(),
    interval: interval(),
    uuid: uuid(),
    enumeration: enumeration(...LABELS),
    bytes: bytes(),
    texts: array(text().nullable()),
    bigints: array(bigint()),
    instants: array(timestamp().nullable()),
    inet: inet(),
  }),
)('a value of %s is encoded as the database writes it', async ([name, column]) => {
  const seed = Number(process.env['SEED'] || Math.floor(Math.random() * 2 ** 31));
  const random = new Random(seed);
  const codec = postgresCodec(specOf(column, name).type);
  const values = random.list(500, () => valueOf(kinds[name as keyof typeof kinds], random));
  // Of larger doubles it may write another digit.
  const encoded = values.filter((value) => name !== 'double' || Math.abs(value as number) < 2 ** 53).map(codec.encode);
  expect(encoded.length).toBeGreaterThan(200);
  const { results } = await open().execute({
    mode: 'read',
    statements: encoded.map((value) => ({ sql: `select ${codec.bind!('$1')}`, params: [value] })),
  });
  expect(
    results.map(({ rows }) => rows[0]![0]),
    `SEED=${seed}`,
  ).toEqual(encoded);
});

test.for(
  Object.entries({
    integer: integer(),
    bigint: bigint(),
    short: numeric(18, 6),
    plainDate: plainDate(),
    plainDateTime: plainDateTime(),
    timestamp: timestamp(),
  }),
)('a range of %s has the form in which the database writes it', async ([name, column]) => {
  const seed = Number(process.env['SEED'] || Math.floor(Math.random() * 2 ** 31));
  const random = new Random(seed);
  const { type } = specOf(range(column as Column<unknown>), name);
  const codec = postgresCodec(type);
  const bound = (): unknown => (random.chance(15) ? null : valueOf(kinds[name as keyof typeof kinds], random));
  const given = random.list(600, () => {
    const lower = bound();
    // Often of one value, or of none.
    const upper = random.chance(20) ? lower : bound();
    return { lower, upper, bounds: random.of(['[)', '[]', '(]', '()'] as const) };
  });
  const ranges = given.filter((value) => type.check(value) === undefined);
  expect(ranges.length).toBeGreaterThan(150);
  const { results } = await open().execute({
    mode: 'read',
    statements: ranges.map((value) => ({ sql: `select ${codec.bind!('$1')}`, params: [codec.encode(value)] })),
  });
  for (const [at, value] of ranges.entries()) {
    const stored = results[at]!.rows[0]![0];
    expect(stored, `SEED=${seed}`).toBe(codec.encode(value));
    expect(type.equals(codec.decode(stored), value), `SEED=${seed}`).toBe(true);
  }
});
