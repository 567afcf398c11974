import { type ByDialect, type DialectRules, ofDialect } from '../dialect.ts';
import { postgresRules } from '../postgres/rules.ts';
import { sqliteRules } from '../sqlite/rules.ts';

const RULES: ByDialect<DialectRules> = { sqlite: sqliteRules, postgres: postgresRules };

export function rulesOf(dialect: { readonly name: string }): DialectRules {
  return ofDialect(RULES, dialect);
}
