import { ConfigurationError } from '../../errors/errors.ts';
import type { Condition } from '../../sql/expr.ts';
import { expressionOf } from '../../sql/expression.ts';
import type { Entity } from '../../sql/model.ts';
import { columnNode } from '../../sql/source.ts';
import { entityCore } from '../loading/entity-query.ts';
import { named, within } from '../loading/related.ts';
import { countOf, relationOf, type AnyRelation } from '../mapping/relation-aggregate.ts';
import { stateOf } from '../state/entity.ts';
import { identityOf } from '../state/identity-map.ts';
import { keyOf } from './lifecycle.ts';
import { Session } from './session.ts';

/**
 * How many entities a relation of each of some entities leads to in the database, in one round trip and without loading
 * them. What is pending in memory is not counted.
 *
 * @example
 * const posts = await countsOf(session, users, User.c.posts)
 * posts.get(users[0]) // 3
 * @throws ConfigurationError for an entity that is not in the session, or without the relation.
 */
export async function countsOf<E extends Entity>(
  session: Session,
  entities: Iterable<E>,
  relation: AnyRelation,
  condition?: Condition,
): Promise<Map<E, number>> {
  const where = 'countsOf()';
  const { holdings, loading } = Session.parts(session, where);
  const { owner, name } = relationOf(relation, where);
  const found = Array.from(entities, (entity) => {
    const state = stateOf(entity, where);
    if (state.context === holdings.context && state.mapper.isA(owner)) return { entity, state };
    throw new ConfigurationError(
      `${where}: ${state.label} is no ${owner.name} of this session; ${name} is its relation`,
    );
  });
  const stored = found.flatMap(({ state }) => (state.row ? state : []));
  const counts = new Map<string | number, number>();
  if (stored.length > 0) {
    const keys = owner.key.map(({ column }) => columnNode(column));
    const core = entityCore(owner);
    const count = { name: 'count', expression: expressionOf(countOf(relation, condition), where) };
    const isOne = within(keys, owner.key, { keys: stored.map(keyOf) });
    const node = { ...core, outputs: [...named('key', keys), count], where: [...core.where, isOne] };
    const [rows = []] = await loading.read([node]);
    for (const row of rows) counts.set(identityOf(row.slice(0, keys.length)), Number(row[keys.length]));
  }
  return new Map(found.map(({ entity, state }) => [entity, counts.get(state.identity!) ?? 0]));
}
