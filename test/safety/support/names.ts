import type { Random } from './random.ts';

const KEYWORDS =
  'select from where table order by group values update delete insert drop null true false rowid oid _rowid_ main temp sqlite_master excluded returning default constraint index primary key check unique references cast as on conflict do nothing set with recursive union all and or not in is between like escape case when then else end exists limit offset __proto__ constructor toString hasOwnProperty valueOf then toJSON'.split(
    ' ',
  );

/** What ends a quote, opens a comment, ends a statement or stands for a parameter, in this database or another. */
const SIGNS = [
  ...Array.from(`"'\`[]();,.-/*\\%_?:$@#!&|~<>=+{}^ \t\n\r\v\f`),
  '""',
  "''",
  '--',
  '/*',
  '*/',
  '";',
  '"."',
  '")',
  '?1',
  ':x',
  '${x}',
  '%s',
  '\\"',
  '\u0001',
  '\u001a',
  '\u00a0',
  '\u0301',
  '\u200b',
  '\u2018',
  '\u2028',
  '\uff02',
  '\uff07',
  '\ufeff',
  '\uffff',
  'ü',
  'İ',
  'ß',
  '😀',
];

/** What no database can have as a name, and has to be refused before there is any text. */
const IMPOSSIBLE = ['\0', '\ud800', '\udfff'];

/** A name made by chance: of signs, of characters of all Unicode, of keywords, or long. One in thirty is impossible. */
export function anyName(random: Random): string {
  const sign = (): string => (random.chance(0.7) ? random.pick(SIGNS) : random.pick('abcABC019'.split('')));
  const made = ((): string => {
    switch (random.below(8)) {
      case 0:
        return random.pick(KEYWORDS);
      case 1:
        return random.pick(KEYWORDS).toUpperCase() + sign() + random.pick(KEYWORDS);
      case 2:
        return random.list(1 + random.below(30), () => String.fromCodePoint(anyCharacter(random))).join('');
      case 3:
        return random.chance(0.02) ? sign().repeat(5000) : sign().repeat(1 + random.below(40));
      default:
        return random.list(1 + random.below(12), sign).join('');
    }
  })();
  // The tables around the name have columns of one letter, and `id` and `note`.
  if (/^(?:\w|id|note)$/.test(made)) return `${made}${made}${made}`;
  if (!random.chance(1 / 30)) return made;
  const at = random.below(made.length + 1);
  return random.chance(0.2) ? '' : made.slice(0, at) + random.pick(IMPOSSIBLE) + made.slice(at);
}

function anyCharacter(random: Random): number {
  const point = random.chance(0.5) ? 1 + random.below(0x2ff) : 1 + random.below(0x10ffff);
  return point >= 0xd800 && point <= 0xdfff ? 0x41 : point;
}

/** Whether a database of the family can have it as a name. */
export function isName(name: string): boolean {
  return name !== '' && !name.includes('\0') && name.isWellFormed();
}
