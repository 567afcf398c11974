import { describe } from 'vitest';
import { libsqlFiles } from '../support/libsql.ts';
import { ddlCases } from './ddl-cases.ts';

describe('libsql over a file', () => ddlCases(libsqlFiles()));
