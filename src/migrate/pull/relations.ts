import { isSame, keyOf } from '../names.ts';
import type { ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { isLink, type TableNames } from './names.ts';
import { camel, capital, plural, property, quoted, wordsOf } from './words.ts';

/** A relation of a model, as the text of its getter. */
export interface PulledRelation {
  readonly owner: string;
  readonly code: string;
  readonly imports: 'one' | 'many';
}

/** A foreign key between two models. */
interface Edge {
  readonly key: ForeignKeySnapshot;
  readonly child: TableNames;
  readonly parent: TableNames;
  /** What the child calls the parent: `author` of `author_id`. */
  readonly role: string;
  /** What tells the key from others to the same parent: the role, or the attribute where that is no name of a parent. */
  readonly by: string;
}

/** The relations of a schema: both sides of each foreign key, and of each link table. */
export function relationsOf(schema: SchemaSnapshot, names: ReadonlyMap<string, TableNames>): PulledRelation[] {
  const edges = schema.tables.flatMap((table) => edgesOf(table, names));
  const own = edges.map((edge): PulledRelation => ({
    owner: keyOf(edge.child.table),
    imports: 'one',
    code: toParent(edge),
  }));
  const others = edges.map((edge) => toChildren(edge, edges));
  const links = schema.tables.filter(isLink).flatMap((table) => linkRelations(table, names));
  return [...own, ...others, ...links];
}

function edgesOf(table: TableSnapshot, names: ReadonlyMap<string, TableNames>): Edge[] {
  const child = names.get(keyOf(table))!;
  if (!child.isModel) return [];
  return table.foreignKeys.flatMap((key): Edge[] => {
    const parent = names.get(keyOf(key.target));
    // What only the database knows, no session can follow.
    const isKnown = key.onDelete !== 'set default' && key.onUpdate !== 'set default';
    if (!parent?.isModel || !isKnown) return [];
    const role = roleOf(key, child, parent);
    const sole = key.columns.length === 1 ? child.attributes.get(key.columns[0]!)! : role;
    return [{ key, child, parent, role, by: sole.startsWith(role) ? role : sole }];
  });
}

/** `author` of `author_id` or `authorId`, where the key is the parent's `id`; else the parent's name, after the key's where there are several. */
function roleOf(key: ForeignKeySnapshot, child: TableNames, parent: TableNames): string {
  const fallback = camel(wordsOf(parent.name));
  const [column, ...more] = key.columns;
  if (more.length > 0) return fallback;
  const words = wordsOf(column!);
  const ends = [['id'], wordsOf(key.references[0]!)];
  for (const end of ends) {
    const start = words.slice(0, words.length - end.length);
    if (start.length > 0 && words.slice(start.length).join() === end.join()) return camel(start);
  }
  const attribute = child.attributes.get(column!)!;
  if (attribute === fallback) return `${fallback}Of`;
  const isSole = child.table.foreignKeys.filter(({ target }) => isSame(target, key.target)).length === 1;
  return isSole ? fallback : `${attribute}${capital(fallback)}`;
}

/** A name that no attribute and no other relation of the model has. */
function free(wanted: string, of: TableNames, other: string): string {
  let name = of.taken.has(wanted) ? other : wanted;
  for (let at = 2; of.taken.has(name); at++) name = `${other}${at}`;
  of.taken.add(name);
  return name;
}

function list(names: readonly string[]): string {
  return names.length === 1 ? quoted(names[0]!) : `[${names.map(quoted).join(', ')}]`;
}

function attributesOf({ key, child }: Edge): string[] {
  return key.columns.map((name) => child.attributes.get(name)!);
}

function toParent(edge: Edge): string {
  const { key, child, parent, role } = edge;
  const name = free(role, child, `${role}${parent.name}`);
  const { columns, primaryKey } = child.table;
  // SQLite takes NULL in most primary keys, and a model in none.
  const isNullable = key.columns.every(
    (column) => !primaryKey?.columns.includes(column) && columns.some((of) => of.name === column && of.nullable),
  );
  const nullable = isNullable ? '.nullable()' : '';
  return getter(name, `one(${parent.name}, { by: ${list(attributesOf(edge))} })${nullable}`);
}

function toChildren(edge: Edge, edges: readonly Edge[]): PulledRelation {
  const { key, child, parent, role, by } = edge;
  const { table } = child;
  const same = (columns: readonly string[]): boolean =>
    columns.toSorted().join('\0') === key.columns.toSorted().join('\0');
  const isOne = [...table.uniques, ...(table.primaryKey ? [table.primaryKey] : [])].some(({ columns }) =>
    same(columns),
  );
  const rivals = edges.filter((other) => other.child === child && other.parent === parent);
  const isPlain = rivals.length === 1 && child !== parent;
  const word = camel(wordsOf(child.name));
  const base = isOne ? word : plural(word);
  const isTree = child === parent && role === 'parent' && !isOne;
  const isOwn = isPlain || (child !== parent && role === camel(wordsOf(parent.name)));
  const wanted = isTree ? 'children' : isOwn ? base : `${base}By${capital(by)}`;
  const name = free(wanted, parent, `${base}By${capital(by)}`);
  const attributes = list(attributesOf(edge));
  const code = isOne
    ? `one(${child.name}, { inverse: ${attributes} }).nullable()`
    : `many(${child.name}, { by: ${attributes} })`;
  return { owner: keyOf(parent.table), imports: isOne ? 'one' : 'many', code: getter(name, code) };
}

function linkRelations(table: TableSnapshot, names: ReadonlyMap<string, TableNames>): PulledRelation[] {
  const link = names.get(keyOf(table))!;
  const [first, second] = table.foreignKeys;
  const ends = [first!, second!].map((key) => ({ key, model: names.get(keyOf(key.target)) }));
  if (!ends.every(({ key, model }) => model?.isModel && leadsToKey(key, model.table))) return [];
  return [
    [ends[0]!, ends[1]!],
    [ends[1]!, ends[0]!],
  ].map(([own, far]): PulledRelation => {
    const [owner, target] = [own!.model!, far!.model!];
    const isSelf = isSame(owner.table, target.table);
    const role = roleOf(far!.key, link, target);
    const base = plural(isSelf ? role : camel(wordsOf(target.name)));
    const attributes = (key: ForeignKeySnapshot): string => list(key.columns.map((name) => link.attributes.get(name)!));
    const sides = isSelf ? `, by: ${attributes(own!.key)}, inverse: ${attributes(far!.key)}` : '';
    const name = free(base, owner, `${base}Of${capital(link.name)}`);
    const code = getter(name, `many(${target.name}, { through: ${quoted(table.name)}${sides} })`);
    return { owner: keyOf(owner.table), imports: 'many', code };
  });
}

/** A link leads to the primary keys of the two. */
function leadsToKey({ references }: ForeignKeySnapshot, { primaryKey }: TableSnapshot): boolean {
  return primaryKey?.columns.join('\0') === references.join('\0');
}

function getter(name: string, code: string): string {
  return `get ${property(name)}() {\n    return ${code};\n  },`;
}
