import { ConfigurationError } from '../../errors/errors.ts';
import { completeRules, type Rules } from '../../sql/indexes.ts';
import { columnNode, ENTITY } from '../../sql/source.ts';
import { declare, infoOf, mapperOf, type ModelInfo } from '../mapping/model-info.ts';
import { RelationAttribute } from '../mapping/relation-attribute.ts';
import { stateOf, type EntityBase } from '../state/entity.ts';
import { handleOf } from '../state/handle.ts';

type BaseClass = new (...args: never[]) => EntityBase;

/** Puts on a class what its attributes declare: statics for queries, accessors for relations. */
export function equip(target: BaseClass, info: ModelInfo): void {
  declare(target, info);
  const c = classAttributes(info, (target as { readonly c?: object }).c);
  Object.defineProperties(target, {
    c: { value: c },
    tableName: { value: info.table.name },
    constrain: { value: constrain },
    [ENTITY]: { get: entityOfClass },
  });
  for (const name of info.relations.keys()) defineRelation(target.prototype as object, name);
}

/** The entity behind a class is that of its mapper: asking for it is a first use. */
function entityOfClass(this: unknown): unknown {
  return mapperOf(this, 'a query').source;
}

function defineRelation(prototype: object, name: string): void {
  Object.defineProperty(prototype, name, {
    configurable: false,
    enumerable: false,
    get(this: unknown) {
      const state = stateOf(this, name);
      return handleOf(state, state.mapper.relations.get(name)!);
    },
    set(this: unknown) {
      throw new ConfigurationError(
        `${stateOf(this, name).mapper.name}.${name}: a relation is changed by add(), remove() and set()`,
      );
    },
  });
}

/** `User.c`: an expression for each column, an attribute for each relation; a base's with it. */
function classAttributes(info: ModelInfo, inherited: object | undefined): object {
  const c: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (inherited) Object.assign(c, inherited);
  for (const [name, column] of info.columns) c[name] = columnNode(column);
  for (const name of info.relations.keys()) c[name] = new RelationAttribute(() => relationOf(info, name));
  info.embedded?.nest(c);
  return Object.freeze(c);
}

function relationOf(
  info: ModelInfo,
  name: string,
): NonNullable<ReturnType<NonNullable<ModelInfo['mapper']>['relations']['get']>> {
  if (!info.mapper || info.registry.stale) info.registry.configure();
  return info.mapper!.relations.get(name)!;
}

function constrain(this: { readonly c: object }, rules: (c: object) => Rules): unknown {
  const { table } = infoOf(this, 'constrain()');
  table.rules.push(() => rules(this.c));
  completeRules(table);
  return this;
}
