import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { relationCases } from './relation-cases.ts';

describe('libsql over a file', () => relationCases(libsqlFiles()));
describe('libsql in memory', () => relationCases(libsqlMemory()));
