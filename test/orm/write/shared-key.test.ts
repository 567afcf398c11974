import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { sharedKeyCases } from './shared-key-cases.ts';

describe('libsql over a file', () => sharedKeyCases(libsqlFiles()));
describe('libsql in memory', () => sharedKeyCases(libsqlMemory()));
