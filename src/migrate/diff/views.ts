import { isSame } from '../names.ts';
import type { Operation } from '../operations/operation.ts';
import type { SchemaSnapshot, ViewSnapshot } from '../snapshot.ts';
import { canonical, mentions } from '../text/tokens.ts';

/** Views that change go first and come back last, with those that read them. */
export function viewDifference(
  from: SchemaSnapshot,
  to: SchemaSnapshot,
): { dropped: Operation[]; created: Operation[] } {
  const going = new Set(
    from.views.filter((view) => !to.views.some((other) => isSame(other, view) && isSameView(other, view))),
  );
  for (const view of from.views) {
    if ([...going].some((other) => other !== view && mentions(view.query, other.name))) going.add(view);
  }
  const dropped = from.views.filter((view) => going.has(view)).toReversed();
  const stays = (view: ViewSnapshot): boolean => from.views.some((other) => isSame(other, view) && !going.has(other));
  return {
    dropped: dropped.map((view): Operation => ({ kind: 'dropView', view })),
    created: to.views.filter((view) => !stays(view)).map((view): Operation => ({ kind: 'createView', view })),
  };
}

function isSameView(left: ViewSnapshot, right: ViewSnapshot): boolean {
  const columns = left.columns && right.columns;
  return (
    canonical(left.query) === canonical(right.query) &&
    left.materialized === right.materialized &&
    (!columns || left.columns.join('\0') === right.columns.join('\0'))
  );
}
