import { ConfigurationError } from '../../errors/errors.ts';
import type { AnyModel, InstanceOf } from '../../sql/model.ts';
import type { ManyRelation, OneRelation } from '../../sql/relation.ts';
import { kindOf } from '../../util/brand.ts';
import { mapperOf } from './model-info.ts';
import { RelationAttribute } from './relation-attribute.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a class of any parameters, told by its instances
type SubclassOf<B> = abstract new (...args: any) => InstanceOf<B>;

/**
 * A relation of a class, where the related row is of a subclass: its columns can be asked for, too.
 *
 * @example
 * session.query(Owner).where(ofType(Owner.c.pets, Dog).some(Dog.c.barks.gt(3)))
 * // … exists (select 1 from "animals" where "animals"."owner_id" = "owners"."id" and "animals"."kind" = ?1 and …)
 * @throws ConfigurationError for a class that is not of the relation's target.
 */
export function ofType<B extends AnyModel, C extends SubclassOf<B>>(
  relation: ManyRelation<B>,
  model: C,
): ManyRelation<C>;
export function ofType<B extends AnyModel, C extends SubclassOf<B>, N>(
  relation: OneRelation<B, N>,
  model: C,
): OneRelation<C, N>;
export function ofType(relation: unknown, model: unknown): unknown {
  if (!(relation instanceof RelationAttribute))
    throw new ConfigurationError(`ofType(): expected a relation, like Owner.c.pets, got ${kindOf(relation)}`);
  return new RelationAttribute(() => {
    const mapping = relation.resolve();
    const target = mapperOf(model, 'ofType()');
    if (target.isA(mapping.target)) return { ...mapping, target };
    throw new ConfigurationError(
      `ofType(): ${target.name} is no ${mapping.target.name}, which ${mapping.owner.name}.${mapping.name} is of`,
    );
  });
}
