import {
  alias,
  count,
  deleteFrom,
  declarativeBase,
  exists,
  index,
  insert,
  integer,
  many,
  recursive,
  select,
  sql,
  table,
  text,
  union,
  update,
  view,
} from 'cinnabar';
import { sqliteDialect } from '../../../src/dialect/sqlite/index.ts';
import { createAllSql, ddl, renderDdl } from '../../../src/engine/schema.ts';
import { MetaData } from '../../../src/schema/metadata.ts';
import { untyped } from './shop.ts';
import { textOf } from './text-of.ts';

/** Texts of DDL and of statements in which a name stands. */
export interface Texts {
  /** Run on an engine before the statements are prepared. */
  readonly ddl: readonly string[];
  readonly statements: readonly string[];
  readonly drop: readonly string[];
  /** A database to attach by this name before. */
  readonly attach?: string;
}

const ddlOf = (metadata: MetaData): Pick<Texts, 'ddl' | 'drop'> => ({
  ddl: createAllSql(metadata, sqliteDialect),
  drop: renderDdl(
    ddl(metadata)
      .flatMap((change) => (change.kind === 'createTable' ? [{ kind: 'dropTable', table: change.table } as const] : []))
      .toReversed(),
    sqliteDialect,
  ),
});

const other = table('other_table', { id: integer().primaryKey(), n: integer(), note: text().nullable() });
const made = ddlOf(other.metadata);
const onOther = (...statements: unknown[]): Texts => ({ ...made, statements: statements.map(textOf) });

/** One column of a subquery whose columns no type knows. */
const column = (source: { c: object }, name: string): typeof other.c.n =>
  (source.c as Record<string, typeof other.c.n>)[name]!;

/** Every place of a statement where a name of the program may stand, as a function of the name. */
export const positions: Readonly<Record<string, (name: string) => Texts>> = {
  'a table': (name) => {
    const t = table(name, { id: integer().primaryKey(), n: integer() });
    return {
      ...ddlOf(t.metadata),
      statements: [
        select({ id: t.c.id }).from(t).where(t.c.n.eq(1)),
        insert(t).values({ n: 1 }),
        update(t)
          .set({ n: t.c.n.plus(1) })
          .where(t.c.id.eq(1)),
        deleteFrom(t).where(exists(select({ id: other.c.id }).where(other.c.id.eq(t.c.id)))),
      ]
        .slice(0, 3)
        .map(textOf),
    };
  },
  'a schema': (name) => {
    const t = table('other_in_schema', { id: integer().primaryKey(), n: integer() }, { schema: name });
    return {
      attach: name,
      ...ddlOf(t.metadata),
      statements: [select({ id: t.c.id }).from(t), insert(t).values({ n: 1 }), deleteFrom(t).where(t.c.n.eq(1))].map(
        textOf,
      ),
    };
  },
  'a column': (name) => {
    const t = table('other_columns', { id: integer().primaryKey(), n: integer().named(name), m: integer() });
    const part = select({ n: t.c.n }).subquery('other_part');
    return {
      ...ddlOf(t.metadata),
      statements: [
        select({ id: t.c.id })
          .from(t)
          .where(t.c.n.in([1, 2]))
          .groupBy(t.c.n)
          .orderBy(t.c.n.desc()),
        select({ n: part.c.n }).from(part),
        insert(t).values({ n: 1, m: 2 }),
        update(t).set({ n: t.c.m }).where(t.c.n.isNull()),
      ].map(textOf),
    };
  },
  'a key': (name) => {
    const t = table('other_keys', {
      a: integer().primaryKey({ generated: false }).named(name),
      b: text().primaryKey(),
    });
    return { ...ddlOf(t.metadata), statements: [select({ a: t.c.a }).from(t).where(t.c.a.eq(1))].map(textOf) };
  },
  'a table that a key refers to': (name) => {
    const metadata = new MetaData();
    const up = table(name, { id: integer().primaryKey() }, { metadata });
    // A point in the name of a table would end it there: such a target is given by its columns.
    const t = table('other_child', { id: integer().primaryKey(), upId: integer() }, { metadata });
    void up;
    metadata.tables[1]!.refer([metadata.tables[1]!.columns[1]!], `${name}.id`, {});
    return { ...ddlOf(metadata), statements: [select({ id: t.c.id }).from(t)].map(textOf) };
  },
  'a column that a key refers to': (name) => {
    const metadata = new MetaData();
    table('other_parent', { id: integer().primaryKey({ generated: false }).named(name) }, { metadata });
    const t = table(
      'other_child',
      { id: integer().primaryKey(), upId: integer().references('other_parent.id') },
      { metadata },
    );
    return { ...ddlOf(metadata), statements: [select({ id: t.c.id }).from(t)].map(textOf) };
  },
  'an alias': (name) => {
    const a = alias(other as never, name) as unknown as typeof other;
    return onOther(
      select({ id: a.c.id }).from(a).where(a.c.n.gt(1)),
      select({ id: other.c.id, n: a.c.n }).from(other).leftJoin(a, a.c.id.eq(other.c.n)),
      select({ id: other.c.id })
        .from(other)
        .where(exists(select({ n: a.c.n }).from(a).where(a.c.n.eq(other.c.id)))),
    );
  },
  'a subquery': (name) => {
    const part = select({ n: other.c.n }).subquery(name);
    return onOther(
      select({ n: part.c.n }).from(part).where(part.c.n.gt(1)),
      select({ n: part.c.n }).from(other).innerJoin(part, part.c.n.eq(other.c.id)),
    );
  },
  'a common table expression': (name) => {
    const part = select({ n: other.c.n }).cte(name);
    return onOther(select({ n: part.c.n }).from(part).where(part.c.n.gt(1)));
  },
  'a recursive one, and its column': (name) => {
    const start = select({ [name]: other.c.id }).where(other.c.id.eq(1));
    const tree = recursive(name, start, (self) =>
      select({ [name]: other.c.id })
        .from(other)
        .innerJoin(self, column(self, name).eq(other.c.n)),
    );
    return onOther(select({ [name]: column(tree, name) }).from(tree));
  },
  'a label': (name) => onOther(select({ [name]: sql`1 + ${1}`, other_label: other.c.n }).from(other)),
  'a label of an aggregate': (name) =>
    onOther(
      select({ [name]: count() })
        .from(other)
        .groupBy(other.c.n),
    ),
  'a label of RETURNING': (name) =>
    onOther(
      insert(other)
        .values({ n: 1 })
        .returning({ [name]: other.c.n.plus(1) }),
    ),
  'a label within, and its uses': (name) => {
    const part = select({ [name]: other.c.n.plus(1) }).subquery('other_part');
    const inner = column(part, name);
    return onOther(
      select({ n: inner }).from(part).where(inner.gt(1)).groupBy(inner).orderBy(inner.asc()),
      select({ n: inner }).from(part).orderBy(inner.desc().nullsLast()),
    );
  },
  'a label of a union': (name) => {
    const both = union(select({ [name]: other.c.id }), select({ [name]: other.c.n }));
    const part = both.subquery('other_part');
    return onOther(select({ n: column(part, name) }).from(part));
  },
  'what a conflict is about': (name) => {
    const t = table('other_upsert', { id: integer().primaryKey({ generated: false }).named(name), n: integer() });
    return {
      ...ddlOf(t.metadata),
      statements: [
        insert(t).values({ id: 1, n: 2 }).onConflict('id').ignore(),
        insert(t)
          .values({ id: 1, n: 2 })
          .onConflict('id')
          .update((excluded) => ({ id: excluded.id, n: excluded.n.plus(1) })),
      ].map(textOf),
    };
  },
  'the columns of an INSERT from a select': (name) => {
    const t = table('other_into', { id: integer().primaryKey(), n: integer().named(name) });
    return { ...ddlOf(t.metadata), statements: [insert(t).from(select({ n: t.c.n }).from(t))].map(textOf) };
  },
  'an index': (name) => {
    const t = table('other_indexed', { id: integer().primaryKey(), n: integer(), m: integer().named('other_m') });
    const schema = t.metadata.tables[0]!;
    schema.indexes.push({ on: [t.c.n], unique: false, name }, { on: [t.c.m], unique: true, where: t.c.n.gt(1) });
    return { ...ddlOf(t.metadata), statements: [] };
  },
  'the column of an index and of its condition': (name) => {
    const Model = declarativeBase();
    Model('other_indexed', { id: integer().primaryKey(), n: integer().named(name) }).constrain((c) => ({
      indexes: [index(c.n.desc()).where(c.n.gt(5))],
    }));
    return { ...ddlOf(Model.metadata), statements: [] };
  },
  'a constraint, and its column': (name) => {
    const Model = declarativeBase();
    Model('other_checked', { id: integer().primaryKey(), n: integer().named(name) }).constrain((c) => ({
      checks: { [name]: c.n.gt(5) },
    }));
    return { ...ddlOf(Model.metadata), statements: [] };
  },
  'a view': (name) => {
    const metadata = new MetaData();
    const seen = view(name, select({ n: other.c.n }).where(other.c.n.gt(1)), { metadata });
    return {
      ddl: [...made.ddl, ...createAllSql(metadata, sqliteDialect)],
      statements: [select({ n: seen.c.n }).from(seen).where(seen.c.n.lt(5))].map(textOf),
      drop: [`drop view ${sqliteDialect.quote(name)}`, ...made.drop],
    };
  },
  'sql.identifier()': (name) => {
    const part = select({ [name]: other.c.n.plus(1) }).subquery(name);
    return onOther(select({ n: sql`1 + ${sql.identifier(name, name)}` }).from(part));
  },
  'named constraints': (name) => {
    const t = table('other_named', {
      id: integer().primaryKey(),
      n: integer().check((c) => untyped(c['n']).gt(1), name),
      upId: integer()
        .nullable()
        .references('other_named.id', { name: `fk ${name}` }),
    });
    return { ...ddlOf(t.metadata), statements: [] };
  },
  'a link table': (name) => {
    const Model = declarativeBase();
    class One extends Model('other_ones', {
      id: integer().primaryKey(),
      get links() {
        return many(One, { through: name, by: 'otherOne', inverse: 'otherTwo' });
      },
    }) {}
    Model.register(One);
    const statement = textOf(select({ id: One.c.id }).from(One).where(One.c.links.some()));
    Model.metadata.complete();
    return { ...ddlOf(Model.metadata), statements: [statement] };
  },
};
