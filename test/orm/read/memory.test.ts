import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { memoryCases } from './memory-cases.ts';

describe('libsql in memory', () => memoryCases(libsqlMemory()));
