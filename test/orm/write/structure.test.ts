import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { structureCases } from './structure-cases.ts';

describe('libsql over a file', () => structureCases(libsqlFiles()));
describe('libsql in memory', () => structureCases(libsqlMemory()));
