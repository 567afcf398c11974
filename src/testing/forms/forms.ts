import type { Dialect } from '../../compiler/dialect.ts';
import type { Driver } from '../../driver/driver.ts';

/**
 * What the texts of the cases call by one word, `@word` or `@word(…)`, and each dialect says in its own way. The rest of
 * the texts is SQL that all of them share.
 *
 * - `key`: the type of a key that the database makes. `integer`, `real`, `bytes`: types of 64 bits, and of bytes.
 * - `int`, `float`, `blob`: an expression, often a parameter or a part of a list, as a value of that type.
 * - `list`: a source with the `key` and the `value` of each member of a list in JSON, as text; `rows`: as JSON.
 * - `kind`: the name that the cases give the type of a value. `hex`: bytes as digits, in capitals.
 * - `json`: text as a document. `path`: what is at a path of a document. `sum`: of 64 bits.
 * - `tables`: how many tables have a name. `lastKey`: the key that this connection made last in a table.
 * - `fail`: a statement that fails with a text in its message. `lock`: keeps the rows of a SELECT from other writers.
 */
export type Word =
  | 'key'
  | 'integer'
  | 'real'
  | 'bytes'
  | 'int'
  | 'float'
  | 'blob'
  | 'list'
  | 'rows'
  | 'kind'
  | 'hex'
  | 'tables'
  | 'json'
  | 'path'
  | 'sum'
  | 'lastKey'
  | 'fail'
  | 'lock'
  | 'strict'
  | 'withoutRowid'
  | 'deferrable'
  | 'insertOrRollback';

/** A row that is inserted sets off a statement. */
export interface NewTrigger {
  readonly name: string;
  readonly table: string;
  readonly on: 'before' | 'after';
  readonly when?: string;
  /** A statement, or the text of the error that it raises. */
  readonly act: string | { readonly raise: string; readonly how: 'abort' | 'fail' | 'rollback' };
}

/** How one dialect says what the cases ask for. */
export interface Forms {
  /** Chooses its own words. */
  said<V extends readonly unknown[]>(words: Said<V>): V;
  readonly words: Readonly<Record<Word, (...args: string[]) => string>>;
  /** The parameter that the cases write `?1`. */
  readonly parameter: (index: number) => string;
  /** A value of the cases as a driver gives it: NULL, a boolean, a number, text or bytes. */
  readonly cell: (value: unknown) => unknown;
  /** Whether a driver of the dialect may give such a cell. */
  readonly isCell: (value: unknown) => boolean;
  /** Statements that make a trigger, and those that take away what its table would leave behind. */
  trigger(trigger: NewTrigger): { readonly make: readonly string[]; readonly drop: readonly string[] };
  /** What the database has nothing of, with the reason to skip the cases about it. */
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
}

/** What only some databases have. */
export type Ability =
  | 'conflictClauses'
  | 'valuesOfAnyType'
  | 'noCase'
  | 'lastRowId'
  | 'reusedKeys'
  | 'countableKeys'
  | 'explainQueryPlan'
  | 'pragmas'
  | 'jsonTree'
  | 'integersAsNumbers'
  | 'emptyLists'
  | 'fixedDepth'
  | 'strictFractions';

/** What is said in the words of all dialects, or in those of each. */
export type Said<V> = V | { readonly sqlite: V; readonly postgres: V };

/** What is looked at in the text of a case: what stands in quotes or in a comment stays, words and parameters do not. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[^]*?\*\/|@(\w+)|\?(\d*)/g;

/** Says a text of the cases in the words of one dialect. */
export function spell(sql: string, forms: Forms): string {
  let text = '';
  let end = 0;
  let anonymous = 0;
  for (const { 0: whole, 1: word, 2: parameter, index } of sql.matchAll(TOKEN)) {
    if (index < end || (word ?? parameter) === undefined) continue;
    text += sql.slice(end, index);
    end = index + whole.length;
    if (parameter !== undefined) {
      text += forms.parameter(Number(parameter) || ++anonymous);
    } else {
      const form = forms.words[word as Word];
      if (!form) throw new Error(`@${word} is no word of the cases`);
      const args = form.length > 0 ? argumentsAt(sql, end) : { texts: [], end };
      text += form(...args.texts.map((one) => spell(one, forms)));
      ({ end } = args);
    }
  }
  return text + sql.slice(end);
}

/** What stands between a parenthesis and its end, apart at commas that stand in no other. */
function argumentsAt(sql: string, start: number): { readonly texts: readonly string[]; readonly end: number } {
  const texts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; ; at++) {
    const character = sql[at];
    if (character === undefined) throw new Error(`a parenthesis without its end in a case: ${sql.slice(start)}`);
    if (character === "'") at = sql.indexOf("'", at + 1);
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    if (depth > 0 && !(character === ',' && depth === 1)) continue;
    texts.push(sql.slice(from, at).trim());
    from = at + 1;
    if (depth === 0) return { texts, end: at + 1 };
  }
}

/** The forms by the name of the dialect. */
export type FormsByDialect = Readonly<Record<string, (dialect: Dialect) => Forms>>;

/** The forms of a driver's dialect, once for each dialect. */
export function formsOf(driver: Driver, all: FormsByDialect): Forms | undefined {
  return Object.hasOwn(all, driver.dialect.name) ? all[driver.dialect.name]!(driver.dialect) : undefined;
}
