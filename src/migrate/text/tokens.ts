import { quote } from './quote.ts';

/** A word, a quoted name, a literal or a sign of SQL, with its place in the text. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'sign';
  /** As it is written. */
  readonly text: string;
  /** The name, without quotes; of a word, in lower case. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const FORMS: readonly (readonly [Token['kind'] | undefined, RegExp])[] = [
  [undefined, /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ['string', /[xXeE]?'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/y],
  ['name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/y],
  ['number', /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /[\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_$\u0080-\u{10ffff}]*/uy],
  ['sign', /::|\|\||<=|>=|<>|!=|==|->>|->|<<|>>|[^\s\w]/uy],
];

/** The tokens of a text, without spaces and comments. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const [kind, text] = next(sql, at);
    if (kind !== undefined) tokens.push({ kind, text, value: valueOf(kind, text), start: at, end: at + text.length });
    at += text.length;
  }
  return tokens;
}

function next(sql: string, at: number): readonly [Token['kind'] | undefined, string] {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at;
    const match = form.exec(sql);
    if (match && match[0] !== '') return [kind, match[0]];
  }
  return ['sign', sql[at]!];
}

function valueOf(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind !== 'name') return text;
  const inner = text.slice(1, -1);
  return text.startsWith('[') ? inner : inner.replaceAll(text[0]!.repeat(2), text[0]!);
}

/** Whether a token is this word, outside of quotes. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value);
}

/**
 * An expression in the form in which two of one meaning are one text, as far as spaces, quotes, case and parentheses
 * around the whole tell.
 */
export function canonical(sql: string): string {
  const tokens = tokensOf(sql);
  while (isEnclosed(tokens)) {
    tokens.shift();
    tokens.pop();
  }
  return tokens
    .map(({ kind, value, text }) => (kind === 'word' || kind === 'name' ? value.toLowerCase() : text))
    .join(' ');
}

/** Whether the first parenthesis closes with the last token. */
function isEnclosed(tokens: readonly Token[]): boolean {
  if (tokens[0]?.text !== '(' || tokens.at(-1)?.text !== ')') return false;
  let depth = 0;
  return tokens.every(({ text }, at) => {
    if (text === '(') depth++;
    if (text === ')') depth--;
    return depth > 0 || at === tokens.length - 1;
  });
}

/** Whether a text names something, quoted or not. */
export function mentions(sql: string, name: string): boolean {
  const wanted = name.toLowerCase();
  return tokensOf(sql).some(
    ({ kind, value }) => (kind === 'word' || kind === 'name') && value.toLowerCase() === wanted,
  );
}

/** A text in which a column has another name. */
export function withRenamed(sql: string, from: string, to: string): string {
  const tokens = tokensOf(sql);
  const wanted = from.toLowerCase();
  let text = '';
  let at = 0;
  tokens.forEach(({ kind, value, start, end }, place) => {
    const isCall = tokens[place + 1]?.text === '(' && kind === 'word';
    if ((kind !== 'word' && kind !== 'name') || isCall || value.toLowerCase() !== wanted) return;
    text += sql.slice(at, start) + quote(to);
    at = end;
  });
  return text + sql.slice(at);
}
