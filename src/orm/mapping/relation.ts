import type { ManyRelation, OneRelation, RelationOptions } from '../../sql/relation.ts';
import { isBranded } from '../../util/brand.ts';
import type { RelationMapping } from './mapper.ts';

const RELATION: symbol = Symbol.for('cinnabar.relation-spec');

/** What `many()` and `one()` say, as data. Configuration turns it into a `RelationMapping`. */
export class RelationSpec {
  readonly kind: 'many' | 'one';
  /** A model class, or the name of its table. */
  readonly target: unknown;
  readonly options: RelationOptions;
  readonly isNullable: boolean;
  readonly handle: RelationMapping['handle'];

  constructor(
    kind: 'many' | 'one',
    target: unknown,
    options: RelationOptions,
    isNullable: boolean,
    handle?: RelationMapping['handle'],
  ) {
    this.kind = kind;
    this.target = target;
    this.options = options;
    this.isNullable = isNullable;
    this.handle = handle;
  }

  get brand(): symbol {
    return RELATION;
  }

  nullable(): RelationSpec {
    return new RelationSpec(this.kind, this.target, this.options, true);
  }
}

export function isRelationSpec(value: unknown): value is RelationSpec {
  return isBranded(value, RELATION);
}

type TableName = string;

/**
 * A to-many relation, always inside a getter: that is what lets cycles infer. A model whose module must not be imported
 * at run time goes by its table: `many<typeof Admin>('admins')`, with `import type`.
 *
 * @example
 * get posts() { return many(Post, { by: 'authorId' }) }
 */
export function many<C>(target: C | TableName, options: RelationOptions = {}): ManyRelation<C> {
  const spec: object = new RelationSpec('many', target, options, false);
  return spec as ManyRelation<C>;
}

/**
 * A to-one relation, always inside a getter.
 *
 * @example
 * get author() { return one(User, { by: 'authorId' }) }
 * get manager() { return one(User, { by: 'managerId' }).nullable() }
 */
export function one<C>(target: C | TableName, options: RelationOptions = {}): OneRelation<C, never> {
  const spec: object = new RelationSpec('one', target, options, false);
  return spec as OneRelation<C, never>;
}
