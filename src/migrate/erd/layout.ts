import { topologicalGroups } from '../../util/topological.ts';
import { isSame, keyOf } from '../names.ts';
import type { SchemaSnapshot, TableSnapshot } from '../snapshot.ts';

/** A table as a box. */
export interface Box {
  readonly table: TableSnapshot;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const LINE = 20;
export const HEAD = 28;
const CHARACTER = 7.4;
const GAP = { x: 90, y: 36 };
const MARGIN = 24;
/** How high a column of boxes may become before a second one stands beside it. */
const HIGHEST = 1100;

/** Boxes in columns: each table to the right of those that it refers to, and near the middle of them. */
export function layout({ tables }: SchemaSnapshot): { boxes: readonly Box[]; width: number; height: number } {
  const columns = columnsOf(tables);
  const placed = new Map<string, Box>();
  let x = MARGIN;
  for (const column of columns) {
    const sorted = column.toSorted((one, other) => middle(one, placed) - middle(other, placed));
    const width = Math.max(...sorted.map(widthOf));
    let y = MARGIN;
    for (const table of sorted) {
      const height = HEAD + table.columns.length * LINE + 8;
      placed.set(keyOf(table), { table, x, y, width, height });
      y += height + GAP.y;
    }
    x += width + GAP.x;
  }
  const boxes = [...placed.values()];
  const bottom = Math.max(0, ...boxes.map(({ y, height }) => y + height));
  return { boxes, width: Math.max(x - GAP.x, 0) + MARGIN + 40, height: bottom + MARGIN };
}

function columnsOf(tables: readonly TableSnapshot[]): TableSnapshot[][] {
  const depths = new Map<TableSnapshot, number>();
  const referred = (table: TableSnapshot): TableSnapshot[] =>
    tables.filter((other) => other !== table && table.foreignKeys.some(({ target }) => isSame(target, other)));
  for (const group of topologicalGroups(tables, referred)) {
    const above = group.flatMap(referred).map((table) => depths.get(table) ?? -1);
    const depth = Math.max(-1, ...above) + 1;
    group.forEach((table, at) => depths.set(table, depth + at));
  }
  // As far to the right as those that refer to it let it: a line over several columns runs behind the boxes between.
  for (const [table, depth] of [...depths].toSorted(([, one], [, other]) => other - one)) {
    const below = tables.filter((other) => referred(other).includes(table)).map((other) => depths.get(other)!);
    if (below.length > 0) depths.set(table, Math.max(depth, Math.min(...below) - 1));
  }
  const columns: TableSnapshot[][] = [];
  for (const [table, depth] of depths) (columns[depth] ??= []).push(table);
  return columns.filter(Boolean).flatMap(split);
}

/** A column that is too high, as several. */
function split(column: readonly TableSnapshot[]): TableSnapshot[][] {
  const parts: TableSnapshot[][] = [[]];
  let height = 0;
  for (const table of column) {
    const own = HEAD + table.columns.length * LINE + GAP.y;
    if (height > 0 && height + own > HIGHEST) {
      parts.push([]);
      height = 0;
    }
    parts.at(-1)!.push(table);
    height += own;
  }
  return parts;
}

/** Where the tables that one refers to stand, on average; below those that refer to some where it refers to none. */
function middle(table: TableSnapshot, placed: ReadonlyMap<string, Box>): number {
  const boxes = table.foreignKeys.flatMap(({ target }) => placed.get(keyOf(target)) ?? []);
  if (boxes.length === 0) return Number.MAX_SAFE_INTEGER;
  return boxes.reduce((sum, { y, height }) => sum + y + height / 2, 0) / boxes.length;
}

function widthOf(table: TableSnapshot): number {
  const lines = [table.name.length + 4, ...table.columns.map(({ name, type }) => name.length + type.length + 10)];
  return Math.min(Math.ceil(Math.max(...lines) * CHARACTER) + 20, 420);
}
