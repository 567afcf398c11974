import type { UpdateParts } from '../../compiler/dialect.ts';
import { groupBy } from '../../util/group-by.ts';

/** An update and others, as one statement can do them: no row may change twice in it. */
export function together(update: UpdateParts, others: readonly UpdateParts[]): readonly UpdateParts[] {
  const own = others.filter(({ table }) => table === update.table);
  const isSet = (column: string): boolean => update.set.some(([name]) => name === column);
  const set = [...update.set, ...assignments(own).filter(([column]) => !isSet(column))];
  const beside = others.map((other) =>
    own.includes(other) ? { ...other, where: `${other.where} and not (${update.where})` } : other,
  );
  return [{ ...update, set }, ...[...groupBy(beside, ({ table }) => table).values()].map(merged)];
}

/** Several updates of one table as one. */
function merged(updates: readonly UpdateParts[]): UpdateParts {
  const [first] = updates;
  if (updates.length === 1) return first!;
  return { table: first!.table, set: assignments(updates), from: '', where: updates.map(isMeant).join(' or ') };
}

/** What each update makes of the rows that it means. */
function assignments(updates: readonly UpdateParts[]): (readonly [column: string, value: string])[] {
  const all = updates.flatMap((update) => update.set.map(([column, value]) => ({ update, column, value })));
  return [...groupBy(all, ({ column }) => column)].map(([column, cases]) => {
    const whens = cases.map(({ update, value }) => ` when ${isMeant(update)} then ${read(value, update)}`);
    return [column, `case${whens.join('')} else ${updates[0]!.table}.${column} end`] as const;
  });
}

function isMeant({ from, where }: UpdateParts): string {
  return from === '' ? `(${where})` : `exists (select 1${from} where ${where})`;
}

function read(value: string, { from, where }: UpdateParts): string {
  return from === '' ? value : `(select ${value}${from} where ${where})`;
}
