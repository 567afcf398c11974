import { d1 } from 'cinnabar/d1';
import { type ConformanceTotals, driverCases, runCase } from 'cinnabar/testing';
import { env } from 'cloudflare:workers';
import { afterAll, describe, expect, test } from 'vitest';

describe.for([
  ['a binding', env.DB],
  ['a session', env.DB.withSession('first-primary')],
] as const)('d1 over %s', ([over, database]) => {
  const totals: Record<keyof ConformanceTotals, number> = { passed: 0, failed: 0, skipped: 0 };
  const driver = d1(database);
  afterAll(() => console.log(`d1 over ${over}: ${JSON.stringify(totals)}`));

  test.for(driverCases)('$name', async (driverCase, { skip }) => {
    const { status, reason, error } = await runCase(driverCase, driver);
    totals[status] += 1;
    if (status === 'skipped') skip(reason);
    if (status === 'failed') throw error;
  });

  test('what is skipped is skipped for what D1 lacks', () => {
    const reasons = driverCases.map(({ requires }) => requires?.(driver)).filter((reason) => reason !== undefined);
    expect(new Set(reasons)).toEqual(
      new Set([
        'the driver has no interactive transactions',
        'the driver counts what triggers and cascades write',
        'the driver rounds integers beyond 2^53',
        'rows of a unit come by the names of their columns',
        ...(over === 'a binding' ? ['the driver has no bookmarks'] : []),
      ]),
    );
  });
});
