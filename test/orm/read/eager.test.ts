import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { eagerCases } from './eager-cases.ts';

describe('libsql over a file', () => eagerCases(libsqlFiles()));
describe('libsql in memory', () => eagerCases(libsqlMemory()));
