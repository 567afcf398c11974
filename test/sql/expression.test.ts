import { describe } from 'vitest';
import { libsqlMemory } from '../support/libsql.ts';
import { expressionCases } from './expression-cases.ts';

describe('libsql in memory', () => expressionCases(libsqlMemory()));
