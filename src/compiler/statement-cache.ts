/** Tokens that follow those of `before`, what ends with them, and what may follow, by its first token. */
interface Run<T> {
  tokens: readonly unknown[];
  before: Run<T> | undefined;
  value: T | undefined;
  next: Map<unknown, Run<T>> | undefined;
}

function rootRun<T>(): Run<T> {
  return { tokens: [], before: undefined, value: undefined, next: undefined };
}

/** The way through a tree of runs, token by token; from where there is none on, the tokens. */
export class Trail<T> {
  #run: Run<T>;
  #at = 0;
  #strayed: unknown[] | undefined;

  constructor(root: Run<T>) {
    this.#run = root;
  }

  add(token: unknown): this {
    if (this.#strayed) {
      this.#strayed.push(token);
      return this;
    }
    const run = this.#run;
    if (this.#at < run.tokens.length) {
      if (run.tokens[this.#at] === token) this.#at++;
      else this.#stray(token);
      return this;
    }
    const next = run.next?.get(token);
    if (!next) return this.#stray(token);
    this.#run = next;
    this.#at = 1;
    return this;
  }

  #stray(token: unknown): this {
    this.#strayed = [...this.tokens, token];
    return this;
  }

  /** All that were added. */
  get tokens(): readonly unknown[] {
    if (this.#strayed) return this.#strayed;
    const parts = [this.#run.tokens.slice(0, this.#at)];
    for (let run = this.#run.before; run; run = run.before) parts.push([...run.tokens]);
    return parts.toReversed().flat();
  }

  get value(): T | undefined {
    return !this.#strayed && this.#at === this.#run.tokens.length ? this.#run.value : undefined;
  }
}

/**
 * Values by lists of tokens, compared by identity: a tree of what the lists have in common. Holds those used of late, so
 * many that their tokens are within `limit`.
 */
export class StatementCache<T> {
  readonly #limit: number;
  #recent: Run<T> = rootRun();
  /** Those before, which go when the recent ones are too many, unless they are used again meanwhile. */
  #before: Run<T> = rootRun();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Looks for tokens as they come. */
  follow(): Trail<T> {
    return new Trail(this.#recent);
  }

  /** What the tokens of the trail lead to, made where nothing is known. */
  find(trail: Trail<T>, make: () => T): T {
    if (trail.value !== undefined) return trail.value;
    const { tokens } = trail;
    const value = this.#earlier(tokens) ?? make();
    this.#set(tokens, value);
    return value;
  }

  #earlier(tokens: readonly unknown[]): T | undefined {
    if (!this.#before.next) return undefined;
    const trail = new Trail(this.#before);
    for (const token of tokens) trail.add(token);
    return trail.value;
  }

  #set(tokens: readonly unknown[], value: T): void {
    if (tokens.length > this.#limit) return;
    this.#size += tokens.length;
    if (this.#size > this.#limit) {
      this.#before = this.#recent;
      this.#recent = rootRun();
      this.#size = tokens.length;
    }
    insert(this.#recent, tokens, value);
  }
}

function insert<T>(root: Run<T>, tokens: readonly unknown[], value: T): void {
  let run = root;
  let at = 0;
  for (;;) {
    const shared = sharedLength(run.tokens, tokens, at);
    if (shared < run.tokens.length) split(run, shared);
    at += shared;
    if (at === tokens.length) {
      run.value = value;
      return;
    }
    run.next ??= new Map();
    const next = run.next.get(tokens[at]);
    if (!next) {
      run.next.set(tokens[at], { tokens: tokens.slice(at), before: run, value, next: undefined });
      return;
    }
    run = next;
  }
}

/** How many tokens of `run` those from `at` on begin with. */
function sharedLength(run: readonly unknown[], tokens: readonly unknown[], at: number): number {
  const most = Math.min(run.length, tokens.length - at);
  let length = 0;
  while (length < most && run[length] === tokens[at + length]) length++;
  return length;
}

function split<T>(run: Run<T>, at: number): void {
  const rest: Run<T> = { ...run, tokens: run.tokens.slice(at), before: run };
  for (const next of rest.next?.values() ?? []) next.before = rest;
  run.tokens = run.tokens.slice(0, at);
  run.value = undefined;
  run.next = new Map([[rest.tokens[0], rest]]);
}
