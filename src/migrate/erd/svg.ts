import { keyOf, shown } from '../names.ts';
import type { ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../snapshot.ts';
import { type Box, HEAD, layout, LINE } from './layout.ts';
import { isOptional, isSingle } from './mermaid.ts';

const STYLE = `text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328 }
.box { fill: #ffffff; stroke: #8c959f }
.head { fill: #eaeef2; stroke: #8c959f }
.name { font-weight: 600 }
.type { fill: #656d76 }
.key { fill: #9a3412; font-size: 11px }
.link { fill: none; stroke: #57606a; stroke-width: 1.3 }
.open { stroke-dasharray: 5 3 }
.page { fill: #ffffff }`;

/**
 * The tables of a schema and their foreign keys as a picture: lines are dashed where a row may refer to none, and end in a
 * fork where many rows refer to one.
 *
 * @example
 * writeFileSync('schema.svg', erdSvg(await reflect(engine)))
 */
export function erdSvg(schema: SchemaSnapshot): string {
  const { boxes, width, height } = layout(schema);
  const places = new Map(boxes.map((box) => [keyOf(box.table), box]));
  const links = boxes.flatMap((box) =>
    box.table.foreignKeys.flatMap((key) => {
      const target = places.get(keyOf(key.target));
      return target ? [link(box, target, key)] : [];
    }),
  );
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${boxes.length} tables</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...links,
    ...boxes.map(boxSvg),
    '</svg>',
  ].join('\n')}\n`;
}

function boxSvg({ table, x, y, width, height }: Box): string {
  const rows = table.columns.map(({ name, type, nullable }, at) => {
    const base = y + HEAD + at * LINE + 18;
    const kind = `${type === '' ? 'any' : type}${nullable ? '?' : ''}`;
    return [
      `<text class="key" x="${x + 8}" y="${base}">${mark(table, name)}</text>`,
      `<text x="${x + 32}" y="${base}">${escaped(clipped(name, 30))}</text>`,
      `<text class="type" x="${x + width - 8}" y="${base}" text-anchor="end">${escaped(clipped(kind, 20))}</text>`,
    ].join('');
  });
  return [
    `<g><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`,
    `<path class="head" d="M${x} ${y + HEAD}V${y + 4}q0 -4 4 -4h${width - 8}q4 0 4 4v${HEAD - 4}z"/>`,
    `<text class="name" x="${x + 8}" y="${y + 19}">${escaped(clipped(shown(table), 48))}</text>`,
    ...rows,
    '</g>',
  ].join('\n');
}

function mark(table: TableSnapshot, name: string): string {
  if (table.primaryKey?.columns.includes(name)) return 'PK';
  return table.foreignKeys.some(({ columns }) => columns.includes(name)) ? 'FK' : '';
}

/** A line from the column that refers to the one that it leads to. */
function link(from: Box, to: Box, key: ForeignKeySnapshot): string {
  const start = { y: rowOf(from, key.columns[0]!), left: from.x, right: from.x + from.width };
  const end = { y: rowOf(to, key.references[0]!), left: to.x, right: to.x + to.width };
  const open = isOptional(from.table, key) ? ' open' : '';
  const isSingleRow = isSingle(from.table, key);
  if (from.x > to.x) return path([start.left, start.y, end.right, end.y], -1, isSingleRow, open);
  if (from.x < to.x) return path([start.right, start.y, end.left, end.y], 1, isSingleRow, open);
  // In one column: around the right side.
  const out = start.right + 34;
  const fork = isSingleRow ? '' : forkAt(start.right, start.y, 1);
  return `<path class="link${open}" d="M${start.right} ${start.y}C${out} ${start.y} ${out} ${end.y} ${end.right} ${end.y}${fork}"/>`;
}

function path(
  [x, y, toX, toY]: readonly [number, number, number, number],
  way: 1 | -1,
  isSingleRow: boolean,
  open: string,
): string {
  const bend = Math.max(Math.abs(toX - x) / 2, 30) * way;
  const fork = isSingleRow ? '' : forkAt(x, y, way);
  return `<path class="link${open}" d="M${x} ${y}C${x + bend} ${y} ${toX - bend} ${toY} ${toX} ${toY}${fork}"/>`;
}

function forkAt(x: number, y: number, way: 1 | -1): string {
  return `M${x} ${y - 5}L${x + 9 * way} ${y}L${x} ${y + 5}`;
}

function rowOf({ table, y }: Box, name: string): number {
  const at = table.columns.findIndex((column) => column.name === name);
  return y + HEAD + Math.max(at, 0) * LINE + 13;
}

function clipped(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of XML, which has no control characters. */
function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replaceAll(/[\u0000-\u001f]/g, ' ').replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign]!);
}
