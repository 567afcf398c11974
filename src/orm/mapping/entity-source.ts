import { ConfigurationError, InvalidValueError } from '../../errors/errors.ts';
import { EntitySelectBuilder } from '../../sql/entity-select.ts';
import { columnNode, tableSource } from '../../sql/source.ts';
import { logical, operator, type Expression } from '../../sql/expression.ts';
import type { EntitySource } from '../../sql/nodes.ts';
import { booleanType } from '../../types/scalar.ts';
import type { MappedColumn, Mapper } from './mapper.ts';
import type { ModelInfo } from './model-info.ts';

/** A model as statements see it: its table, its bases' tables, the rows that are its own. */
export function entitySource(info: ModelInfo, columns: readonly MappedColumn[], mapper: () => Mapper): EntitySource {
  const nodes = new Map(columns.map((mapped) => [mapped.attribute, columnNode(mapped.column)] as const));
  return {
    name: info.name,
    source: tableSource(info.table),
    joins: info.heritage?.joins(info) ?? [],
    get where() {
      return info.heritage?.rows(mapper()) ?? [];
    },
    columns: nodes,
    embedded: info.embedded,
    builder: EntitySelectBuilder,
    filter: (values) => filterBy(mapper(), values),
    get owner() {
      return mapper();
    },
  };
}

/** Equality of columns, pair by pair. */
export function allEqual(left: readonly Expression[], right: readonly Expression[]): Expression {
  return logical(
    'and',
    left.map((column, at) => operator('=', column, right[at]!, booleanType)),
  );
}

function filterBy(mapper: Mapper, values: object): Expression[] {
  const { embedded } = mapper.source;
  return Object.entries(embedded ? embedded.spread(values, mapper.name) : values).flatMap(([name, value]) => {
    if (value === undefined) {
      throw new InvalidValueError(
        `filterBy(): ${mapper.name}.${name} is undefined; leave it out, or pass null for NULL`,
      );
    }
    const mapped = mapper.column(name);
    if (mapped) {
      const node = mapper.source.columns.get(name)!;
      return [value === null ? node.isNull() : node.eq(value)];
    }
    const relation = mapper.relations.get(name);
    if (!relation?.kind?.refersTo || relation.way !== 'forward') {
      throw new ConfigurationError(
        `filterBy(): ${mapper.name} has no column or to-one relation '${name}'; it has ${mapper.attributeNames()}`,
      );
    }
    return relation.kind.refersTo(mapper, relation, value, `filterBy(): ${mapper.name}.${name}`);
  });
}
