import { ConfigurationError } from '../../errors/errors.ts';
import type { ColumnSpec } from '../../schema/column.ts';
import { foreignKeysOf, type ForeignKey } from '../../schema/foreign-key.ts';
import { linkColumn } from '../../schema/naming.ts';
import { Table, type TableColumn } from '../../schema/table.ts';
import { columnNode } from '../../sql/source.ts';
import type { RelationOptions } from '../../sql/relation.ts';
import { attributesFor, chooseKey, choices, namesOf } from './choose-key.ts';
import type { LinkTable, Mapper } from './mapper.ts';
import type { ModelInfo } from './model-info.ts';

/** The link table of a many-to-many: the one registered under that name, or one made here. */
export function linkTable(
  info: ModelInfo,
  owner: Mapper,
  target: Mapper,
  path: string,
  options: RelationOptions,
): LinkTable {
  const name = options.through!;
  const { metadata } = info.registry;
  const known = metadata.find(name, info.table.schema);
  const table = known ?? metadata.add(makeTable(info, owner, target, path, options));
  const toOwner = pick(table, owner, options.by, path, 'by');
  const toTarget = pick(
    table,
    target,
    options.inverse,
    path,
    'inverse',
    owner.root === target.root ? toOwner : undefined,
  );
  return {
    table,
    ownerColumns: toOwner.columns,
    targetColumns: toTarget.columns,
    ownerKey: attributesFor(owner, toOwner.references, path),
    targetKey: attributesFor(target, toTarget.references, path),
    cascades: toOwner.onDelete === 'cascade',
    inverse: undefined,
  };
}

/** Two cascading foreign keys, together the primary key. */
function makeTable(info: ModelInfo, owner: Mapper, target: Mapper, path: string, options: RelationOptions): Table {
  const self = owner.root === target.root;
  if (self && (options.by === undefined || options.inverse === undefined)) {
    throw new ConfigurationError(
      `${path}: a relation of a model to itself names the columns of '${options.through}': by and inverse`,
    );
  }
  const table = new Table(info.registry.metadata, options.through!, { schema: info.table.schema });
  // One order whichever side comes first, so that both sides make the same table.
  const sides = [
    { mapper: owner, names: options.by },
    { mapper: target, names: options.inverse },
  ];
  if (!self && owner.root.table.name > target.root.table.name) sides.reverse();
  const keys = sides.map(({ mapper, names }) => addSide(table, mapper, namesOf(names)));
  // The primary key serves the first side; the second is followed, and deleted, as often.
  table.indexes.push({ on: keys[1]!.map(columnNode), unique: false });
  return table;
}

function addSide(table: Table, mapper: Mapper, names: readonly string[] | undefined): TableColumn[] {
  const root = mapper.root.table;
  const { naming } = table.metadata;
  const columns = mapper.key.map(({ column }, at) => {
    const name = names?.[at] ?? naming.link?.(root.name, column.name) ?? linkColumn(root.name, column.name);
    const spec: ColumnSpec = { ...plain(column), ...(names ? {} : { name }) };
    return table.add(name, spec);
  });
  table.refer(columns, `${root.name}.${mapper.key.map(({ column }) => column.attribute).join(',')}`, {
    onDelete: 'cascade',
  });
  return columns;
}

function plain(column: TableColumn): ColumnSpec {
  const { type } = column;
  return { type, key: true, generated: false, nullable: false, unique: false, hidden: false, version: false };
}

function pick(
  table: Table,
  mapper: Mapper,
  names: string | readonly string[] | undefined,
  path: string,
  option: string,
  taken?: ForeignKey,
): ForeignKey {
  const keys = foreignKeysOf(table).filter((key) => key !== taken && key.references[0]!.table === mapper.root.table);
  const key = chooseKey(keys, namesOf(names));
  if (key) return key;
  throw new ConfigurationError(
    `${path}: the link table '${table.name}' needs one foreign key to ${mapper.name}; say which with ${option}: ${choices(keys)}`,
  );
}
