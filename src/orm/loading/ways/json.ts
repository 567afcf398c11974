import type { Dialect } from '../../../compiler/dialect.ts';
import type { CustomCodec, SqlType } from '../../../types/sql-type.ts';
import { ATOM, ColumnNode, Fragment, SelectPart, joined, type Expression } from '../../../sql/expression.ts';
import { DialectCall, pieces, type Forms } from '../../../sql/functions/dialect-call.ts';
import type { LoadBy } from '../../../sql/loading.ts';
import type { Output, SelectNode } from '../../../sql/nodes.ts';
import { selectNode } from '../../../sql/select.ts';
import { derivedNode } from '../../../sql/source.ts';
import type { Branch, Embedded, Host, HostSelect, Strategy } from '../strategy.ts';
import { distinctRows, identityAt, innerOf, widen } from './rows.ts';
import { loadBy } from './simple.ts';

type Cells = readonly unknown[];

const JSON_ROWS: Strategy = { name: 'json', embed };

/**
 * Loads a relation as JSON in a column of the query of its parents: one statement, which reads the parents once. Best
 * where that query is dear or may not be repeated. What JSON does not carry exactly (`double()` on SQLite) is loaded as
 * it would be without.
 *
 * @example
 * session.query(User).where(sql<boolean>`random() < 0.5`).with({ posts: jsonLoad(true) })   // one trip
 */
export function jsonLoad<const W>(relations: W): LoadBy<W> {
  return loadBy(relations, JSON_ROWS);
}

function embed(branch: Branch, host: Host, dialect: Dialect): Embedded | string {
  const outer = host.select;
  if (outer.closed) return outer.closed;
  if (branch.part?.lock) return 'the part is locked';
  const { rows, tables, outputs, on } = innerOf(branch, host);
  const lost = outputs.find(({ expression: { type } }) => type && !dialect.codec(type).toJson);
  if (lost) return `JSON does not carry '${lost.name}' exactly on ${dialect.name}`;
  const { shape, ownerAt } = rows;
  const select: HostSelect = {
    node: { ...tables.node, outputs, where: [...tables.node.where, on], orderBy: tables.order(rows.order) },
    shape,
    ownerAt,
    core: undefined,
    closed: undefined,
    isJoined: false,
    place: (column) => tables.place(column),
    // Tables within go by other names than those around.
    names: outer.names,
    // One that several parents share comes with each of them, and so does what lies beyond it.
    reduce: (all) => distinctRows(all, identity),
  };
  const isBytes = outputs.map(({ expression: { type } }) => storedOn(type!, dialect.name).kind === 'bytes');
  const identity = identityAt({ shape, ownerAt });
  widen(outer, false);
  const at = outer.node.outputs.length;
  // Its place is taken at once: what is put in beside it comes after.
  outer.node = { ...outer.node, outputs: [...outer.node.outputs, { name: `rows${at}`, expression: PENDING }] };
  return {
    shape,
    ownerAt,
    host: { select, place: select.place },
    finish: () => {
      outer.names = select.names;
      const made = outer.node.outputs.map((output, index): Output =>
        index === at
          ? { name: output.name, expression: jsonOf(select.node, `json:${++outer.names}`, dialect) }
          : output,
      );
      outer.node = { ...outer.node, outputs: made };
    },
    rows: (parents) => parents.flatMap((row) => rowsOf(row[at], isBytes)),
  };
}

/** Stands where the rows are to be, until all of them are known. */
const PENDING: Expression = /* @__PURE__ */ new Fragment(['null'], undefined, ATOM);

/** The most arguments that a function takes everywhere: D1 allows 32. */
const MOST_ARGUMENTS = 30;

/** All rows of a select as one text: an array of rows, each its cells in groups. */
function jsonOf(node: SelectNode, name: string, dialect: Dialect): Expression {
  const cells = node.outputs.map(({ expression }, at) => ({ name: `c${at}`, expression: cell(expression, dialect) }));
  // An aggregate meets the rows of a subquery in its order; not every server takes an ORDER BY within the call.
  const inner = derivedNode({ ...node, outputs: cells }, name, false);
  const read = ({ name: column }: Output): Expression => new ColumnNode(inner, column, undefined);
  const groups: Expression[] = [];
  for (let at = 0; at < cells.length; at += MOST_ARGUMENTS)
    groups.push(new DialectCall('jsonLoad', ARRAY, cells.slice(at, at + MOST_ARGUMENTS).map(read), undefined));
  const row = new DialectCall('jsonLoad', ARRAY, groups, undefined);
  const all = new DialectCall('jsonLoad', GROUP, [row], undefined);
  return new Fragment(
    ['(', new SelectPart(selectNode([{ name: 'rows', expression: all }], [], { from: inner })), ')'],
    undefined,
    ATOM,
  );
}

const GROUP: Forms = {
  sqlite: (rows) => pieces`json_group_array(${rows})`,
  postgres: (rows) => pieces`cast(coalesce(json_agg(${rows}), '[]') as text)`,
};
const ARRAY: Forms = {
  sqlite: (...cells) => ['json_array(', ...joined(cells, ', '), ')'],
  postgres: (...cells) => ['json_build_array(', ...joined(cells, ', '), ')'],
};

/** A cell in the form in which the database would give it, were it alone. */
function cell(expression: Expression, { name }: Dialect): Expression {
  if (!(expression instanceof ColumnNode)) return expression;
  const type = storedOn(expression.type!, name);
  const kind = type.scaled ? 'bigint' : type.kind;
  return new DialectCall('jsonLoad', CELLS[kind] ?? CELL, [expression], undefined);
}

const CELL: Forms = { sqlite: (item) => [item], postgres: (item) => pieces`cast(${item} as text)` };
const CELLS: Readonly<Record<string, Forms>> = {
  bigint: { ...CELL, sqlite: (item) => pieces`cast(${item} as text)` },
  bytes: { ...CELL, sqlite: (item) => pieces`case when ${item} is not null then hex(${item}) end` },
  boolean: { ...CELL, postgres: (item) => pieces`left(cast(${item} as text), 1)` },
};

/** The type in which a database stores one. */
function storedOn(type: SqlType, dialect: string): SqlType {
  const { custom } = type;
  if (!custom) return type;
  const own = 'stored' in custom ? (custom as CustomCodec) : custom[dialect]!;
  // What is made of other values is text.
  return typeof own === 'function' ? type : storedOn(own.stored, dialect);
}

/** The rows of one parent. */
function rowsOf(cells: unknown, isBytes: readonly boolean[]): Cells[] {
  const rows = JSON.parse(cells as string) as readonly (readonly Cells[])[];
  return rows.map((groups) => groups.flat().map((item, at) => (isBytes[at] ? toBytes(item as string | null) : item)));
}

/** Digits, but for a database that gives bytes as text anyway. */
function toBytes(text: string | null): unknown {
  if (text === null || text.startsWith('\\x')) return text;
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(at * 2, at * 2 + 2), 16));
}
