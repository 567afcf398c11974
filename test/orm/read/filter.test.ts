import { describe } from 'vitest';
import { libsqlMemory } from '../../support/libsql.ts';
import { filterCases, filterOfSubclassCases } from './filter-cases.ts';

describe('libsql in memory', () => filterCases(libsqlMemory()));
describe('libsql in memory: subclasses', () => filterOfSubclassCases(libsqlMemory()));
