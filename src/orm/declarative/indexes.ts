import type { IndexSpec } from '../../schema/table.ts';
import type { By, Condition } from '../../sql/expr.ts';
import { expressionOf, orderOf } from '../../sql/expression.ts';
import type { Index } from '../../sql/model.ts';
import { isBranded } from '../../util/brand.ts';

const INDEX: symbol = Symbol.for('cinnabar.index');

/** Builds an index: each call returns a new one. */
export class IndexBuilder implements Index {
  readonly spec: IndexSpec;

  constructor(spec: IndexSpec) {
    this.spec = spec;
  }
  get brand(): symbol {
    return INDEX;
  }
  unique(): IndexBuilder {
    return new IndexBuilder({ ...this.spec, unique: true });
  }
  where(condition: Condition): IndexBuilder {
    return new IndexBuilder({ ...this.spec, where: expressionOf(condition, 'index().where()') });
  }
  named(name: string): IndexBuilder {
    return new IndexBuilder({ ...this.spec, name });
  }
}

export function isIndex(value: unknown): value is IndexBuilder {
  return isBranded(value, INDEX);
}

/**
 * An index over columns or expressions.
 *
 * @example
 * index(c.authorId, c.createdAt.desc()).where(c.published.eq(true))
 * // create index … on "posts" ("author_id", "created_at" desc) where "published" = 1
 */
export function index(...on: By[]): Index {
  return new IndexBuilder({ on: on.map(orderOf), unique: false });
}
