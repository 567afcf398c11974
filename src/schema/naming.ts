/** How names in the database follow from names in the program. */
export interface NamingStrategy {
  /** `authorId` → `author_id`. */
  column(attribute: string): string;
  /** The column of a link table that refers to `table` by `key`: `post_id`. */
  link(table: string, key: string): string;
}

/** `authorId` → `author_id`, `HTTPStatus` → `http_status`. */
function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** `posts` → `post`, `categories` → `category`, `boxes` → `box`; other words stay. */
function singular(name: string): string {
  if (/[^aeiou]ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(name)) return name.slice(0, -2);
  return /[^su]s$/.test(name) ? name.slice(0, -1) : name;
}

export const snakeCaseNaming: NamingStrategy = {
  column: snakeCase,
  link: (table, key) => `${singular(table)}_${key}`,
};
