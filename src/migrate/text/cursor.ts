import { InternalError } from '../../errors/errors.ts';
import { isWord, tokensOf, type Token } from './tokens.ts';

/** Reads the tokens of a text one after the other. */
export class Cursor {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(sql: string) {
    this.#sql = sql;
    this.#tokens = tokensOf(sql);
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#at + ahead];
  }
  next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw new InternalError('the text of a schema ends too early');
    return token;
  }
  /** Whether the next tokens are these words or signs; then it goes past them. */
  take(...words: readonly string[]): boolean {
    const found = words.every((word, at) => {
      const token = this.peek(at);
      return isWord(token, word) || (token?.kind === 'sign' && token.text === word);
    });
    if (found) this.#at += words.length;
    return found;
  }
  /** Whether the next token is one of these words. */
  is(...words: readonly string[]): boolean {
    return isWord(this.peek(), ...words);
  }
  /** A name, quoted or not, as it is written without the quotes. */
  name(): string {
    const { kind, text, value } = this.next();
    return kind === 'string' ? text.slice(1, -1).replaceAll("''", "'") : kind === 'word' ? text : value;
  }
  /** The text between this parenthesis and the one that closes it. */
  enclosed(): string {
    const open = this.next();
    if (open.text !== '(') throw new InternalError('a parenthesis is missing in the text of a schema');
    let depth = 1;
    for (;;) {
      const token = this.next();
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      if (depth === 0) return this.#sql.slice(open.end, token.start).trim();
    }
  }
  /** The text from here up to a place where `ends` holds, outside of parentheses. */
  until(ends: (token: Token) => boolean): string {
    const first = this.peek();
    let last: Token | undefined;
    for (let depth = 0; ;) {
      const token = this.peek();
      if (!token || (depth === 0 && ends(token))) break;
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      last = this.next();
    }
    return first && last ? this.#sql.slice(first.start, last.end) : '';
  }
  rest(): string {
    return this.until(() => false);
  }
}

/** The parts of a text between commas outside of parentheses. */
export function parts(sql: string): string[] {
  const cursor = new Cursor(sql);
  const found: string[] = [];
  while (!cursor.done) {
    found.push(cursor.until(({ text }) => text === ','));
    if (!cursor.done) cursor.next();
  }
  return found;
}
