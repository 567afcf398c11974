import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { ddlCases } from '../sql/ddl-cases.ts';
import { engineCases } from '../sql/engine-cases.ts';
import { expressionCases } from '../sql/expression-cases.ts';
import { selectCases } from '../sql/select-cases.ts';
import { storedCases } from '../sql/stored-cases.ts';
import { writeCases } from '../sql/write-cases.ts';

describe.for([ddlCases, engineCases, expressionCases, selectCases, storedCases, writeCases])('d1: %o', (cases) =>
  cases(() => d1(env.DB)),
);
