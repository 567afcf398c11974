import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { changeCases } from './change-cases.ts';

describe('libsql over a file', () => changeCases(libsqlFiles()));
describe('libsql in memory', () => changeCases(libsqlMemory()));
