import { ConfigurationError } from '../../errors/errors.ts';
import { Table } from '../../schema/table.ts';
import type { AnyModel, SubModel } from '../../sql/model.ts';
import { readAttributes } from '../declarative/declarative-base.ts';
import { equip } from '../declarative/model-class.ts';
import { infoOf, ModelInfo } from '../mapping/model-info.ts';
import type { EntityBase } from '../state/entity.ts';
import { hierarchy } from './hierarchy.ts';

/**
 * Inheritance. Joined: the child has a table of its own, with the base's key. Single-table: `{ kind: 'dog' }` says which
 * rows of the base are children. Both: joined, with a discriminator.
 *
 * @example
 * class Admin extends extend(User, 'admins', { level: integer() }) {}
 * class Editor extends extend(User, { role: 'editor' }, { desk: text().nullable() }) {}
 */
export function extend<B extends AnyModel, const N extends string, D, const W extends object = {}>(
  base: B,
  table: N,
  attributes: D,
  rows?: W,
): SubModel<B, N, D, W>;
export function extend<B extends AnyModel & { readonly tableName: string }, const W extends object, D>(
  base: B,
  rows: W,
  attributes: D,
): SubModel<B, B['tableName'], D, W>;
export function extend(base: unknown, tableOrRows: string | object, attributes: object, rows: object = {}): unknown {
  const parent = infoOf(base, 'extend()');
  const joined = typeof tableOrRows === 'string';
  const fixed = { ...(joined ? rows : tableOrRows) };
  if (!joined && Object.keys(fixed).length === 0) {
    throw new ConfigurationError(
      `extend(${parent.name}): say which rows of '${parent.table.name}' are of the subclass, like { kind: 'dog' }`,
    );
  }
  const table = joined ? childTable(parent, tableOrRows) : parent.table;
  const { columns, relations, embedded } = readAttributes(table, attributes, !joined, parent.embedded);
  if (joined) parent.registry.metadata.add(table);
  const info = new ModelInfo({
    registry: parent.registry,
    table,
    base: parent,
    heritage: hierarchy,
    columns,
    relations,
    rows: fixed,
    embedded,
  });
  parent.registry.add(info);
  const Sub = class extends (base as new (...args: never[]) => EntityBase) {};
  equip(Sub, info);
  return Sub;
}

/** A table whose key is the base's, and refers to it. */
function childTable(parent: ModelInfo, name: string): Table {
  const { registry, table: base } = parent;
  const table = new Table(registry.metadata, name, { schema: base.schema });
  const keys = base.primaryKey.map(({ attribute, spec }) =>
    table.add(attribute, {
      type: spec.type,
      key: true,
      generated: false,
      nullable: false,
      unique: false,
      hidden: false,
      version: false,
      ...(spec.name === undefined ? {} : { name: spec.name }),
    }),
  );
  table.refer(keys, `${base.name}.${keys.map((key) => key.attribute).join(',')}`, { onDelete: 'cascade' });
  return table;
}
