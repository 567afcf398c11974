/** The words of a name, however it joins them: `invoice_line`, `InvoiceLine`, `HTTPStatus`. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

export function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** `InvoiceLine` */
export function pascal(words: readonly string[]): string {
  return words.map(capital).join('');
}

/** `invoiceLine` */
export function camel(words: readonly string[]): string {
  const [first = '', ...rest] = words;
  return first + pascal(rest);
}

/** Words of tables whose plural follows no rule. */
const IRREGULAR: readonly (readonly [one: string, many: string])[] = [
  ['person', 'people'],
  ['child', 'children'],
];

/** `posts` → `post`, `categories` → `category`, `boxes` → `box`; other words stay. */
export function singular(word: string): string {
  const own = IRREGULAR.find(([, many]) => many === word);
  if (own) return own[0];
  if (/[^aeiou]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

export function plural(word: string): string {
  const own = IRREGULAR.find(([one]) => one === word);
  if (own) return own[1];
  if (/[^aeiou]y$/i.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/i.test(word) ? `${word}es` : `${word}s`;
}

/** A string of TypeScript. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

/** SQL in the tag that takes it as it is. */
export function sqlTag(text: string, type = ''): string {
  // A carriage return in the text of a module is read as the end of a line.
  const inner = text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${').replaceAll('\r', '\\r');
  return `sql${type}\`${inner}\``;
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** A name where a property is declared. */
export function property(name: string): string {
  return IDENTIFIER.test(name) ? name : quoted(name);
}

/** A name after an object. */
export function member(object: string, name: string): string {
  return IDENTIFIER.test(name) ? `${object}.${name}` : `${object}[${quoted(name)}]`;
}

/** Words that name no class and no constant. */
const RESERVED = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export ' +
    'extends false finally for function if implements import in instanceof interface let new null package private ' +
    'protected public return static super switch this throw true try typeof undefined var void while with yield ' +
    'Array Boolean Date Error Function JSON Map Math Model Number Object Promise Proxy Reflect RegExp Set String Symbol ' +
    'Uint8Array'
  ).split(' '),
);

/** A name of its own among those that are taken, and no word of the language. */
export function ownName(wanted: string, taken: Set<string>, suffix: string): string {
  const start = /^[\p{ID_Start}$_]/u.test(wanted) ? wanted : `_${wanted}`;
  let name = RESERVED.has(start) || taken.has(start) ? `${start}${suffix}` : start;
  for (let at = 2; taken.has(name) || RESERVED.has(name); at++) name = `${start}${suffix}${at}`;
  taken.add(name);
  return name;
}
