import { describe } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { schemaCases } from './ddl-cases.ts';

describe('libsql over a file', () => schemaCases(libsqlFiles()));
