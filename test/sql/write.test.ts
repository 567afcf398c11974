import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { writeCases } from './write-cases.ts';

describe('libsql in memory', () => writeCases(libsqlMemory()));
