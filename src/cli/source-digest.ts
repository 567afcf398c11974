import { createHash } from 'node:crypto';

// Reads TypeScript no further than it takes to compare two texts whatever their formatting.

const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|[\w$]+|\s+|[^\w\s]/g;
const CLOSING = new Set([')', ']', '}']);

/** The tokens of a text, without comments, and with one kind of quote. */
function tokensOf(text: string): string[] {
  const tokens = (text.replaceAll('\r\n', '\n').match(TOKEN) ?? [])
    .filter((token) => !/^(?:\s|\/\/|\/\*)/.test(token) && token !== ';')
    .map((token) =>
      /^["']/.test(token)
        ? `"${token
            .slice(1, -1)
            .replaceAll(/\\(["'])|"/g, (all, quote: string) => `\\${quote ?? '"'}`)
            .replaceAll(String.raw`\'`, "'")}"`
        : token,
    );
  return tokens.filter((token, at) => token !== ',' || !CLOSING.has(tokens[at + 1] ?? ''));
}

/**
 * A digest of the code of all data steps in the text of a revision; undefined where there is none. Formatting, comments and
 * quotes do not count, nor does the rest of the file.
 */
export function digestOfData(text: string): string | undefined {
  const tokens = tokensOf(text);
  const code: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at] !== 'data' || tokens[at + 1] !== '(' || tokens[at - 1] === '.') continue;
    let depth = 0;
    for (; at < tokens.length; at++) {
      const token = tokens[at]!;
      code.push(token);
      if (token === '(') depth += 1;
      else if (token === ')' && --depth === 0) break;
    }
  }
  return code.length === 0 ? undefined : createHash('sha256').update(code.join(' ')).digest('hex');
}
