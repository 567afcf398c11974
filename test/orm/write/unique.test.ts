import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { uniqueCases } from './unique-cases.ts';

describe('libsql over a file', () => uniqueCases(libsqlFiles()));
describe('libsql in memory', () => uniqueCases(libsqlMemory()));
