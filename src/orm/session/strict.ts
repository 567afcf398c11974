import { makeStrict } from '../loading/ways/raise.ts';
import type { Entity } from '../../sql/model.ts';
import { QueryBuilder, type Query } from './query.ts';
import { Session } from './session.ts';

/**
 * From now on, awaiting a relation that is not loaded raises: of every entity of a session, or of those that a query
 * yields, at any depth. What is in memory can be awaited, and `lazyLoad()` allows a relation.
 *
 * @example
 * const session = strict(new Session(engine))
 * for (const user of await session.query(User).all()) await user.posts // NotLoadedError: … with({ posts: true })
 */
export function strict<S extends Session | Query<Entity>>(subject: S): S {
  if (!(subject instanceof QueryBuilder)) {
    const { context } = Session.parts(subject as Session, 'strict()').holdings;
    makeStrict(context, context);
    return subject;
  }
  const query: object = subject.reading((loading) => ({
    ...loading,
    hydrator: {
      forget: (states) => loading.hydrator.forget(states),
      all: (rows, shape, overwrite) => {
        const states = loading.hydrator.all(rows, shape, overwrite);
        for (const state of states) makeStrict(state, state.context!);
        return states;
      },
    },
  }));
  return query as S;
}
