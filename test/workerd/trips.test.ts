import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { countedD1 } from '../../bench/support/counted-d1.ts';
import { d1Raw } from '../../bench/support/raw.ts';
import { measure, workloadsFor } from '../../bench/trips/measure.ts';

const counted = countedD1(env.DB);
const driver = d1(counted);

test.for(workloadsFor(driver))('$name: $trips call(s) of the binding of D1', async (workload) => {
  const { trips } = workload;
  const measured = await measure(workload, driver, counted, d1Raw(env.DB));
  expect(measured).toEqual({ ...measured, trips, said: trips, fault: undefined });
});
