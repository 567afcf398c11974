import { shown } from '../names.ts';
import type { SchemaSnapshot } from '../snapshot.ts';
import { findTable } from '../names.ts';
import { constraintName } from './consent.ts';
import type { Operation } from './operation.ts';
import { isSafeChange } from './type-change.ts';

/** Something that may lock a table for long, or break the version of the application that is running. */
export interface LintWarning {
  readonly rule: 'breaks' | 'locks';
  /** `users.email` */
  readonly object: string;
  readonly message: string;
  readonly remedy: string;
}

type Advice = readonly [rule: LintWarning['rule'], part: string, message: string, remedy: string];

const IN_TWO = 'expand first: add the new one, write both, fill the old rows; drop the old one in a later revision';
const LATER = 'drop it in a revision after the version that stopped using it';

/**
 * What of operations needs care while an application runs.
 *
 * @param current the schema that they start from: what they do to new tables harms nobody.
 * @example
 * lint([{ kind: 'renameColumn', table: { name: 'users' }, column: 'name', to: 'title' }], current)
 * // [{ rule: 'breaks', object: 'users.name', message: 'the running version still uses the old name', … }]
 */
export function lint(operations: readonly Operation[], current: SchemaSnapshot): LintWarning[] {
  return operations.flatMap((operation): LintWarning[] => {
    const owner =
      'table' in operation
        ? operation.table
        : 'view' in operation
          ? operation.view
          : 'enum' in operation
            ? operation.enum
            : undefined;
    if (!owner || ('table' in operation && !findTable(current, operation.table))) return [];
    const isLocking = current.dialect !== 'sqlite';
    return [...breaks(operation), ...(isLocking ? locks(operation) : rebuilds(operation))].map(
      ([rule, part, message, remedy]) => ({
        rule,
        object: part === '' ? shown(owner) : `${shown(owner)}.${part}`,
        message,
        remedy,
      }),
    );
  });
}

function breaks(operation: Operation): Advice[] {
  switch (operation.kind) {
    case 'renameTable':
      return [
        ['breaks', '', 'the running version still uses the old name', `${IN_TWO}, or leave a view of the old name`],
      ];
    case 'renameColumn':
      return [['breaks', operation.column, 'the running version still uses the old name', IN_TWO]];
    case 'dropTable':
    case 'dropView':
      return [['breaks', '', 'the running version may still read it', LATER]];
    case 'dropColumn':
      return [['breaks', operation.column.name, 'the running version still selects and writes it', LATER]];
    case 'addColumn': {
      const { nullable, default: initial, generated, identity, name } = operation.column;
      if (nullable || initial !== undefined || generated || identity) return [];
      return [
        [
          'breaks',
          name,
          'the running version inserts rows without it',
          'give it a default in the database, or make it NOT NULL later',
        ],
      ];
    }
    case 'alterColumn': {
      const { from, to } = operation;
      const advice: Advice[] = [];
      if (from.type !== to.type && !isSafeChange(from.type, to.type))
        advice.push(['breaks', from.name, 'the running version writes values of the old type', IN_TWO]);
      if (from.nullable && !to.nullable)
        advice.push([
          'breaks',
          from.name,
          'the running version may still write NULL',
          'first release the version that writes none',
        ]);
      return advice;
    }
    case 'addConstraint':
      return operation.constraint.kind === 'foreignKey'
        ? []
        : [
            [
              'breaks',
              constraintName(operation.constraint),
              'the running version may write rows that it refuses',
              'first release the version that keeps it',
            ],
          ];
    case 'alterEnum':
    case 'renameEnumLabel':
      return [['breaks', '', 'the running version may still write a label that goes', LATER]];
    default:
      return [];
  }
}

function locks(operation: Operation): Advice[] {
  switch (operation.kind) {
    case 'createIndex':
      return operation.concurrently
        ? []
        : [['locks', operation.index.name, 'writes wait until the index is built', 'create it with `concurrently`']];
    case 'alterColumn': {
      const { from, to } = operation;
      if (from.nullable && !to.nullable)
        return [
          [
            'locks',
            from.name,
            'every row is read while nobody reads or writes',
            'add a check `is not null` with `notValid`, validate it, then set NOT NULL',
          ],
        ];
      return from.type !== to.type && !isSafeChange(from.type, to.type)
        ? [['locks', from.name, 'every row is written while nobody reads or writes', IN_TWO]]
        : [];
    }
    case 'addConstraint': {
      const { constraint } = operation;
      const name = constraintName(constraint);
      if (constraint.kind === 'unique' || constraint.kind === 'primaryKey')
        return [
          [
            'locks',
            name,
            'an index is built while nobody reads or writes',
            'create a unique index with `concurrently` first',
          ],
        ];
      return constraint.notValid
        ? []
        : [
            [
              'locks',
              name,
              'every row is read while writes wait',
              'add it with `notValid`, and validate it in a later step',
            ],
          ];
    }
    default:
      return [];
  }
}

function rebuilds(operation: Operation): Advice[] {
  const isRebuilt = /^(?:alterColumn|alterTable|addConstraint|dropConstraint)$/.test(operation.kind);
  return isRebuilt
    ? [
        [
          'locks',
          '',
          'the table is made anew, and with it every row that refers to it is written again while other writers wait',
          'run it when few write, and all such changes of the table in one revision',
        ],
      ]
    : [];
}
