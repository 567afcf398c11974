import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { keyCases, structureCases } from './structure-cases.ts';

describe('libsql over a file', () => {
  structureCases(libsqlFiles());
  keyCases(libsqlFiles());
});
describe('libsql in memory', () => {
  structureCases(libsqlMemory());
  keyCases(libsqlMemory());
});
