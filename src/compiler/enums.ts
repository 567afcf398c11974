import { ConfigurationError } from '../errors/errors.ts';
import { constraintName } from '../schema/constraint-names.ts';
import type { CheckDefinition, EnumDefinition } from '../schema/definition.ts';
import type { Table } from '../schema/table.ts';
import { ATOM, Bind, Fragment, joined, within } from '../sql/expression.ts';
import { columnNode } from '../sql/source.ts';
import { storedType } from '../sql/forms.ts';
import { textType } from '../types/scalar.ts';
import type { SqlType } from '../types/sql-type.ts';

/** The type of labels that a type is, or that its members are. */
function labelled(type: SqlType): SqlType | undefined {
  const stored = storedType(type);
  if (stored.array) return labelled(stored.array.element);
  return stored.enum && stored;
}

/**
 * The types of labels that tables use, each once, in the order in which they are met.
 *
 * @throws ConfigurationError where two of one name have other labels.
 */
export function enumsOf(tables: readonly Table[]): EnumDefinition[] {
  const found = new Map<string, EnumDefinition>();
  for (const { path, type } of tables.flatMap((table) => table.columns)) {
    const { enum: of, labels = [] } = labelled(type) ?? {};
    if (!of) continue;
    const key = JSON.stringify([of.schema ?? '', of.name]);
    const known = found.get(key)?.labels;
    if (!known) found.set(key, { schema: of.schema, name: of.name, labels });
    else if (JSON.stringify(known) !== JSON.stringify(labels))
      throw new ConfigurationError(`${path}: another enumType() is named '${of.name}' and has other labels`);
  }
  return [...found.values()];
}

/** What a table checks where the database has no types of labels. Members of arrays are the program's to check. */
export function labelChecks(table: Table): CheckDefinition[] {
  return table.columns.flatMap((column) => {
    const { enum: of, labels = [] } = storedType(column.type);
    if (!of) return [];
    const list = new Fragment(
      joined(
        labels.map((label) => new Bind(label, textType)),
        ', ',
      ),
      undefined,
      ATOM,
    );
    const name = constraintName(table.metadata.naming, 'check', table.name, `${column.name}_label`);
    return [{ name, condition: within([columnNode(column)], list) }];
  });
}
