type Tokens = readonly unknown[];

interface Entry<T> {
  readonly tokens: Tokens;
  readonly value: T;
}

/** Entries by how many tokens they have. */
type Entries<T> = Map<number, Entry<T>[]>;

/**
 * Values by lists of tokens, compared by identity. Holds those used of late, so many that their tokens are within `limit`:
 * with more than twice as many none is ever compared.
 */
export class StatementCache<T> {
  readonly #limit: number;
  #recent: Entries<T> = new Map();
  /** Those before, which go when the recent ones are too many, unless they are used again meanwhile. */
  #before: Entries<T> = new Map();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What the tokens lead to, made where nothing is known. */
  find(tokens: Tokens, make: () => T): T {
    const known = lookUp(this.#recent, tokens);
    if (known) return known.value;
    const entry = lookUp(this.#before, tokens) ?? { tokens, value: make() };
    if (tokens.length <= this.#limit) this.#keep(entry);
    return entry.value;
  }

  #keep(entry: Entry<T>): void {
    const { length } = entry.tokens;
    this.#size += length;
    if (this.#size > this.#limit) {
      this.#before = this.#recent;
      this.#recent = new Map();
      this.#size = length;
    }
    const alike = this.#recent.get(length);
    if (alike) alike.push(entry);
    else this.#recent.set(length, [entry]);
  }
}

function lookUp<T>(entries: Entries<T>, tokens: Tokens): Entry<T> | undefined {
  return entries.get(tokens.length)?.find((entry) => isSame(entry.tokens, tokens));
}

/** From the end, since statements mostly begin alike: with the columns of a model. */
function isSame(left: Tokens, right: Tokens): boolean {
  let at = left.length;
  while (at > 0 && left[at - 1] === right[at - 1]) at--;
  return at === 0;
}
