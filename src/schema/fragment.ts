/** A piece of SQL as a tree, opaque to the schema: `sql` makes it, a compiler renders it. */
export interface Fragment {
  readonly kind: string;
}
