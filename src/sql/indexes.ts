import { ConfigurationError } from '../errors/errors.ts';
import type { Fragment } from '../schema/fragment.ts';
import type { IndexSpec, Table } from '../schema/table.ts';
import type { AnyExpr, By, Condition } from './expr.ts';
import { expressionOf, orderOf } from './expression.ts';
import type { Index } from './model.ts';
import { isBranded } from '../util/brand.ts';

const INDEX: symbol = Symbol.for('cinnabar.index');

/** Builds an index: each call returns a new one. */
class IndexBuilder implements Index {
  declare readonly spec: IndexSpec;

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
  using(method: string): IndexBuilder {
    if (typeof method === 'string' && /^[a-z_]\w*$/.test(method)) return new IndexBuilder({ ...this.spec, method });
    throw new ConfigurationError("index().using(): expected a method, like 'gin'");
  }
  include(...columns: AnyExpr[]): IndexBuilder {
    return new IndexBuilder({ ...this.spec, include: columns.map((item) => expressionOf(item, 'index().include()')) });
  }
  nullsNotDistinct(): IndexBuilder {
    return new IndexBuilder({ ...this.spec, nullsNotDistinct: true });
  }
}

function isIndex(value: unknown): value is IndexBuilder {
  return isBranded(value, INDEX);
}

/**
 * An index over columns or expressions.
 *
 * @example
 * index(c.authorId, c.createdAt.desc()).where(c.published.eq(true))
 * // create index … on "posts" ("author_id", "created_at" desc) where "published" = 1
 * index(c.tags).using('gin')
 * // create index … on "posts" using "gin" ("tags")
 */
export function index(...on: By[]): Index {
  return new IndexBuilder({ on: on.map(orderOf), unique: false });
}

/** What `constrain()` returns. */
export interface Rules {
  readonly checks?: Readonly<Record<string, Fragment>>;
  readonly indexes?: readonly Index[];
}

/** Adds the checks and indexes that a table was declared with: once, when they are asked for. */
export function completeRules(table: Table): void {
  for (const make of table.rules.splice(0)) {
    const { checks = {}, indexes = [] } = make() as Rules;
    for (const [name, check] of Object.entries(checks)) table.checks.set(name, check);
    for (const item of indexes) {
      if (!isIndex(item)) throw new ConfigurationError(`${table.name}: indexes are made by index(…)`);
      table.indexes.push(item.spec);
    }
  }
}
