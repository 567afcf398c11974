import { ConfigurationError } from '../../errors/errors.ts';
import { dependents } from '../mapping/mapper.ts';
import { ChildIndex } from './sweep.ts';
import type { Change, Pending } from './work.ts';

/**
 * Refuses to change what children in memory refer to, where the database would change their keys with it: they would
 * show what is not stored.
 */
export function refuseFollowers(changes: readonly Change[], pending: Pending): void {
  const children = new ChildIndex(pending);
  const mappers = new Set(changes.map(({ state }) => state.mapper));
  const followed = [...mappers].flatMap((mapper) => dependents(mapper).filter(({ link }) => link.onUpdate));
  for (const relation of followed) {
    const { link } = relation;
    for (const { state, cells } of changes) {
      const moved = link.references.find((mapped) => cells.has(mapped));
      if (!moved || children.of(state, relation).length === 0) continue;
      throw new ConfigurationError(
        `${state.mapper.name}.${moved.attribute}: the database changes with it the ${link.holder.name} in this session (onUpdate). Change it in a session that holds none, or by update()`,
      );
    }
  }
}
