/** How names in the database follow from names in the program. */
export interface NamingStrategy {
  /** `authorId` → `author_id`. */
  column(attribute: string): string;
  /** The column of a link table that refers to `table` by `key`: `post_id`. */
  link(table: string, key: string): string;
  /** `pk_users`. */
  primaryKey(table: string): string;
  /** `uq_users_email`. */
  unique(table: string, columns: readonly string[]): string;
  /** `fk_users_org_id_orgs`. */
  foreignKey(table: string, columns: readonly string[], target: string): string;
  /** `ck_users_adult`. */
  check(table: string, rule: string): string;
  /** `ix_users_name`; `uq_users_name` for a unique index. `parts` are its columns and functions. */
  index(table: string, parts: readonly string[], unique: boolean): string;
}

/** `authorId` → `author_id`, `HTTPStatus` → `http_status`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** `posts`, `id` → `post_id`. */
export function linkColumn(table: string, key: string): string {
  return `${singular(table)}_${key}`;
}

/** `posts` → `post`, `categories` → `category`, `boxes` → `box`; other words stay. */
function singular(name: string): string {
  if (/[^aeiou]ies$/.test(name)) return `${name.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(name)) return name.slice(0, -2);
  return /[^su]s$/.test(name) ? name.slice(0, -1) : name;
}
