// Reads SQL no further than it takes to tell text from what is quoted and from comments.

/** A stretch of SQL: what stands there, a quoted text or name, a comment, or the end of a statement. */
interface Stretch {
  readonly kind: 'text' | 'quoted' | 'comment' | 'end';
  readonly text: string;
}

const PARTS: readonly [kind: Stretch['kind'], pattern: RegExp][] = [
  ['comment', /--[^\n]*/y],
  ['comment', /\/\*[\s\S]*?(?:\*\/|$)/y],
  ['quoted', /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/y],
  // Backslashes escape in these alone.
  ['quoted', /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y],
  ['quoted', /'(?:[^']|'')*'?/y],
  ['quoted', /"(?:[^"]|"")*"?/y],
  ['quoted', /`(?:[^`]|``)*`?/y],
  ['end', /;/y],
  ['text', /[\w$]+/y],
  ['text', /\s+/y],
  ['text', /[\s\S]/y],
];

function* stretches(sql: string): Generator<Stretch> {
  let at = 0;
  while (at < sql.length) {
    for (const [kind, pattern] of PARTS) {
      pattern.lastIndex = at;
      const [text] = pattern.exec(sql) ?? [];
      if (text === undefined) continue;
      yield { kind, text };
      at += text.length;
      break;
    }
  }
}

/** What opens a block within which a semicolon ends no statement: the body of a trigger or of a routine. */
const BODIED = /^\s*create\s+(?:or\s+replace\s+)?(?:temp(?:orary)?\s+)?(?:trigger|function|procedure)\b/i;

/** How far each word goes into the blocks of such a body, the expressions among them. */
const BLOCKS: Readonly<Record<string, number>> = { begin: 1, case: 1, end: -1 };

/**
 * The statements of a text, without what separates them. Quotes, comments, `$$` bodies and the `begin … end` of triggers
 * are not taken apart.
 *
 * @example
 * splitSql(`create table a (id int); insert into a values (';');`)
 * // ['create table a (id int)', "insert into a values (';')"]
 */
export function splitSql(sql: string): string[] {
  const statements: string[] = [];
  let text = '';
  let depth = 0;
  let hasText = false;
  const end = (): void => {
    if (hasText) statements.push(text.trim());
    [text, depth, hasText] = ['', 0, false];
  };
  for (const stretch of stretches(sql.replaceAll('\r\n', '\n'))) {
    if (stretch.kind === 'end' && depth === 0) {
      end();
      continue;
    }
    if (depth > 0 || BODIED.test(text)) depth = Math.max(0, depth + (BLOCKS[stretch.text.toLowerCase()] ?? 0));
    text += stretch.text;
    hasText ||= stretch.kind !== 'comment' && stretch.text.trim() !== '';
  }
  end();
  return statements;
}

/** SQL as a digest sees it: without comments, and with one space wherever there are any. What is quoted stays. */
export function plainSql(sql: string): string {
  let text = '';
  for (const stretch of stretches(sql.replaceAll('\r\n', '\n'))) {
    const isSpace = stretch.kind === 'comment' || (stretch.kind === 'text' && stretch.text.trim() === '');
    if (!isSpace) text += stretch.text;
    else if (!text.endsWith(' ')) text += ' ';
  }
  return text.trim();
}
