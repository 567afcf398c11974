import type { Operation } from '../migrate/operations/operation.ts';
import type { ObjectName } from '../migrate/snapshot.ts';
import { colors } from './ui.ts';

/** What an operation is about: `users.email`, `index ix_users_email`. */
export function objectOf(operation: Operation): string {
  switch (operation.kind) {
    case 'createTable':
    case 'dropTable':
    case 'renameTable':
    case 'alterTable':
      return `table ${nameOf(operation.table)}`;
    case 'addColumn':
    case 'dropColumn':
      return `column ${nameOf(operation.table)}.${operation.column.name}`;
    case 'alterColumn':
      return `column ${nameOf(operation.table)}.${operation.from.name}`;
    case 'renameColumn':
      return `column ${nameOf(operation.table)}.${operation.column}`;
    case 'addConstraint':
    case 'dropConstraint':
    case 'renameConstraint': {
      const { constraint, table } = operation;
      const over = constraint.kind === 'check' ? constraint.expression : constraint.columns.join(', ');
      return `${KINDS[constraint.kind]} ${constraint.name ?? `(${over})`} of ${nameOf(table)}`;
    }
    case 'createIndex':
    case 'dropIndex':
      return `index ${operation.index.name} of ${nameOf(operation.table)}`;
    case 'createView':
    case 'dropView':
      return `view ${nameOf(operation.view)}`;
    case 'setComment':
      return `comment of ${nameOf(operation.table)}${operation.column === undefined ? '' : `.${operation.column}`}`;
    default:
      return otherOf(operation);
  }
}

type Other = Extract<Operation, { kind: 'createSchema' | 'dropSchema' | 'sql' | `${string}Enum${string}` }>;

function otherOf(operation: Other): string {
  if (operation.kind === 'sql') return 'SQL';
  if (operation.kind === 'createSchema' || operation.kind === 'dropSchema') return `schema ${operation.name}`;
  return `enum ${nameOf(operation.enum)}`;
}

const KINDS = { primaryKey: 'primary key', unique: 'unique', foreignKey: 'foreign key', check: 'check' } as const;

function nameOf({ schema, name }: ObjectName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** What an operation does to its object, in a word. */
export function effectOf({ kind }: Operation): 'add' | 'drop' | 'change' {
  if (/^(?:create|add)/.test(kind)) return 'add';
  return kind.startsWith('drop') ? 'drop' : 'change';
}

/** One line for a person. */
export function describeOperation(operation: Operation): string {
  const [sign, color] = {
    add: ['+', colors.green] as const,
    drop: ['-', colors.red] as const,
    change: ['~', colors.yellow] as const,
  }[effectOf(operation)];
  return color(`${sign} ${objectOf(operation)}${detailOf(operation)}`);
}

function detailOf(operation: Operation): string {
  switch (operation.kind) {
    case 'addColumn':
      return `: ${operation.column.type}${operation.column.nullable ? '' : ' not null'}`;
    case 'renameTable':
    case 'renameColumn':
    case 'renameConstraint':
    case 'renameEnum':
      return ` → ${operation.to}`;
    case 'alterColumn': {
      const { from, to } = operation;
      const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])] as (keyof typeof from)[];
      const changed = keys.filter((key) => JSON.stringify(from[key]) !== JSON.stringify(to[key]));
      return `: ${changed.map((key) => `${key} ${shown(from[key])} → ${shown(to[key])}`).join(', ')}`;
    }
    case 'addEnumLabel':
      return `: label ${operation.label}`;
    default:
      return '';
  }
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
