import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { terminalCases } from './terminal-cases.ts';

describe('libsql in memory', () => terminalCases(libsqlMemory()));
