import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { keyCases } from './key-cases.ts';

describe('libsql in memory', () => keyCases(libsqlMemory()));
