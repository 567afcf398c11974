import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { lazyCases } from './lazy-cases.ts';

describe('libsql in memory', () => lazyCases(libsqlMemory()));
