import type { By, Condition, Expr } from './expr.ts';
import type { EntitySelect } from './entity-select.ts';
import type { Entity, InstanceOf } from './model.ts';

/** A relation as a class has it, for queries: `User.c.posts`. */
export interface Relation<C> {
  readonly target: C;
}

export interface ManyRelation<C> {
  readonly kind: 'many';
  readonly target: C;
  /** At least one related row meets the condition. */
  some(condition?: Condition): Expr<boolean>;
  /** No related row fails the condition; true where there is none. */
  every(condition: Condition): Expr<boolean>;
  none(condition?: Condition): Expr<boolean>;
}

export interface OneRelation<C, Null> {
  readonly kind: 'one';
  readonly target: C;
  readonly null: Null;
  /** Configuration refuses it when the key is not nullable, and its absence when the key is. */
  nullable(): OneRelation<C, null>;
  has(condition?: Condition): Expr<boolean>;
  eq(entity: InstanceOf<C> | Null): Expr<boolean>;
}

/**
 * `by` names the foreign key's attribute (or attributes): the target's for `many`, the owner's for `one`. `inverse` is
 * for a one-to-one whose key the target holds. All may be left out when one foreign key alone joins the two tables.
 */
export interface RelationOptions {
  by?: string | readonly string[];
  inverse?: string | readonly string[];
  /** The link table of a many-to-many. */
  through?: string;
  /**
   * `save` (default) saves what is reachable; `delete` also deletes children with their parent; `orphans` also deletes a
   * child taken out of the collection and given to no other parent.
   */
  cascade?: 'save' | 'delete' | 'orphans';
  /**
   * The attributes of the target by which the collection is ordered, or terms of an order: `() => [Post.c.views.desc()]`. Its
   * key comes last, or alone.
   */
  orderBy?: string | readonly string[] | (() => readonly By[]);
  /** Shows what is stored and is never written: no cascades, no `add()`. Several may follow one key, each with a `where`. */
  viewOnly?: boolean;
  /** A condition of a `viewOnly` relation: `() => Post.c.published.eq(true)`. */
  where?: () => Condition;
  /**
   * Leaves what becomes of the children of a deleted parent to the foreign key (`onDelete`): not one statement is sent for
   * them, nor for what lies below. Those in memory go, or lose their key, as the database does it.
   */
  passiveDeletes?: boolean;
}

/** A collection that is too large to be loaded, as a class has it. */
export interface WriteOnlyRelation<C> {
  readonly 'kind': 'many';
  readonly '~target': C;
  /** At least one related row meets the condition. */
  'some'(condition?: Condition): Expr<boolean>;
  'every'(condition: Condition): Expr<boolean>;
  'none'(condition?: Condition): Expr<boolean>;
}

/** A collection that is never loaded: it takes entities in and out, and can be queried. */
export interface WriteOnly<E> {
  add(...entities: E[]): void;
  remove(...entities: E[]): void;
  /** Its rows, to be narrowed, ordered and cut off, and read by the session. */
  select(): E extends Entity ? EntitySelect<E> : never;
}

/** A to-many attribute. Await it: it loads once, for every entity that came in the same result. `items` exists in the type once `with` loaded it. */
export interface Many<E> extends PromiseLike<readonly E[]> {
  readonly loaded: boolean;
  /** What is in memory, or undefined when it has not been loaded. */
  peek(): readonly E[] | undefined;
  add(...entities: E[]): void;
  remove(...entities: E[]): void;
}

/** A to-one attribute. Await it. `value` exists in the type once `with` loaded it. */
export interface One<E> extends PromiseLike<E> {
  readonly loaded: boolean;
  peek(): E | undefined;
  set(entity: E): void;
}
