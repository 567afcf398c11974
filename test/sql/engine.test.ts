import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { engineCases } from './engine-cases.ts';

describe('libsql in memory', () => engineCases(libsqlMemory()));
