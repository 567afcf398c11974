import type { RelationOptions } from '../../sql/relation.ts';
import { isBranded } from '../../util/brand.ts';
import type { RelationKind } from './mapper.ts';

const RELATION: symbol = Symbol.for('cinnabar.relation-spec');

/** What `many()` and `one()` say, as data. Configuration turns it into a `RelationMapping`. */
export class RelationSpec {
  declare readonly kind: RelationKind;
  /** A model class, or the name of its table. */
  declare readonly target: unknown;
  declare readonly options: RelationOptions;
  declare readonly isNullable: boolean;

  constructor(kind: RelationKind, target: unknown, options: RelationOptions, isNullable: boolean) {
    this.kind = kind;
    this.target = target;
    this.options = options;
    this.isNullable = isNullable;
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
