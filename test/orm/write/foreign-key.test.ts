import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { foreignKeyCases } from './foreign-key-cases.ts';

describe('libsql over a file', () => foreignKeyCases(libsqlFiles()));
describe('libsql in memory', () => foreignKeyCases(libsqlMemory()));
