import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { partCases } from './part-cases.ts';

describe('libsql in memory', () => partCases(libsqlMemory()));
