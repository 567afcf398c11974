import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { hierarchyCases } from './hierarchy-cases.ts';

describe('libsql in memory', () => hierarchyCases(libsqlMemory()));
