import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { storedCases } from './stored-cases.ts';

describe('libsql in memory', () => storedCases(libsqlMemory()));
