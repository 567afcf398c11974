import type { Revision } from '../migrate/revisions/revision.ts';

/** A line of the picture: what is drawn, and the revision that it is about. */
export interface HistoryLine {
  readonly drawn: string;
  readonly revision: Revision | undefined;
}

/**
 * Revisions as a graph of lanes, the newest first: branches run side by side, and join where they began.
 *
 * @param ordered each after its parents.
 */
export function drawHistory(ordered: readonly Revision[], markOf: (revision: Revision) => string): HistoryLine[] {
  const lines: HistoryLine[] = [];
  /** The revision that each lane leads to. */
  let lanes: (string | undefined)[] = [];
  const draw = (cells: readonly string[], revision?: Revision): void => {
    lines.push({ drawn: cells.join('').trimEnd(), revision });
  };
  for (const revision of ordered.toReversed()) {
    let at = lanes.indexOf(revision.id);
    if (at < 0) at = lanes.push(revision.id) - 1;
    const joining = lanes.flatMap((id, lane) => (id === revision.id && lane !== at ? [lane] : []));
    if (joining.length > 0) {
      draw(branchCells(lanes, at, joining, ['├', '┴', '╯']));
      lanes = lanes.map((id, lane) => (joining.includes(lane) ? undefined : id));
      lanes = trimmed(lanes);
    }
    draw(
      lanes.map((id, lane) => (lane === at ? `${markOf(revision)} ` : id === undefined ? '  ' : '│ ')),
      revision,
    );
    const [first, ...others] = revision.parents;
    lanes[at] = first;
    const opened: number[] = [];
    for (const parent of others) {
      const free = lanes.findIndex((id, lane) => id === undefined && lane > at);
      const lane = free < 0 ? lanes.push(undefined) - 1 : free;
      lanes[lane] = parent;
      opened.push(lane);
    }
    if (opened.length > 0) draw(branchCells(lanes, at, opened, ['├', '┬', '╮']));
    lanes = trimmed(lanes);
  }
  return lines;
}

/** A row in which lanes leave another, or come back to it. */
function branchCells(
  lanes: readonly (string | undefined)[],
  from: number,
  to: readonly number[],
  [start, middle, end]: readonly [string, string, string],
): string[] {
  const last = Math.max(...to);
  return lanes.map((id, lane) => {
    if (lane === from) return `${start}─`;
    if (lane > from && lane < last) return `${to.includes(lane) ? middle : id === undefined ? '─' : '┼'}─`;
    if (lane === last) return `${end} `;
    return id === undefined ? '  ' : '│ ';
  });
}

function trimmed(lanes: readonly (string | undefined)[]): (string | undefined)[] {
  const end = lanes.findLastIndex((id) => id !== undefined);
  return lanes.slice(0, end + 1);
}
