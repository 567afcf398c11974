// Sends values to PostgreSQL and back in a process of its own, whose time zone is not the test's, and prints how many came back.
import { Random } from './random.ts';
import { roundTrips } from './round-trips.ts';
import { ways } from '../support/postgres-ways.ts';

const [url = '', way = 'pg', seed = '1', values = '1000'] = process.argv.slice(2);
const { driver, close } = await ways[way]!(url, url);
// A month is thirty days there, and a day 24 hours; a jsonb says all digits of a double, which then is a bigint.
const report = await roundTrips(driver, {
  seed: Number(seed) || new Random(Date.now()).bits(),
  values: Number(values),
  rows: 40,
  without: ['jsonBigint'],
  unequal: ['interval'],
  unordered: ['boolean', 'uuid', 'json', 'bytes', 'ownBytes'],
});
await close();
console.log(JSON.stringify({ ...report, timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }));
