import type { DefinitionOf, Entity, EntityOf, InstanceOf } from './model.ts';
import type { ColumnKeys, KeyNames } from './plain.ts';
import type { Many, One, Relation } from './relation.ts';
import type { Select } from './statement.ts';

// Keys are picked by distribution over `K`: it costs a compiler less than a mapped type.
export type RelationKeys<D, K extends keyof D = keyof D> = K extends unknown
  ? D[K] extends Relation<unknown>
    ? K
    : never
  : never;

/** `true`, relations of the target, or a select of the target, which loads a part of it. */
export type With<E> = WithIn<DefinitionOf<E>>;
export type WithIn<D> = {
  readonly [K in RelationKeys<D>]?: D[K] extends Relation<infer C> ? WithValue<InstanceOf<C>> : never;
};
export type WithValue<E> = true | With<E> | Select<SameTable<E>>;
/** What tells the entities of a table: a part may be of a subclass, and have columns or relations of its own choice. */
export interface SameTable<E> {
  readonly '~table': (E & Entity)['~table'];
}

/** What is newly known of a relation that was loaded. What may have been left out may not be loaded. */
export type LoadedRelation<A, W> = W extends true
  ? LoadedWhole<A>
  : W extends Select<infer T>
    ? LoadedPart<T>
    : W extends undefined
      ? unknown
      : A extends LoadedMany<unknown>
        ? LoadedMany<LoadedTarget<A['items'][number], W>>
        : A extends LoadedOne<unknown>
          ? LoadedOne<LoadedTarget<A['value'], W>>
          : A extends Many<infer T>
            ? LoadedMany<LoadedParts<T, W> & T>
            : A extends One<infer T>
              ? LoadedOne<LoadedTarget<T, W>>
              : never;
/** What was loaded before stays as it is known. */
export type LoadedWhole<A> = A extends LoadedMany<unknown> | LoadedOne<unknown>
  ? unknown
  : A extends Many<infer T>
    ? LoadedMany<T>
    : A extends One<infer T>
      ? LoadedOne<T>
      : never;
export interface LoadedMany<T> {
  readonly loaded: true;
  readonly items: readonly T[];
}
export interface LoadedOne<T> {
  readonly loaded: true;
  readonly value: T;
}
/** A part never looks like the whole: it is in `subset`, and `items` stays absent. */
export interface LoadedPart<T> {
  readonly subset: readonly T[];
}
export type LoadedTarget<E, W> = E extends null ? null : LoadedParts<E, W> & E;
export type LoadedParts<E, W> = { readonly [K in keyof W & keyof E]: LoadedRelation<E[K], W[K]> };

/**
 * An entity whose relations in `W` are known to be loaded, so `items` and `value` can be read without await. What is newly
 * known comes first: of two arrays in an intersection, methods take the elements of the first.
 */
export type Loaded<E extends Entity, W extends With<E>> = LoadedParts<E, W> & E;

/** An entity of which only the columns `K` and the key were read. */
export type Only<E, K> = Omit<E, Unread<DefinitionOf<E>, K> | '~definition' | 'toJSON'> &
  EntityOf<Omit<DefinitionOf<E>, Unread<DefinitionOf<E>, K>>, unknown>;
export type Unread<D, K> = Exclude<ColumnKeys<D>, K | KeyNames<D>>;
