import { takeOut } from '../../util/take-out.ts';
import type { RelationMapping } from '../mapping/mapper.ts';
import type { InstanceState } from './instance-state.ts';

/** Arrays that are parts of a collection. */
const partial = /* @__PURE__ */ new WeakSet<object>();

/** Whether something is what `subset` or `parts` of a collection shows, and so is not its whole. */
export function isPart(given: object): boolean {
  return partial.has(given);
}

/** The members of a to-many relation (or the far side of a one-to-one) of one entity, as memory knows them. */
export class Collection {
  declare readonly owner: InstanceState;
  declare readonly relation: RelationMapping;
  /** The whole, once it is loaded. */
  #items: object[] | undefined;
  #members: Set<object> | undefined;
  /** Whether the program holds `#items`: then it is copied before it is changed. */
  #shown = false;
  /** Whether the far side of a one-to-one is known only because the program set it. */
  #assumed = false;
  /** A filtered or limited part, which never passes for the whole. */
  subset: readonly object[] | undefined;
  /** Several of them, by name. */
  parts: Record<string, readonly object[]> | undefined;
  /** Most collections are only read: these are made when they are needed. */
  #added: Set<InstanceState> | undefined;
  #removed: Set<InstanceState> | undefined;

  constructor(owner: InstanceState, relation: RelationMapping) {
    this.owner = owner;
    this.relation = relation;
    if (owner.isNew && !relation.view) this.#items = [];
  }

  /** Taken in and out since the last commit. */
  get added(): Set<InstanceState> {
    return (this.#added ??= new Set());
  }
  get removed(): Set<InstanceState> {
    return (this.#removed ??= new Set());
  }
  /** Whether anything was. */
  get isPending(): boolean {
    return (this.#added?.size ?? 0) + (this.#removed?.size ?? 0) > 0;
  }

  get loaded(): boolean {
    return this.#items !== undefined;
  }

  peek(): readonly object[] | undefined {
    if (this.#items) this.#shown = true;
    return this.#items;
  }

  has(child: InstanceState): boolean {
    if (this.#added?.has(child)) return true;
    return this.#items !== undefined && this.#memberSet(this.#items).has(child.entity);
  }

  #memberSet(items: object[]): Set<object> {
    return (this.#members ??= new Set(items));
  }

  #own(items: object[]): object[] {
    if (!this.#shown) return items;
    this.#shown = false;
    return (this.#items = [...items]);
  }

  /** Takes a member in; in memory only. While the whole is not loaded, what was said last counts. */
  insert(child: InstanceState): boolean {
    if (this.has(child)) return false;
    this.#assume();
    this.place(child);
    if (!this.#removed?.delete(child) || !this.#items) this.added.add(child);
    return true;
  }

  /** Takes a member out; in memory only. */
  erase(child: InstanceState): boolean {
    if (this.#items && !this.has(child)) return false;
    this.#assume();
    this.displace(child);
    if (!this.#added?.delete(child) || !this.#items) this.removed.add(child);
    return true;
  }

  /** There is at most one at the far side of a one-to-one: once it is set, or taken out, all is known. */
  #assume(): void {
    if (this.relation.many || this.#items) return;
    this.#items = [];
    this.#assumed = true;
  }

  /** Shows a member that the database has already. */
  place(child: InstanceState): void {
    if (!this.#items || this.#memberSet(this.#items).has(child.entity)) return;
    this.#members!.add(child.entity);
    this.#own(this.#items).push(child.entity);
  }

  /** Hides a member that the database has no more. */
  displace(child: InstanceState): void {
    if (!this.#items || !this.#memberSet(this.#items).delete(child.entity)) return;
    const items = this.#own(this.#items);
    items.splice(items.indexOf(child.entity), 1);
  }

  /** Hides all members that the database has no more. */
  displaceAll(gone: ReadonlySet<object>): void {
    const left = this.#items?.filter((item) => !gone.has(item));
    if (!left || left.length === this.#items!.length) return;
    this.#items = left;
    this.#members = undefined;
    this.#shown = false;
  }

  /** A member that the database has, and memory too. */
  keep(child: InstanceState): void {
    this.place(child);
    this.#added?.delete(child);
    this.#removed?.delete(child);
  }

  /** A member that the database has, and memory no more: its removal is pending. */
  lose(child: InstanceState): void {
    if (!this.loaded) return;
    this.displace(child);
    this.#added?.delete(child);
    this.removed.add(child);
  }

  /** A member that memory has, and the database not yet: it is pending. */
  gain(child: InstanceState): void {
    this.place(child);
    this.#removed?.delete(child);
    this.added.add(child);
  }

  receivePart(members: readonly object[], name: string | undefined): void {
    partial.add(members);
    if (name === undefined) this.subset = members;
    else (this.parts ??= {})[name] = members;
  }

  /** The whole as the database has it, with what the program did since on top. */
  receive(items: object[]): void {
    this.#members = undefined;
    this.#shown = false;
    this.#assumed = false;
    this.#items = this.relation.many || !this.#added?.size ? items : [];
    if (!this.isPending) return;
    // What the database has, or has not, already is no change.
    const members = this.#memberSet(this.#items);
    for (const child of this.added) if (members.has(child.entity)) this.added.delete(child);
    for (const child of this.removed) if (!members.has(child.entity)) this.removed.delete(child);
    for (const child of this.removed) this.displace(child);
    for (const child of this.added) this.place(child);
  }

  /** Forgets what was loaded; what is pending stays. */
  unload(): void {
    this.#items = undefined;
    this.#members = undefined;
    this.#assumed = false;
    this.subset = undefined;
    this.parts = undefined;
  }

  /** The members that the database has, where the whole is known. */
  stored(): readonly object[] | undefined {
    if (!this.#items || this.#assumed) return undefined;
    if (!this.isPending) return this.peek();
    const added = new Set([...this.added].map((child) => child.entity as object));
    return [...this.#items.filter((item) => !added.has(item)), ...[...this.removed].map((child) => child.entity)];
  }

  /** Goes back to what `stored()` was; nothing is pending then. */
  restore(items: readonly object[] | undefined): void {
    this.#added = undefined;
    this.#removed = undefined;
    this.unload();
    if (!items) return;
    this.#items = items as object[];
    this.#shown = true;
  }

  /** What is pending now. */
  pending(): Record<'added' | 'removed', readonly InstanceState[]> {
    return { added: [...(this.#added ?? [])], removed: [...(this.#removed ?? [])] };
  }

  /** A commit made durable what was pending, and assumed, before; what was undone meanwhile is pending the other way round. */
  settle({ added, removed }: ReturnType<Collection['pending']>): void {
    this.#assumed = false;
    for (const child of takeOut(this.#added, added)) this.removed.add(child);
    for (const child of takeOut(this.#removed, removed)) this.added.add(child);
    if (!this.isPending) this.#added = this.#removed = undefined;
  }

  /** Undoes what is pending. */
  reset(): void {
    if (this.#assumed) this.unload();
    for (const child of this.#added ?? []) this.displace(child);
    for (const child of this.#removed ?? []) this.place(child);
    this.#added = undefined;
    this.#removed = undefined;
  }
}
