export type TokenKind = 'name' | 'string' | 'number' | 'blob' | 'parameter' | 'operator' | 'word';

export interface Token {
  readonly kind: TokenKind;
  /** A name without its quotes, anything else as it stands. */
  readonly value: string;
}

const SPACE = /[ \t\n\f\r]+/y;
const NUMBER = /(?:0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const WORD = /[A-Za-z_\u0080-\u{10FFFF}][\w$\u0080-\u{10FFFF}]*/uy;
const PARAMETER = /\?\d*|[:@#$][\w$\u0080-\u{10FFFF}]+/uy;
const OPERATOR = /->>|->|\|\||<=|<>|<<|>=|>>|==|!=|[-+*/%&|~<>=(),.;]/y;
const CLOSING: Record<string, string> = { '"': '"', "'": "'", '`': '`', '[': ']' };

/**
 * The tokens of a text, by the rules of SQLite's tokenizer: quotes are doubled within quotes, a bracket ends at the first
 * that closes it. Comments are an error here, as is what the tokenizer itself refuses: no statement of ours has either.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const taken = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      return pattern.exec(sql)?.[0];
    };
    const space = taken(SPACE);
    if (space) {
      at += space.length;
      continue;
    }
    const [kind, value, length] = tokenAt(sql, at, taken);
    tokens.push({ kind, value });
    at += length;
  }
  return tokens;
}

function tokenAt(
  sql: string,
  at: number,
  taken: (pattern: RegExp) => string | undefined,
): [kind: TokenKind, value: string, length: number] {
  const start = sql[at]!;
  if (sql.startsWith('--', at) || sql.startsWith('/*', at)) throw new Error(`a comment at ${at}`);
  if ((start === 'x' || start === 'X') && sql[at + 1] === "'") {
    const [value, length] = quotedAt(sql, at + 1, "'");
    return ['blob', value, length + 1];
  }
  const close = CLOSING[start];
  if (close) {
    const [value, length] = quotedAt(sql, at, close);
    return [start === "'" ? 'string' : 'name', value, length];
  }
  for (const [kind, pattern] of [
    ['number', NUMBER],
    ['word', WORD],
    ['parameter', PARAMETER],
    ['operator', OPERATOR],
  ] as const) {
    const value = taken(pattern);
    if (value) return [kind, value, value.length];
  }
  throw new Error(`an unrecognized token at ${at}`);
}

function quotedAt(sql: string, from: number, close: string): [value: string, length: number] {
  let value = '';
  for (let at = from + 1; at < sql.length; at++) {
    if (sql[at] === '\0') break;
    if (sql[at] !== close) value += sql[at];
    else if (close !== ']' && sql[at + 1] === close) value += sql[at++];
    else return [value, at + 1 - from];
  }
  throw new Error(`a quote at ${from} that nothing ends`);
}
