/** The kinds of value that every dialect can store. `custom` stands over one of the others. */
export type TypeKind =
  | 'integer'
  | 'bigint'
  | 'text'
  | 'boolean'
  | 'numeric'
  | 'double'
  | 'timestamp'
  | 'plainDateTime'
  | 'plainDate'
  | 'plainTime'
  | 'uuid'
  | 'json'
  | 'bytes'
  | 'enumeration'
  | 'custom';

/** What a column type is, apart from any database. How it is stored is the dialect's codec. */
export interface SqlType {
  readonly kind: TypeKind;
  readonly precision?: number;
  readonly scale?: number;
  readonly labels?: readonly string[];
  /** Of `custom`: the type that is stored, and the way there and back. */
  readonly custom?: CustomCodec;
  /** What a value that the type cannot hold should have been (`a safe integer`), or undefined when it can. */
  check(value: unknown): string | undefined;
  /** Whether two values of the type are the same value. */
  equals(left: unknown, right: unknown): boolean;
  /** The value as `toJSON` writes it. */
  toJson(value: unknown): unknown;
}

/** The two directions of a type of one's own over a stored one. */
export interface CustomCodec {
  readonly stored: SqlType;
  read(stored: unknown): unknown;
  write(value: unknown): unknown;
}
