import type { Schemas } from '../dialect.ts';
import { literal } from '../text/quote.ts';

/** Whether an object belongs to an extension. */
const ofExtension = (catalog: string, oid: string): string =>
  `exists (select 1 from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/** The names of the columns with these numbers, in order. */
const names = (numbers: string, table: string): string =>
  `(select json_agg(a.attname order by k.place) from unnest(${numbers}) with ordinality k(number, place)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = k.number)`;

const spaces = (schemas: Schemas): string =>
  schemas === 'all'
    ? `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
    : `n.nspname = current_schema()${schemas.map((name) => ` or n.nspname = ${literal(name)}`).join('')}`;

const COLUMNS = `select json_agg(json_build_object(
    'table', a.attrelid::bigint, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
    'notNull', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
    'default', pg_get_expr(d.adbin, d.adrelid),
    'serial', exists (select 1 from pg_depend s join pg_class q on q.oid = s.objid and q.relkind = 'S'
      where s.classid = 'pg_class'::regclass and s.refclassid = 'pg_class'::regclass
        and s.refobjid = a.attrelid and s.refobjsubid = a.attnum and s.deptype = 'a')
      and exists (select 1 from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'p' and a.attnum = any (k.conkey)),
    'collation', (select c.collname from pg_collation c where c.oid = a.attcollation and a.attcollation <> t.typcollation),
    'comment', col_description(a.attrelid, a.attnum)) order by a.attrelid, a.attnum)
  from pg_attribute a join rel on rel.oid = a.attrelid and rel.relkind in ('r', 'p')
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped`;

const CONSTRAINTS = `select json_agg(json_build_object(
    'table', c.conrelid::bigint, 'name', c.conname, 'kind', c.contype, 'columns', ${names('c.conkey', 'c.conrelid')},
    'targetSchema', nullif(tn.nspname, current_schema()), 'target', tc.relname,
    'references', ${names('c.confkey', 'c.confrelid')},
    'onDelete', c.confdeltype, 'onUpdate', c.confupdtype, 'match', c.confmatchtype,
    'deferrable', c.condeferrable, 'deferred', c.condeferred, 'valid', c.convalidated,
    'period', to_jsonb(c) -> 'conperiod', 'enforced', to_jsonb(c) -> 'conenforced',
    'expression', pg_get_expr(c.conbin, c.conrelid),
    'nullsNotDistinct', (select to_jsonb(i) ->> 'indnullsnotdistinct' = 'true' from pg_index i where i.indexrelid = c.conindid and c.contype in ('p', 'u'))
    ) order by c.oid)
  from pg_constraint c join rel on rel.oid = c.conrelid
  left join pg_class tc on tc.oid = c.confrelid left join pg_namespace tn on tn.oid = tc.relnamespace
  where c.contype in ('p', 'u', 'f', 'c') and c.conparentid = 0`;

const INDEXES = `select json_agg(json_build_object(
    'table', i.indrelid::bigint, 'name', x.relname, 'unique', i.indisunique, 'method', m.amname,
    'where', pg_get_expr(i.indpred, i.indrelid), 'nullsNotDistinct', to_jsonb(i) ->> 'indnullsnotdistinct' = 'true',
    'terms', (select json_agg(json_build_object(
        'column', a.attname, 'expression', case when a.attname is null then pg_get_indexdef(i.indexrelid, k.place, false) end,
        'option', i.indoption[k.place - 1],
        'collation', (select l.collname from pg_collation l
          where l.oid = i.indcollation[k.place - 1] and a.attname is not null and l.oid <> a.attcollation),
        'operators', (select o.opcname from pg_opclass o where o.oid = i.indclass[k.place - 1] and not o.opcdefault)
        ) order by k.place)
      from generate_series(1, i.indnkeyatts::int) k(place)
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.place - 1] and i.indkey[k.place - 1] <> 0),
    'include', (select json_agg(a.attname order by k.place)
      from generate_series(i.indnkeyatts::int + 1, i.indnatts::int) k(place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k.place - 1])
    ) order by i.indexrelid)
  from pg_index i join rel on rel.oid = i.indrelid and rel.relkind in ('r', 'p')
  join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
  where not i.indisprimary
    and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x'))`;

/** One statement, so that it is one round trip and one state of the database on every driver. */
export function reflectSql(schemas: Schemas): string {
  return `with space as (select n.oid, nullif(n.nspname, current_schema()) as name from pg_namespace n where ${spaces(schemas)}),
rel as (select c.oid, c.relname, c.relkind, space.name as schema from pg_class c join space on space.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and not ${ofExtension('pg_class', 'c.oid')})
select json_build_object(
'defaultSchema', current_schema(),
'schemas', (select json_agg(name order by name) from space where name is not null),
'tables', (select json_agg(json_build_object('id', oid::bigint, 'schema', schema, 'name', relname, 'kind', relkind,
    'comment', obj_description(oid, 'pg_class')) order by oid) from rel where relkind in ('r', 'p')),
'columns', (${COLUMNS}),
'constraints', (${CONSTRAINTS}),
'indexes', (${INDEXES}),
'enums', (select json_agg(json_build_object('schema', space.name, 'name', t.typname,
    'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
    'comment', obj_description(t.oid, 'pg_type')) order by t.oid)
  from pg_type t join space on space.oid = t.typnamespace where t.typtype = 'e' and not ${ofExtension('pg_type', 't.oid')}),
'views', (select json_agg(json_build_object('schema', schema, 'name', relname, 'query', pg_get_viewdef(oid),
    'materialized', relkind = 'm', 'comment', obj_description(oid, 'pg_class')) order by oid) from rel where relkind in ('v', 'm')),
'triggers', (select json_agg(json_build_object('table', g.tgrelid::bigint, 'name', g.tgname, 'sql', pg_get_triggerdef(g.oid)) order by g.oid)
  from pg_trigger g join rel on rel.oid = g.tgrelid where not g.tgisinternal)
)::text`;
}
