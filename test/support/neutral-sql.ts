// The texts of SQL that tests expect are SQLite's. Where a test runs on another database too, they are the same but for what
// each dialect writes in its own way: parameters and their types, lists, and how a value is read.

const TYPE = '(?:::(?:double precision|[a-z]+)(?:\\(\\d+, \\d+\\))?)?';

const RULES: readonly (readonly [pattern: RegExp, put: string])[] = [
  [/\$(\d+)/g, '?$1'],
  [new RegExp(`\\?(\\d+)::text${TYPE}`, 'g'), '?$1'],
  [/ escape ''/g, ''],
  [/cast\(\?(\d+) as (?:integer|real|text)\)/g, '?$1'],
  // A list: one parameter, or each value its own where JSON cannot carry it.
  [/select value from json_each\(\?\d+\)|(?<= in \()(?:\?\d+, \?\d+|select null where false)(?=\))/g, 'list'],
  [
    new RegExp(
      `select \\(?value ->> 0\\)?${TYPE} from json_array_elements\\(\\?\\d+(?:::json)?\\) as rows\\(value\\)`,
      'g',
    ),
    'list',
  ],
  // SQLite gives large integers as text.
  [/cast\(((?:sum|max|min)?\(?"\w+"\."\w+"\)?(?: \+ \?\d+)?) as text\)/g, '$1'],
];

/** The text without what each dialect writes in its own way. */
export function neutral(sql: string): string {
  return RULES.reduce((text, [pattern, put]) => text.replaceAll(pattern, put), sql);
}

/** For `expect.addEqualityTesters`: two texts that say the same in two dialects are equal. */
export function sameSql(one: unknown, other: unknown): boolean | undefined {
  if (typeof one !== 'string' || typeof other !== 'string' || one === other) return undefined;
  return neutral(one) === neutral(other) ? true : undefined;
}
