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
  | 'interval'
  | 'uuid'
  | 'json'
  | 'bytes'
  | 'enumeration'
  | 'custom';

/** What a column type is, apart from any database. How it is stored is the dialect's codec. */
export interface SqlType extends Partial<TextForm> {
  readonly kind: TypeKind;
  /** How a program writes it, where that is not its kind: `array()`. */
  readonly name?: string;
  /** Of a decimal: what it is stored as. Values of two forms never meet. */
  readonly form?: string;
  readonly precision?: number;
  readonly scale?: number;
  readonly labels?: readonly string[];
  /** Of labels that are a type of the database: what it is called there, where the database has such types. */
  readonly enum?: { readonly schema: string | undefined; readonly name: string };
  /** Its name in DDL by dialect, where that is not the one that the codec gives it. */
  readonly declared?: Readonly<Record<string, string>>;
  /** Of a decimal of up to 18 digits: as a whole number of its last digit, in text. */
  readonly scaled?: Required<TextForm>;
  /** Of a type whose text has not the order of its values, nor can be counted with: the error for a database that keeps it so. */
  readonly unordered?: (database: string) => Error;
  /** Of an array: what its members are, in how many dimensions, and whether they may be null. */
  readonly array?: { readonly element: SqlType; readonly depth: number; readonly nullable: boolean };
  /** Of a range: what it is of. */
  readonly range?: SqlType;
  /** Of `custom`: the type that is stored, and the way there and back; for every dialect, or for each by its name. */
  readonly custom?: CustomCodec | Readonly<Record<string, CustomCodec | MadeCodec>>;
  /** Beside `custom`: makes its codec in a dialect, of that of the type that is stored. */
  codec?<C extends StoredCodec>(type: SqlType, dialect: string, codecOf: (stored: SqlType) => C): C;
  /** What a value that the type cannot hold should have been (`a safe integer`), or undefined when it can. */
  check(value: unknown): string | undefined;
  /** Whether two values of the type are the same value. */
  equals(left: unknown, right: unknown): boolean;
  /** The value as `toJSON` writes it. */
  toJson(value: unknown): unknown;
}

/** Values as text. Where there is no `format` the value is the text, and where there is no `parse` the text is the value. */
export interface TextForm {
  format(value: unknown): string;
  /** Throws on what is no text of the type. */
  parse(text: string): unknown;
}

/** The two directions of a type of one's own over a stored one. */
export interface CustomCodec {
  readonly stored: SqlType;
  /** Its name in DDL, where that is not the stored type's. */
  readonly ddl?: string;
  read(stored: unknown): unknown;
  write(value: unknown): unknown;
}

/** A type whose values are made of another's, as a dialect stores that. */
export type MadeCodec = (codecOf: (type: SqlType) => ElementCodec) => CustomCodec;

/** What a codec over another takes of that. */
export interface StoredCodec {
  readonly ddl: string;
  encode(value: unknown): unknown;
  decode(raw: unknown): unknown;
  readonly computed?: (raw: unknown) => unknown;
}

/** What a type that is made of another's values needs of that. */
export interface ElementCodec {
  readonly ddl: string;
  encode(value: unknown): unknown;
  /** Throws on what is no text of the type. */
  decode(text: string): unknown;
}
