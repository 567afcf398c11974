import { findTable, nameOf } from '../names.ts';
import type { Operation, StepLock } from '../operations/operation.ts';
import { isSafeChange, typeParts } from '../operations/type-change.ts';
import type { ColumnSnapshot, ObjectName, SchemaSnapshot } from '../snapshot.ts';

const exclusive = (table: ObjectName, scans: boolean): StepLock => ({
  table: nameOf(table),
  mode: 'access exclusive',
  blocks: 'reads and writes',
  scans,
});

/** The locks that an operation takes on tables that are there already. */
export function locksOf(operation: Operation, schema: SchemaSnapshot): StepLock[] {
  if (operation.kind === 'createTable') {
    return operation.table.foreignKeys
      .filter(({ target }) => findTable(schema, target))
      .map(({ target }) => shared(target, false));
  }
  if (!('table' in operation)) return [];
  const table = operation.table;
  switch (operation.kind) {
    case 'addColumn':
      return [exclusive(table, operation.fill !== undefined || rewrites(operation.column))];
    case 'alterColumn': {
      const { from, to } = operation;
      const isRewritten = from.type !== to.type && !isRelabelled(from.type, to.type);
      return [exclusive(table, isRewritten || (from.nullable && !to.nullable) || to.generated !== undefined)];
    }
    case 'addConstraint': {
      const { constraint } = operation;
      if (constraint.kind !== 'foreignKey')
        return [exclusive(table, constraint.kind !== 'check' || !constraint.notValid)];
      return [shared(table, !constraint.notValid), shared(constraint.target, false)];
    }
    case 'createIndex':
    case 'dropIndex':
      return [indexLock(operation)];
    case 'setComment':
      return [{ table: nameOf(table), mode: 'share update exclusive', blocks: 'schema changes', scans: false }];
    case 'alterTable':
      return [];
    default:
      return [exclusive(table, false)];
  }
}

function shared(table: ObjectName, scans: boolean): StepLock {
  return { table: nameOf(table), mode: 'share row exclusive', blocks: 'writes', scans };
}

function indexLock(operation: Extract<Operation, { kind: 'createIndex' | 'dropIndex' }>): StepLock {
  const table = nameOf(operation.table);
  if (operation.concurrently) return { table, mode: 'share update exclusive', blocks: 'schema changes', scans: true };
  if (operation.kind === 'dropIndex') return exclusive(table, false);
  return { table, mode: 'share', blocks: 'writes', scans: true };
}

/** A default that is computed for each row is written to each row. */
function rewrites({ default: initial = '', generated, identity }: ColumnSnapshot): boolean {
  return (
    generated?.stored === true ||
    identity !== undefined ||
    /\b(?:random|gen_random_uuid|clock_timestamp|nextval)\b/i.test(initial)
  );
}

/** Whether the stored values stay as they are. */
function isRelabelled(from: string, to: string): boolean {
  const text = /^(?:text|character varying)$/;
  return isSafeChange(from, to) && text.test(typeParts(from).name) && text.test(typeParts(to).name);
}
