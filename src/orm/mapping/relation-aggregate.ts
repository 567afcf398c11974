import { ConfigurationError } from '../../errors/errors.ts';
import { RELATION } from '../../sql/entity-select.ts';
import type { Condition, Expr } from '../../sql/expr.ts';
import { ATOM, Fragment, SelectPart, expressionOf, type Expression } from '../../sql/expression.ts';
import type { Relation, WriteOnlyRelation } from '../../sql/relation.ts';
import { integerType } from '../../types/scalar.ts';
import { isBranded, kindOf } from '../../util/brand.ts';
import type { RelationMapping } from './mapper.ts';
import { relatedSelect, type RelationAttribute } from './relation-attribute.ts';

/** A relation of a class, like `User.c.posts`. */
export type AnyRelation = Relation<unknown> | WriteOnlyRelation<unknown>;

/**
 * How many entities a relation leads to, without loading them: in a select, a condition or an order.
 *
 * @example
 * select({ name: User.c.name, posts: countOf(User.c.posts) }).from(User)
 * // select "users"."name", (select count(*) from "posts" where "posts"."author_id" = "users"."id") as "posts" from "users"
 * session.query(User).orderBy(countOf(User.c.posts, Post.c.published.eq(true)).desc())
 */
export function countOf(relation: AnyRelation, condition?: Condition): Expr<number> {
  const found = relationOf(relation, 'countOf()');
  return scalar(found, new Fragment(['count(*)'], integerType, ATOM), condition, 'countOf()');
}

/**
 * An aggregate over the entities that a relation leads to, without loading them; null over none, where the aggregate is.
 *
 * @example
 * session.query(User).where(aggregateOf(User.c.posts, max(Post.c.views)).gt(100))
 */
export function aggregateOf<V>(relation: AnyRelation, aggregate: Expr<V, string>, condition?: Condition): Expr<V> {
  const where = 'aggregateOf()';
  return scalar(relationOf(relation, where), expressionOf(aggregate, where), condition, where);
}

export function relationOf(given: unknown, where: string): RelationMapping {
  if (isBranded(given, RELATION)) return (given as RelationAttribute).resolve();
  throw new ConfigurationError(`${where}: expected a relation, like User.c.posts, got ${kindOf(given)}`);
}

function scalar(
  relation: RelationMapping,
  value: Expression,
  condition: Condition | undefined,
  where: string,
): Expression {
  const { node, place } = relatedSelect(relation, condition && expressionOf(condition, where));
  const part = new SelectPart({ ...node, outputs: [{ name: 'value', expression: place(value) }] });
  return new Fragment(['(', part, ')'], value.type, ATOM, where);
}
