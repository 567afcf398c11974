import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { selectCases } from './select-cases.ts';

describe('libsql in memory', () => selectCases(libsqlMemory()));
