import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { depthCases } from './depth-cases.ts';

describe('libsql in memory', () => depthCases(libsqlMemory()));
