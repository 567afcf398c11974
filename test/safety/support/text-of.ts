import { compile } from '../../../src/compiler/compile.ts';
import { sqliteDialect } from '../../../src/dialect/sqlite/index.ts';
import { sqliteLimits } from '../../../src/dialect/sqlite/limits.ts';
import { selectOf } from '../../../src/sql/expression.ts';
import { findWrite } from '../../../src/sql/write.ts';

/** The text that a statement becomes on the SQLite family. */
export function textOf(statement: unknown): string {
  return compile(findWrite(statement) ?? selectOf(statement, 'textOf()'), sqliteDialect, sqliteLimits).sql;
}
