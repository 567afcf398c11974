import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { aggregateCases } from '../sql/aggregate-cases.ts';
import { conditionalCases } from '../sql/conditional-cases.ts';
import { dateCases } from '../sql/date-cases.ts';
import { jsonCases } from '../sql/json-cases.ts';
import { operatorCases } from '../sql/operator-cases.ts';

describe.for([aggregateCases, conditionalCases, dateCases, jsonCases, operatorCases])('d1: %o', (cases) =>
  cases(() => d1(env.DB)),
);
