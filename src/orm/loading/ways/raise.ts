import { NotLoadedError } from '../../../errors/errors.ts';
import type { LoadBy } from '../../../sql/loading.ts';
import type { RelationMapping } from '../../mapping/mapper.ts';
import type { InstanceState, LoadContext } from '../../state/instance-state.ts';
import { LoadSpec, type Strategy } from '../strategy.ts';

/** Whether a relation of an entity may be loaded by awaiting it. */
type Rules = Map<RelationMapping, boolean>;

const rules: WeakMap<InstanceState, Rules> = /* @__PURE__ */ new WeakMap();
/** What is strict: an entity, or the whole of a session. */
const strict: WeakSet<InstanceState | LoadContext> = /* @__PURE__ */ new WeakSet();
const guarded: WeakSet<LoadContext> = /* @__PURE__ */ new WeakSet();

/** From now on a session asks before it loads what is awaited. */
function guard(context: LoadContext): void {
  if (guarded.has(context)) return;
  guarded.add(context);
  const load = context.load.bind(context);
  context.load = (state, relation) => {
    const isStrict = strict.has(context) || strict.has(state);
    if (rules.get(state)?.get(relation) ?? !isStrict) return load(state, relation);
    return Promise.reject(refusal(state, relation));
  };
}

/** What is awaited of it raises: an entity, or a session. */
export function makeStrict(item: InstanceState | LoadContext, context: LoadContext): void {
  strict.add(item);
  guard(context);
}

function rule(name: 'lazy' | 'raise'): LoadBy<undefined> {
  const strategy: Strategy = {
    name,
    note: (parents, relation) => {
      for (const state of parents) {
        const own: Rules = rules.get(state) ?? new Map();
        rules.set(state, own.set(relation, name === 'lazy'));
        if (state.context) guard(state.context);
      }
    },
  };
  const spec: object = new LoadSpec((relation) => [{ relation, part: undefined, branches: [], strategy }]);
  return spec as LoadBy<undefined>;
}

/**
 * Awaiting the relation of these entities raises, where that would load it.
 *
 * @example
 * const user = await session.query(User).with({ posts: raiseLoad() }).one()
 * await user.posts // NotLoadedError
 */
export function raiseLoad(): LoadBy<undefined> {
  return rule('raise');
}

/**
 * The relation of these entities is loaded when it is awaited, in a strict session or query too.
 *
 * @example
 * const user = await strict(session.query(User)).with({ posts: lazyLoad() }).one()
 * await user.posts
 */
export function lazyLoad(): LoadBy<undefined> {
  return rule('lazy');
}

function refusal({ mapper, label }: InstanceState, { name }: RelationMapping): Error {
  return new NotLoadedError(
    `${mapper.name}.${name} of ${label} was awaited and is not loaded, where loading on demand is refused. Load it with the query: with({ ${name}: true }), or session.load(entity, { ${name}: true }); with({ ${name}: lazyLoad() }) allows it`,
    { model: mapper.name, attributes: [name] },
  );
}
