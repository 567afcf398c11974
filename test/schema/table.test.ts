import { describe } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { tableCases } from './table-cases.ts';

describe('libsql over a file', () => tableCases(libsqlFiles()));
