import { describe } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { codecCases } from './codec-cases.ts';

describe('libsql over a file', () => codecCases(libsqlFiles(), 25));
