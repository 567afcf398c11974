import { constant } from '../compiler/constant.ts';
import { declaredType, query } from '../compiler/ddl.ts';
import type { Dialect } from '../compiler/dialect.ts';
import { planCreate } from '../compiler/schema-plan.ts';
import type {
  GeneratedKey,
  ColumnDefinition,
  ForeignKeyDefinition,
  IndexDefinition,
  QualifiedName,
  TableDefinition,
} from '../schema/definition.ts';
import type { MetaData } from '../schema/metadata.ts';
import { ColumnNode, expressionOf, orderOf } from '../sql/expression.ts';
import type { SelectNode } from '../sql/nodes.ts';
import { rulesOf } from './diff/rules.ts';
import { defined, keyOf } from './names.ts';
import type {
  ColumnSnapshot,
  ForeignKeySnapshot,
  IndexSnapshot,
  ObjectName,
  SchemaSnapshot,
  TableSnapshot,
} from './snapshot.ts';

/**
 * The schema that a metadata says, as one database is to have it. No I/O.
 *
 * @example
 * const wanted = snapshotOf(Model.metadata, sqliteDialect)
 * wanted.tables[0].columns[0] // { name: 'id', type: 'integer', nullable: false, identity: 'default' }
 * @throws ConfigurationError that lists every mistake in the schema, as `createAll` does.
 */
export function snapshotOf(metadata: MetaData, dialect: Dialect): SchemaSnapshot {
  const changes = planCreate(metadata, dialect);
  const migrations = rulesOf(dialect);
  const tables = new Map<string, TableSnapshot>();
  const change = (of: ObjectName, by: (table: TableSnapshot) => Partial<TableSnapshot>): void => {
    const table = tables.get(keyOf(of))!;
    tables.set(keyOf(of), { ...table, ...by(table) });
  };
  for (const step of changes) {
    if (step.kind === 'createTable') tables.set(keyOf(named(step.table)), tableSnapshot(step.table, dialect));
    if (step.kind === 'createIndex') {
      const { schema, table } = step.index;
      const index = indexSnapshot(step.index, dialect);
      change(named({ schema, name: table }), ({ indexes }) => ({ indexes: [...indexes, index] }));
    }
    if (step.kind === 'addForeignKey') {
      const key = foreignKeySnapshot(step.key);
      change(named(step.table), ({ foreignKeys }) => ({ foreignKeys: [...foreignKeys, key] }));
    }
  }
  const enums = changes.flatMap((step) =>
    step.kind === 'createEnum' ? [{ ...named(step.enum), labels: step.enum.labels }] : [],
  );
  const views = changes.flatMap((step) => {
    if (step.kind !== 'createView') return [];
    const { columns } = step.view;
    return [{ ...named(step.view), columns, query: query(step.view.query as SelectNode, dialect) }];
  });
  const made = [...tables.values()].map((table) => migrations.settled(table));
  const schemas = new Set(
    [...enums, ...made, ...views].flatMap(({ schema }) => (schema === undefined ? [] : [schema])),
  );
  return { dialect: dialect.name, schemas: [...schemas], tables: made, enums, views };
}

function named({ schema, name }: QualifiedName): ObjectName {
  return schema === undefined ? { name } : { schema, name };
}

function tableSnapshot(table: TableDefinition, dialect: Dialect): TableSnapshot {
  const { primaryKey, uniques, checks, strict, withoutRowid, comment } = table;
  const { tableOptions, comments } = dialect.ddl;
  return {
    ...named(table),
    columns: table.columns.map((column) => columnSnapshot(column, dialect)),
    ...(primaryKey && { primaryKey }),
    uniques,
    foreignKeys: table.foreignKeys.map(foreignKeySnapshot),
    checks: checks.map(({ name, condition }) => ({
      name,
      expression: constant(expressionOf(condition, name), dialect),
    })),
    indexes: [],
    ...(strict && tableOptions.strict && { strict: true }),
    ...(withoutRowid && tableOptions.withoutRowid && { withoutRowid: true }),
    ...(comment !== undefined && comments && { comment }),
  };
}

function columnSnapshot(column: ColumnDefinition, dialect: Dialect): ColumnSnapshot {
  const { name, type, nullable, identity, computed, collation, comment } = column;
  const text = (of: Parameters<typeof expressionOf>[0]): string => constant(expressionOf(of, name), dialect);
  // A kind of key that is written as the plain one is, is none of its own.
  const written = (kind: GeneratedKey): string => dialect.ddl.generatedKey('', kind, '');
  const isPlain = !identity || identity === 'plain' || written(identity) === written('plain');
  return defined({
    name,
    type: declaredType(type, dialect),
    nullable: nullable && !identity,
    default: column.default && text(column.default),
    identity: identity && (isPlain ? ('default' as const) : identity),
    generated: computed && { expression: text(computed.expression), stored: computed.stored },
    collation,
    comment: dialect.ddl.comments ? comment : undefined,
  });
}

function foreignKeySnapshot(key: ForeignKeyDefinition): ForeignKeySnapshot {
  const { onDelete, onUpdate, ...rest } = key;
  return {
    ...rest,
    target: named(key.target),
    ...(onDelete && onDelete !== 'no action' && { onDelete }),
    ...(onUpdate && onUpdate !== 'no action' && { onUpdate }),
  };
}

function indexSnapshot(index: IndexDefinition, dialect: Dialect): IndexSnapshot {
  const { name, unique, where, method, include, nullsNotDistinct } = index;
  const on = index.on.map((by) => {
    const { expression, descending, nulls } = orderOf(by);
    const text = constant(expression, dialect);
    return defined({
      ...(expression instanceof ColumnNode ? { column: expression.name } : { expression: text }),
      descending: descending ? (true as const) : undefined,
      nulls,
    });
  });
  return defined({
    name,
    on,
    unique: unique ? (true as const) : undefined,
    where: where && constant(expressionOf(where, name), dialect),
    method: method === 'btree' ? undefined : method,
    include,
    nullsNotDistinct,
  });
}
