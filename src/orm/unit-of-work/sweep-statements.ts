import type { StatementOperation } from '../../compiler/write-plan.ts';
import { ConfigurationError } from '../../errors/errors.ts';
import type { TableColumn } from '../../schema/table.ts';
import { Bind, ColumnNode, negated, type Expression } from '../../sql/expression.ts';
import type { SelectNode, WriteNode } from '../../sql/nodes.ts';
import { recursion, selectNode } from '../../sql/select.ts';
import { setPieces } from '../../sql/write.ts';
import { columnNode, derivedNode } from '../../sql/source.ts';
import { allEqual } from '../mapping/entity-source.ts';
import { dependents, followed, type Link, type Mapper, type RelationMapping } from '../mapping/mapper.ts';
import { entityCore } from '../loading/entity-query.ts';
import { inQuery, named, within, type Parents } from '../loading/related.ts';
import { deletesChildren } from './sweep.ts';

/** The keys of children over a link that are not to go with the parents. */
export type Leaving = (link: Link) => readonly (readonly unknown[])[];

/**
 * Statements for the children of deleted parents: deleted, the deepest first, where the relation says so; else without
 * their key, where it may be NULL; else left to the database, which refuses.
 *
 * @param leaving given where the parents' rows stay, so that the database does nothing by itself.
 */
export function sweepStatements(
  relation: RelationMapping,
  parents: Parents,
  path: readonly RelationMapping[] = [],
  leaving?: Leaving,
): StatementOperation[] {
  const link = relation.link!;
  if (relation.passiveDeletes) return [];
  if (!deletesChildren(relation)) return clearKey(link, parents, leaving);
  const child = relation.target;
  if (path.includes(relation)) {
    throw new ConfigurationError(
      `${relation.owner.name}.${relation.name}: its cascade comes back to itself through other models; declare onDelete: 'cascade' on the foreign keys`,
    );
  }
  const self = [...child.relations.values()].includes(relation);
  const own = belongingTo(child, link, parents, leaving);
  const children = self ? descendants(relation, link, own) : own;
  // Those of subclasses too: their rows share the key.
  const owners: Parents = { query: children, name: `children_${path.length}` };
  const family = child.family();
  const links = new Set(family.flatMap((member) => [...member.relations.values()].filter(({ table }) => table)));
  const below = new Set(family.flatMap((member) => dependents(member).filter((next) => next !== relation)));
  const deeper = [
    ...[...links].flatMap((next) => deleteLinks(next, owners)),
    ...[...below].flatMap((next) => sweepStatements(next, owners, [...path, relation])),
  ];
  return link.onDelete === 'cascade' && !leaving ? deeper : [...deeper, deleteRows(child, children)];
}

/** The rows of a many-to-many that the database does not delete itself. */
export function deleteLinks(relation: RelationMapping, parents: Parents, stays = false): StatementOperation[] {
  const { table, ownerColumns, cascades } = relation.table!;
  if (cascades && !stays) return [];
  const condition = within(ownerColumns.map(columnNode), followed(relation), parents);
  return [statement({ kind: 'delete', table, where: [condition], returning: [], shape: [] })];
}

function clearKey(link: Link, parents: Parents, leaving?: Leaving): StatementOperation[] {
  const { emptied, onDelete } = link;
  // The database sets all of a key to NULL, those that cannot be as well.
  const isLeft = onDelete === 'set null' && !leaving && emptied.length === link.columns.length;
  if (!link.nullable || isLeft || (onDelete !== undefined && onDelete !== 'set null')) return [];
  const { table } = link.columns[0]!.column;
  const set = emptied.map(({ column }) => [column, new Bind(null, column.type, true)] as const);
  const where = belonging(table.primaryKey, link, parents, leaving);
  return [statement({ kind: 'update', written: setPieces, table, set, where, returning: [], shape: [] })];
}

function belongingTo(child: Mapper, link: Link, parents: Parents, leaving?: Leaving): SelectNode {
  const core = entityCore(child);
  const key = child.root.table.primaryKey;
  return { ...core, where: [...core.where, ...belonging(key, link, parents, leaving)] };
}

/** Whether rows, by their key, belong to the parents, and are none of those that leave them. */
function belonging(key: readonly TableColumn[], link: Link, parents: Parents, leaving?: Leaving): Expression[] {
  const columns = link.columns.map(({ column }) => columnNode(column));
  const keys = leaving?.(link);
  const all = [within(columns, link.references, parents)];
  return keys?.length ? [...all, negated(within(key.map(columnNode), link.holder.key, { keys }))] : all;
}

/** The children of the parents, their children over the same relation, and so on. */
function descendants(relation: RelationMapping, link: Link, own: SelectNode): SelectNode {
  const child = relation.target;
  const keys = child.key.map(({ column }) => columnNode(column));
  const first = { ...own, outputs: named('key', keys) };
  const tree = { ...derivedNode(first, 'tree', true, true) };
  const references = link.references.map((mapped) => {
    const at = child.key.indexOf(mapped);
    if (at < 0)
      throw new ConfigurationError(
        `${relation.owner.name}.${relation.name}: a cascade within one table follows its primary key`,
      );
    return new ColumnNode(tree, `key${at}`, mapped.type);
  });
  const core = entityCore(child);
  const next: SelectNode = {
    ...core,
    outputs: first.outputs,
    joins: [
      ...core.joins,
      {
        type: 'inner',
        source: tree,
        on: allEqual(
          link.columns.map(({ column }) => columnNode(column)),
          references,
        ),
      },
    ],
  };
  Object.assign(tree, { select: recursion(first, next) });
  const whole = selectNode(
    child.key.map((mapped, at) => ({ name: `key${at}`, expression: new ColumnNode(tree, `key${at}`, mapped.type) })),
    [],
    { from: tree },
  );
  return { ...core, where: [...core.where, inQuery(keys, whole, 'family')] };
}

function deleteRows(child: Mapper, children: SelectNode): StatementOperation {
  const { table } = child.root;
  const keys = child.key.map(({ column }) => columnNode(column));
  // Without other tables, the condition says it all; a subclass's rows are found by the key that they share.
  const where: readonly Expression[] =
    children.joins.length === 0 && child.table === table
      ? children.where
      : [
          inQuery(
            keys,
            { ...children, outputs: named('key', child.tables.at(-1)!.primaryKey.map(columnNode)) },
            'doomed',
          ),
        ];
  return statement({ kind: 'delete', table, where, returning: [], shape: [] });
}

function statement(node: WriteNode): StatementOperation {
  return { kind: 'statement', statement: node };
}
