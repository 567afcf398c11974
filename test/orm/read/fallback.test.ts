import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { fallbackCases } from './fallback-cases.ts';

describe('libsql in memory', () => fallbackCases(libsqlMemory()));
