import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { sessionCases } from './session-cases.ts';

describe('libsql over a file', () => sessionCases(libsqlFiles()));
describe('libsql in memory', () => sessionCases(libsqlMemory()));
