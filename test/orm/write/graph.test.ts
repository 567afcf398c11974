import { describe } from 'vitest';
import { libsqlFiles, libsqlMemory } from '../../support/libsql.ts';
import { graphCases } from './graph-cases.ts';

describe('libsql over a file', () => graphCases(libsqlFiles()));
describe('libsql in memory', () => graphCases(libsqlMemory()));
