import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { getCases } from './get-cases.ts';

describe('libsql in memory', () => getCases(libsqlMemory()));
