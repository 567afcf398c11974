import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { reloadCases } from './reload-cases.ts';

describe('libsql over a file', () => reloadCases(libsqlFiles()));
describe('libsql in memory', () => reloadCases(libsqlMemory()));
