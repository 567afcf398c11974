import { d1 } from 'cinnabar/d1';
import { env } from 'cloudflare:workers';
import { describe } from 'vitest';
import { schemaCases } from '../schema/ddl-cases.ts';
import { tableCases } from '../schema/table-cases.ts';
import { ddlCases } from '../sql/ddl-cases.ts';
import { engineCases } from '../sql/engine-cases.ts';
import { expressionCases } from '../sql/expression-cases.ts';
import { prepareCases } from '../sql/prepare-cases.ts';
import { rowsCases } from '../sql/rows-cases.ts';
import { selectCases } from '../sql/select-cases.ts';
import { statementCases } from '../sql/statement-cases.ts';
import { storedCases } from '../sql/stored-cases.ts';
import { writeCases } from '../sql/write-cases.ts';

describe.for([
  ddlCases,
  engineCases,
  expressionCases,
  prepareCases,
  rowsCases,
  selectCases,
  schemaCases,
  statementCases,
  storedCases,
  tableCases,
  writeCases,
])('d1: %o', (cases) => cases(() => d1(env.DB)));
