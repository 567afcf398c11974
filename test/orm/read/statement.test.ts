import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { statementCases } from './statement-cases.ts';

describe('libsql in memory', () => statementCases(libsqlMemory()));
