import { LimitExceeded } from '../errors/errors.ts';
import {
  ColumnNode,
  type Bind,
  type Expression,
  type ExpressionNode,
  type Fragment,
  type List,
  type Piece,
} from '../sql/expression.ts';
import type { LockNode } from '../sql/lock.ts';
import type { JoinNode, Output, Rewriting, SelectNode, SourceNode, StatementNode, WriteNode } from '../sql/nodes.ts';
import { piecesOf } from '../sql/tree.ts';
import type { Dialect } from './dialect.ts';
import type { AnyWrite } from './render.ts';
import type { Limits } from './statement.ts';
import { CHAIN_TERMS, labelPlace, writtenRows } from './text-parts.ts';

/** What tells apart tokens that may stand in one place: negative, as no count is. */
const COLUMN = -1;
const EXCLUDED = -2;
const SUBSELECT = -5;
const SCOPED = -6;
const LIST = -7;
const BARE = -8;
const BOUND = -9;
const ORDERED = -10;
const CHAIN = -11;
const WITHIN = -12;
const LABEL = -14;
const LOCK = -15;
const LITERAL = -16;

const KINDS = { alias: -3, derived: -4, rows: -13 };

/** Calls nest no deeper, whatever the database takes. */
const DEEPEST = 1000;

/**
 * Walks a statement as the renderer does, and notes its values and, as tokens, all that its text depends on: two statements
 * of the same tokens have the same text, and their answers are read alike.
 */
export class StructureWalk {
  declare readonly tokens: unknown[];
  /** In the order of their placeholders. */
  readonly values: (Bind | List)[] = [];
  /** Whether the values stand in the text in this order: a common table expression stands before what names it. */
  inOrder = true;
  readonly #dialect: Dialect;
  readonly #depth: number;
  readonly #rewriting: Rewriting | undefined;
  readonly #sources: SourceNode[] = [];
  readonly #described: SourceNode[] = [];
  #selects = 0;

  constructor(dialect: Dialect, limits: Limits, rewriting?: Rewriting) {
    this.tokens = [dialect];
    this.#dialect = dialect;
    this.#depth = Math.min(limits.depth, DEEPEST);
    this.#rewriting = rewriting;
  }

  /** @param pieces of a write. */
  statement(node: StatementNode, pieces: readonly Piece[]): this {
    if (node.kind === 'select') this.#select(node, 0);
    else this.#write(node, pieces);
    return this;
  }

  #select(given: SelectNode, depth: number): void {
    if (++this.#selects > DEEPEST) throw tooDeep('selects', DEEPEST);
    const node = this.#rewriting ? this.#rewriting.select(given) : given;
    const { compound, limit, offset, orderBy } = node;
    this.tokens.push(node.outputs.length, orderBy.length, node.distinct);
    if (node.lock) this.#lock(node.lock);
    this.tokens.push(limit !== undefined, offset !== undefined, compound?.selects.length);
    if (compound) this.#compound(node, depth);
    else this.#simple(node, depth);
    for (const by of orderBy) {
      this.tokens.push(by.suffix);
      if (compound) this.tokens.push(compound.result!.placeOf(by, node));
      else this.#term(by.expression, node, depth);
      this.#type(by.expression);
    }
    if (limit) this.#expression(limit, depth);
    if (offset) this.#expression(offset, depth);
    this.#selects--;
  }

  #lock({ strength, skipLocked, noWait, of }: LockNode): void {
    this.tokens.push(LOCK, strength, skipLocked, noWait, of.length);
    for (const source of of) this.tokens.push(source.kind === 'table' ? source.table : this.#place(source));
  }

  #term(expression: Expression, node: SelectNode, depth: number): void {
    const place = labelPlace(expression, node, this.#dialect);
    if (place < 0) this.#expression(expression, depth);
    else this.tokens.push(LABEL, place);
  }

  /** The outputs of a compound are those of its first select, and are read by name. */
  #compound({ outputs, compound }: SelectNode, depth: number): void {
    this.tokens.push(compound!.operator);
    for (const { name, expression } of outputs) {
      const { type, column } = expression as ColumnNode;
      this.tokens.push(name, type, column !== undefined);
    }
    for (const part of compound!.selects) this.#select(part, depth);
  }

  #simple(node: SelectNode, depth: number): void {
    const { joins, where, groupBy, having } = node;
    this.#outputs(node.outputs, depth);
    this.tokens.push(joins.length, where.length, groupBy.length, having.length);
    this.#source(node.from);
    for (const join of joins) this.#join(join);
    this.#conditions(where, depth);
    for (const by of groupBy) this.#term(by, node, depth);
    this.#conditions(having, depth);
  }

  #outputs(outputs: readonly Output[], depth: number): void {
    for (const { name, expression } of outputs) {
      this.tokens.push(name);
      this.#expression(expression, depth);
      this.#type(expression);
    }
  }

  /** How an expression is read, which a column of a table says itself. */
  #type(expression: Expression): void {
    const { type, column } = expression as ColumnNode;
    if (!column) this.tokens.push(type);
  }

  #conditions(conditions: readonly Expression[], depth: number): void {
    for (const condition of conditions) {
      if (conditions.length > 1) this.tokens.push(condition.level);
      this.#expression(condition, depth);
    }
  }

  #join({ type, source, on, within }: JoinNode): void {
    this.tokens.push(type);
    this.#source(source);
    if (within) {
      this.tokens.push(WITHIN, within.length);
      for (const join of within) this.#join(join);
    }
    this.#expression(on, 0);
  }

  #source(node: SourceNode | undefined): void {
    const { tokens } = this;
    if (!node || node.kind === 'table' || node.kind === 'view') tokens.push(node?.table);
    else if (this.#described.includes(node) && !isWrittenAgain(node)) tokens.push(this.#place(node));
    else {
      this.#described.push(node);
      tokens.push(KINDS[node.kind], this.#place(node), node.name);
      if (node.kind === 'alias') tokens.push(node.table);
      else if (node.kind === 'rows') {
        for (const name of node.columns) tokens.push(name);
        this.#list(node.list);
      } else {
        if (node.cte) this.inOrder = false;
        tokens.push(node.cte, node.recursive, node.materialized);
        this.#select(node.select, 0);
      }
    }
  }

  /** A source by the order in which the statement names them: objects made anew for each statement are alike. */
  #place(node: SourceNode): number {
    const place = this.#sources.indexOf(node);
    return place >= 0 ? place : this.#sources.push(node) - 1;
  }

  #expression(expression: Expression, depth: number): void {
    if (depth >= this.#depth) throw tooDeep('expressions', this.#depth);
    // The most by far, found fastest so.
    if (expression instanceof ColumnNode) return this.#column(expression);
    const { tokens } = this;
    const node = expression as ExpressionNode;
    switch (node.kind) {
      case 'column':
        return this.#column(node);
      case 'bind':
        tokens.push(node.bare ? BARE : BOUND, node.type);
        this.values.push(node);
        return;
      case 'list':
        return this.#list(node);
      case 'select':
        tokens.push(SUBSELECT);
        return this.#select(node.node, depth + 1);
      case 'scoped':
        tokens.push(SCOPED, node.from.kind === 'table' ? node.from.table : this.#place(node.from), node.name);
        return this.#expression(node.item, depth);
      default:
        return this.#fragment(node, depth);
    }
  }

  #column({ source, name, column }: ColumnNode): void {
    if (source === 'excluded') this.tokens.push(EXCLUDED, column);
    else if (source.kind === 'table' && column) this.tokens.push(column);
    else this.tokens.push(COLUMN, this.#place(source), source.name, name, column);
  }

  #list(node: List): void {
    const { types } = node;
    const isOne = types.every((type) => this.#dialect.codec(type).toJson);
    this.tokens.push(LIST, types.length, isOne ? 0 : writtenRows(node));
    for (const type of types) this.tokens.push(type);
    this.values.push(node);
  }

  #fragment(node: Fragment, depth: number): void {
    const { tokens } = this;
    // The text of an object of the table.
    if (node.literal) return void tokens.push(LITERAL, node.pieces[0]);
    if (node.orders) tokens.push(ORDERED, node.orders);
    if (node.chain !== undefined) {
      const pieces = piecesOf(node);
      tokens.push(CHAIN, node.chain, pieces.length);
      this.#chain(pieces, 0, (pieces.length + 1) / 2, depth);
      return;
    }
    const pieces = node.written(this.#dialect);
    tokens.push(pieces.length);
    const below = pieces.length === 1 || (pieces.length === 3 && pieces[0] === '(' && pieces[2] === ')') ? 0 : 1;
    this.#pieces(pieces, depth + below);
  }

  #pieces(pieces: readonly Piece[], depth: number): void {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.tokens.push(piece);
      else this.#expression(piece, depth);
    }
  }

  /** The terms of a chain as deep as they stand in the text: in halves while there are many, then to the left. */
  #chain(pieces: readonly Piece[], from: number, to: number, depth: number): void {
    if (to - from > CHAIN_TERMS) {
      const middle = (from + to) >> 1;
      this.#chain(pieces, from, middle, depth + 1);
      this.#chain(pieces, middle, to, depth + 1);
      return;
    }
    for (let at = from; at < to; at++)
      this.#expression(pieces[2 * at] as Expression, depth + to - Math.max(at, from + 1));
  }

  #write(node: WriteNode, pieces: readonly Piece[]): void {
    const { kind, table, returning, from, joins = [], where = [] }: AnyWrite = node;
    this.tokens.push(kind, table, returning.length, pieces.length, joins.length, where.length);
    this.#pieces(pieces, 0);
    this.#source(from);
    for (const join of joins) this.#join(join);
    this.#conditions(where, 0);
    this.#outputs(returning, 0);
  }
}

/** A common table expression is named where it stands once more, and so is a table; a subquery stands there whole. */
function isWrittenAgain(node: SourceNode): boolean {
  return node.kind === 'rows' || (node.kind === 'derived' && !node.cte);
}

function tooDeep(what: string, limit: number): Error {
  return new LimitExceeded(`a statement nests ${what} more than ${limit} deep, the limit of the database; split it up`);
}
