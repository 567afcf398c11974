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

/** `true`, relations of the target, a select of the target, which loads a part of it, or one of these in a way of its own. */
export type With<E> = WithIn<DefinitionOf<E>>;
export type WithIn<D> = {
  readonly [K in RelationKeys<D>]?: D[K] extends Relation<infer C> ? WithValue<InstanceOf<C>> : never;
};
export type WithValue<E> = true | With<E> | Select<SameTable<E>> | LoadBy<Ask<E>>;
/** What tells the entities of a table: a part may be of a subclass, and have columns or relations of its own choice. */
export interface SameTable<E> {
  readonly '~table': (E & Entity)['~table'];
}

/** A relation loaded in a way of its own: what `joinedLoad()`, `parts()` and their like return. */
export interface LoadBy<W> {
  readonly '~asked': W;
}
/** What a `LoadBy` of a relation to `E` may ask for. */
export type Ask<E> =
  | WithValue<E>
  | undefined
  | NamedParts<Readonly<Record<string, Select<SameTable<E>>>>>
  | FromJoin<true | With<E>>
  | Levels<number>;
/** Several parts of one relation, each under its name. */
export interface NamedParts<P> {
  readonly '~parts': P;
}
/** What a join of the program's own has brought. */
export interface FromJoin<W> {
  readonly '~joined': W;
}
/** A relation of a model to itself, so many levels deep. */
export interface Levels<N extends number> {
  readonly '~levels': N;
}

/** What is newly known of a relation that was loaded. What may have been left out may not be loaded. */
export type LoadedRelation<A, W, K = never> = W extends true
  ? LoadedWhole<A>
  : W extends Select<infer T>
    ? LoadedPart<T>
    : W extends undefined
      ? unknown
      : W extends LoadBy<infer X>
        ? LoadedBy<A, X, K>
        : A extends LoadedMany<unknown>
          ? LoadedMany<LoadedTarget<A['items'][number], W>>
          : A extends LoadedOne<unknown>
            ? LoadedOne<LoadedTarget<A['value'], W>>
            : A extends Many<infer T>
              ? LoadedMany<LoadedParts<T, W> & T>
              : A extends One<infer T>
                ? LoadedOne<LoadedTarget<T, W>>
                : never;
export type LoadedBy<A, X, K> =
  X extends NamedParts<infer P>
    ? LoadedNamed<P>
    : X extends FromJoin<infer W>
      ? LoadedPart<W extends true ? Exclude<TargetOf<A>, null> : LoadedTarget<Exclude<TargetOf<A>, null>, W>>
      : X extends Levels<infer N>
        ? LoadedRelation<A, Nested<K & PropertyKey, N>>
        : LoadedRelation<A, X>;
/** The entity that a relation leads to. */
export type TargetOf<A> = A extends Many<infer T> ? T : A extends One<infer T> ? T : never;
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
/** Nor do several: each is in `parts`, under its name. */
export interface LoadedNamed<P> {
  readonly parts: { readonly [N in keyof P]: P[N] extends Select<infer T> ? readonly T[] : never };
}
export type LoadedTarget<E, W> = E extends null ? null : LoadedParts<E, W> & E;
export type LoadedParts<E, W> = { readonly [K in keyof W & keyof E]: LoadedRelation<E[K], W[K], K> };
/** `{ children: { children: true } }`, so many levels deep. */
export type Nested<
  K extends PropertyKey,
  N extends number,
  Done extends readonly unknown[] = [unknown],
> = number extends N ? true : Done['length'] extends N ? true : { readonly [P in K]: Nested<K, N, [...Done, unknown]> };

/**
 * An entity whose relations in `W` are known to be loaded, so `items` and `value` can be read without await. What is newly
 * known comes first: of two arrays in an intersection, methods take the elements of the first.
 */
export type Loaded<E extends Entity, W extends With<E>> = LoadedParts<E, W> & E;

/** An entity of which only the columns `K` and the key were read. */
export type Only<E, K> = Omit<E, Unread<DefinitionOf<E>, K> | '~definition' | 'toJSON'> &
  EntityOf<Omit<DefinitionOf<E>, Unread<DefinitionOf<E>, K>>, unknown>;
export type Unread<D, K> = Exclude<ColumnKeys<D>, K | KeyNames<D>>;
