import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Column,
  bytes,
  createEngine,
  double,
  InvalidValueError,
  interval,
  numeric,
  plainDate,
  plainDateTime,
  select,
  sql,
  timestamp,
  typed,
} from 'cinnabar';
import { pg } from 'cinnabar/pg';
import { postgresDatabase } from '../support/postgres.ts';

const url = postgresDatabase();
const never = { getTypeParser: () => (text: string) => text };
let client: Client;
beforeAll(async () => {
  client = new Client({ connectionString: url(), types: never });
  await client.connect();
});
afterAll(() => client.end());

/** Reads an expression in a session with a setting. */
async function read<V>(setting: string, expression: string, type: Column<V>): Promise<V> {
  await client.query(`reset all; set ${setting}`);
  const engine = createEngine(pg(client as never, { onWarning: () => {} }));
  const value = typed(sql(raw(expression)), type);
  const [row] = await engine.all(select({ value }));
  return row!.value as V;
}
const raw = (text: string): TemplateStringsArray => Object.assign([text], { raw: [text] });

describe.each(['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'])('intervals, by the style %s', (style) => {
  test.for([
    ['0', 'PT0S'],
    ['1 year', 'P1Y'],
    ['-1 year -2 months', '-P1Y2M'],
    ['3 days', 'P3D'],
    ['-3 days -04:05:06.789', '-P3DT4H5M6.789S'],
    ['00:00:00.000001', 'PT0.000001S'],
    ['-00:00:01', '-PT1S'],
    ['1 year 2 months 3 days 04:05:06.5', 'P1Y2M3DT4H5M6.5S'],
    ['-1 year -2 months -3 days -104:05:06.5', '-P1Y2M3DT104H5M6.5S'],
    ['2147483647 days', 'P2147483647D'],
    ['1000000:00:00', 'PT1000000H'],
  ] as const)('%s is %s', async ([given, duration]) => {
    expect(await read(`IntervalStyle = ${style}`, `interval '${given}'`, interval())).toBe(duration);
  });

  test.for(['1 day -01:00:00', '-1 month +1 day', '1 year -1 day', '-1 day +00:00:01'])(
    '%s has two signs, and is refused',
    async (given) => {
      await expect(read(`IntervalStyle = ${style}`, `interval '${given}'`, interval())).rejects.toThrow(
        InvalidValueError,
      );
    },
  );
});

describe.each(['hex', 'escape'])('bytes, by the output %s', (output) => {
  test.for(['', '00', 'ff', '5c', '5c78', '5c5c', '61275c000a7f80ff', '7e20'])('%s', async (hex) => {
    const found = await read(`bytea_output = ${output}`, `'\\x${hex}'::bytea`, bytes());
    expect(Buffer.from(found).toString('hex')).toBe(hex);
  });
});

describe.each(['SQL, DMY', 'SQL, MDY', 'Postgres, DMY', 'German'])('a DateStyle that is not ISO: %s', (style) => {
  test.for([
    ['a date', `date '2024-02-01'`, plainDate()],
    ['an instant', `timestamptz '2024-02-01 00:00:00+00'`, timestamp()],
    ['a date and time', `timestamp '2024-02-01 00:00:00'`, plainDateTime()],
  ] as const)('%s is refused: which is the month is not to tell', async ([, expression, type]) => {
    await expect(read(`DateStyle = '${style}'`, expression, type as Column<unknown>)).rejects.toThrow(
      InvalidValueError,
    );
  });
});

test.for([
  ['a double that is no number', `'NaN'::double precision`, 'double'],
  ['a double that has no end', `'-Infinity'::double precision`, 'double'],
  ['a decimal that is no number', `'NaN'::numeric`, 'decimal'],
  ['a day that has no end', `'infinity'::date`, 'plainDate'],
  ['a year beyond 9999', `'10000-01-01'::date`, 'plainDate'],
  ['a year before 0', `'0002-01-01 BC'::date`, 'plainDate'],
  ['an instant that has no end', `'-infinity'::timestamptz`, 'timestamp'],
  ['microseconds', `'2024-01-01 00:00:00.000001'::timestamp`, 'plainDateTime'],
] as const)('%s is refused when it is read', async ([, expression, kind]) => {
  const types = { plainDate, timestamp, plainDateTime, double, decimal: () => numeric(10, 2) };
  await expect(read('TimeZone = UTC', expression, types[kind]() as Column<unknown>)).rejects.toThrow(InvalidValueError);
});
