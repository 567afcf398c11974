import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { alwaysCases } from './always-cases.ts';

describe('libsql in memory', () => alwaysCases(libsqlMemory()));
